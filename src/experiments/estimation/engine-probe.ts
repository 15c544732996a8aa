/**
 * The process that tries an engine: a driver that crashes takes nothing else down. It reads what to do from its standard
 * input, one JSON object, and writes one JSON object on the last line of its standard output. engine-choice.ts starts it.
 */
import { readFileSync } from 'node:fs';
import { env } from 'onnxruntime-node';
import { ParlanceError } from '../../common/errors.ts';
import type { Engine } from '../../engines/engine.ts';
import { type EngineName, loadEngine } from '../../engines/names.ts';
import { add, input } from '../../graph/build.ts';
import type { ExperimentPlan, ModelName } from '../../methods/experiment-plan.ts';
import { type Calibration, calibrate } from './calibration.ts';

export interface ProbeRequest {
  readonly engine: EngineName;
  readonly threads: number;
  /** `identify` opens the device and logs all; `measure` trains a few steps of a model. */
  readonly task:
    | { readonly kind: 'identify' }
    | { readonly kind: 'measure'; readonly plan: ExperimentPlan; readonly model: ModelName };
}

export type ProbeReply =
  | {
      readonly works: true;
      readonly version: string;
      readonly device: string;
      readonly accelerated?: boolean;
      readonly measured?: Calibration;
    }
  | { readonly works: false; readonly reason: string; readonly mend: string };

async function probe({ engine: name, threads, task }: ProbeRequest): Promise<ProbeReply> {
  if (task.kind === 'identify') env.logLevel = 'verbose';
  const engine = (await loadEngine(name, threads)).engine();
  const { version, device, accelerated } = engine.device;
  if (task.kind === 'identify') await open(engine);
  const measured = task.kind === 'measure' ? await calibrate(task.plan, task.model, engine) : undefined;
  return { works: true, version, device, accelerated, measured };
}

/** The smallest program there is. */
async function open(engine: Engine): Promise<void> {
  const sum = add(input('x', [1], 'batch'), 1);
  const executable = await engine.compile({ name: 'first sum', updates: {}, metrics: { sum } });
  await executable.step(engine.createState({}), { x: Float32Array.of(1) });
}

const request: ProbeRequest = JSON.parse(readFileSync(0, 'utf8'));
const reply = await probe(request).catch((error: unknown): ProbeReply => {
  const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
  return { works: false, reason, mend: error instanceof ParlanceError ? error.hint : '' };
});
// Drivers have been seen to crash when they are unloaded; what was found is reported before that.
process.stdout.write(`\n${JSON.stringify(reply)}\n`, () => process.exit(0));
