/**
 * A method is a recipe: which stages lead from text to one model. It is written over `MethodStages`, which makes
 * each stage once for all methods that share it.
 */
import type { Stage } from '../pipeline/stage.ts';
import type { ModelName } from './experiment-plan.ts';
import type { FineTuningRequest } from './stages/fine-tune.ts';

/** One point of an experiment's grid. */
export interface Point {
  readonly seed: number;
  /** Number of the pretraining budget, 0 being the smallest. */
  readonly budget: number;
  readonly domainTokens: number | 'all';
}

export interface MethodStages {
  pretrain(model: ModelName, seed: number, budget: number): Stage;
  fineTune(request: FineTuningRequest): Stage;
}

export interface Method {
  readonly id: string;
  /** For people, for example `small, pretrained`. */
  readonly title: string;
  /** The model that is served in the end. */
  readonly model: ModelName;
  /** The model before it has seen the domain; absent when there is no pretraining. */
  before?(stages: MethodStages, point: Point): Stage;
  /** The specialised model. */
  after(stages: MethodStages, point: Point): Stage;
}
