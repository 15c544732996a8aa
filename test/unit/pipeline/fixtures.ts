/** Small stages and a store in a temporary folder. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Cost } from '../../../src/budget/ledger.ts';
import { flops, seconds, tokens } from '../../../src/common/units.ts';
import { type RunOptions, runStage } from '../../../src/pipeline/runner.ts';
import type { Stage, StageContext } from '../../../src/pipeline/stage.ts';
import type { StageEvent } from '../../../src/pipeline/stage-event.ts';
import { ArtifactStore } from '../../../src/pipeline/store.ts';

export interface Bench {
  readonly store: ArtifactStore;
  /** `label state` of each event, progress left out. */
  readonly told: string[];
  readonly events: StageEvent[];
  readonly options: RunOptions;
  readonly run: (stage: Stage) => ReturnType<typeof runStage>;
}

export function bench(t: TestContext, signal = new AbortController().signal): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'parlance-store-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const storage = join(folder, 'storage');
  mkdirSync(storage);
  const store = new ArtifactStore(storage);
  const told: string[] = [];
  const events: StageEvent[] = [];
  const onEvent = (event: StageEvent) => {
    events.push(event);
    if (event.state !== 'progress') told.push(`${event.label} ${event.state}`);
  };
  const options = { store, signal, onEvent };
  return { store, told, events, options, run: (stage) => runStage(stage, options) };
}

export function cost(flopCount: number): Cost {
  return { flops: flops(flopCount), seconds: seconds(0), tokens: tokens(1) };
}

/** A stage that writes its label and books one unit of work, unless told to run something else. */
export function stage(label: string, more: Partial<Stage> = {}): Stage {
  return {
    kind: 'test',
    label,
    subject: label,
    version: 1,
    parameters: { label },
    places: null,
    inputs: {},
    booking: 'generic',
    run: async (context: StageContext) => {
      writeFileSync(join(context.directory, 'label.txt'), label);
      context.book(cost(1));
    },
    ...more,
  };
}
