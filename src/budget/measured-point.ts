/**
 * What this floor needs to know of a measurement: one method at one point of its budgets, over its seeds, on one
 * domain or as an average of several. The experiment's own measurements are turned into these above.
 */

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
  /** Held-out perplexity per token. */
  readonly perplexity: Spread;
}
