/**
 * What this floor needs to know of a measurement: one method at one point of its budgets, over its seeds, on one
 * domain or as an average of several. The experiment's own measurements are turned into these above.
 */

import type { Resampling } from '../common/resampling.ts';

/** A quantity over seeds. */
export interface Spread {
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly n: number;
}

/** Cost of a point: what a newcomer would pay who starts with nothing. Units are in the names. */
export interface PointCost {
  readonly genericFlops: number;
  readonly genericSeconds: number;
  readonly specializationFlops: number;
  readonly specializationSeconds: number;
}

export interface MeasuredPoint extends PointCost {
  readonly method: string;
  /** Tokens of pretraining; 0 without. */
  readonly pretrainingTokens: number;
  /** In-domain training tokens; 0 before fine-tuning. */
  readonly domainTokens: number;
  /** The in-domain set as it was asked for: for fine-tuning, or before it for choosing generic text; absent where the
   * model has seen none. Equal requests are one size, though the texts of two domains differ in length. */
  readonly requestedDomainTokens?: number | 'all';
  /** Held-out perplexity per token: what is reported. */
  readonly perplexity: Spread;
  /** Perplexity per token on the validation split: what methods and budgets are chosen by. */
  readonly validation: Spread;
  readonly seeds: readonly SeedOutcome[];
}

/** One seed's held-out result. */
export interface SeedOutcome {
  readonly seed: number;
  /** Mean negative log-likelihood a token. */
  readonly nats: number;
  readonly resampling: Resampling;
}
