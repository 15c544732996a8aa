/** Who computes the stages of a run: this process (`runStage`), or the jobs of a cluster. */
import { type RunOptions, runStage } from './runner.ts';
import type { Stage } from './stage.ts';
import type { StageEvent } from './stage-event.ts';

/** What computing a stage is predicted to need. */
export interface StageNeed {
  readonly seconds: number;
  readonly bytes: number;
}

export interface StageExecutor {
  /** False where the time of stages is given: then it is not worth measuring. */
  readonly asksForTime: boolean;
  /** Told what will be asked for next, inputs before what is made from them, as far as that is known. */
  expect(stages: readonly Stage[], needOf: (stage: Stage) => StageNeed): Promise<void>;
  /** Resolves when the artifact of the stage is in the store. Throws what `runStage` throws. */
  compute(stage: Stage, onEvent: (event: StageEvent) => void): Promise<void>;
  /** After a failure or a stop: nothing of it goes on. */
  abandon(): Promise<void>;
}

/** Computes in this process, one stage after the other. */
export function executorHere(options: Omit<RunOptions, 'onEvent'>): StageExecutor {
  return {
    asksForTime: false,
    expect: async () => undefined,
    compute: async (stage, onEvent) => void (await runStage(stage, { ...options, onEvent })),
    abandon: async () => undefined,
  };
}
