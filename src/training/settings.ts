/** What a training is asked for, what it tells while it goes on, and what it ends with. */

import type { ModelSize } from '../common/model-size.ts';
import { type Flops, flops } from '../common/units.ts';
import type { EvaluationBatches } from '../corpus/windows/evaluation-batches.ts';
import type { Engine, HostTensor } from '../engines/engine.ts';
import type { Parameterization } from '../models/parameterization.ts';
import { trainingFlopsPerToken } from '../models/size.ts';
import type { TrainingProgress } from './checkpoint.ts';
import { updateFlops } from './optimizers/optimizer.ts';
import { optimizers, type Recipe } from './recipe.ts';
import type { Schedule } from './schedule.ts';
import type { Objective } from './step.ts';
import type { Ending, StoppingSettings } from './stopping.ts';
import type { StreamSource } from './stream.ts';

export interface TrainingSettings {
  readonly size: ModelSize;
  readonly weights: Parameterization;
  /** What is minimized; the next-token loss unless said otherwise. */
  readonly losses?: Objective;
  /** What a token costs forward and backward; that of the plain model unless said otherwise. */
  readonly flopsPerToken?: Flops;
  readonly recipe: Recipe;
  readonly schedule: Schedule;
  /** The step to stop at, or with validation the cap. */
  readonly steps: number;
  /** Rows of a full context in each batch, and the parts that it is computed in. */
  readonly rows: number;
  readonly microBatches: number;
  readonly stream: StreamSource;
  readonly validation?: ValidationSettings;
}

/** Floating-point operations of one step: the products of its batch, forward and backward, and of the optimizer. */
export function flopsPerStep(settings: TrainingSettings): Flops {
  const { size, weights, recipe, rows, flopsPerToken = trainingFlopsPerToken(size) } = settings;
  return flops(rows * size.context * flopsPerToken + updateFlops(weights.trainable, optimizers(recipe)));
}

/** Early stopping on the validation split (stopping.ts); the best weights are kept. */
export interface ValidationSettings extends StoppingSettings {
  readonly batches: EvaluationBatches;
  readonly everySteps: number;
  /** A loss that is no number ends the training and is no error: others are tried too. */
  readonly mayDiverge?: boolean;
}

export interface TrainingEnvironment {
  readonly engine: Engine;
  /** Where the checkpoint lies while training goes on. */
  readonly scratch: string;
  readonly signal: AbortSignal;
  onProgress(report: TrainingReport): void;
  /** Seconds between checkpoints. */
  readonly checkpointSeconds?: number;
  /** Where the last step's checkpoint is written, for a training that goes on from it. */
  readonly lastCheckpoint?: string;
}

export interface TrainingReport {
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly validationLoss: number | undefined;
  readonly tokensPerSecond: number;
  /** Seen up to this step, those of the checkpoint that was started from included. */
  readonly tokens: number;
  /** Spent by this training, without what it started from. */
  readonly spent: { readonly tokens: number; readonly flops: number; readonly seconds: number };
}

export interface TrainingResult {
  readonly progress: TrainingProgress;
  /** The trained tensors with the lowest validation loss, or of the last step without validation. */
  readonly best: Readonly<Record<string, HostTensor>>;
  readonly bestStep: number;
  /** Absent where there is no validation: such a training ends at its last step. */
  readonly ending?: Ending;
  /** In place of `ending`, where a training may diverge. */
  readonly diverged?: boolean;
}
