/**
 * A stage with checkpoints whose work can be counted from outside: each step it computes adds one line to a trace
 * file, which is no part of its parameters. The artifact is the same however often it was interrupted.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Booking } from '../../../src/budget/ledger.ts';
import { readTextIfThere, writeFileAtomic } from '../../../src/common/files.ts';
import { flops, seconds, tokens } from '../../../src/common/units.ts';
import type { Stage } from '../../../src/pipeline/stage.ts';

export interface CountingStage {
  readonly name: string;
  readonly steps: number;
  readonly stepMs: number;
  readonly trace: string;
  readonly inputs?: Readonly<Record<string, Stage>>;
  readonly booking?: Booking;
  /** Bytes that the artifact gets with each step. */
  readonly stepBytes?: number;
}

export function countingStage(options: CountingStage): Stage {
  const { name, steps, stepMs, trace, inputs = {}, booking = 'generic', stepBytes = 8 } = options;
  return {
    kind: 'count',
    label: name,
    subject: name,
    version: 1,
    parameters: { name, steps, stepBytes },
    places: null,
    inputs,
    booking,
    async run(context) {
      const checkpoint = join(context.scratch, 'step');
      const first = Number((await readTextIfThere(checkpoint)) ?? 0);
      for (let step = first; step < steps; step++) {
        context.signal.throwIfAborted();
        if (stepMs > 0) await sleep(stepMs);
        const data = String(step).padEnd(stepBytes, '.');
        await writeFileAtomic(join(context.directory, 'steps', `${step}.txt`), data);
        appendFileSync(trace, `${name} ${step} ${process.pid}\n`);
        await writeFileAtomic(checkpoint, String(step + 1));
        context.book({ flops: flops(100), seconds: seconds(0), tokens: tokens(1) });
        context.progress({ fraction: (step + 1) / steps, message: `step ${step + 1}` });
      }
    },
  };
}
