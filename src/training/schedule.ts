/**
 * Learning-rate schedules as a factor from 0 to 1: linear warm-up, a stable phase, linear decay to zero
 * (warm-up-stable-decay, Hu et al. 2024). The stable phase of one run serves every pretraining budget: a branch
 * decays from each of its checkpoints, where a cosine would need a run of its own for each budget.
 */
export interface Schedule {
  /** Steps over which the rate rises from zero. */
  readonly warmupSteps: number;
  /** The step at which the rate begins to fall. */
  readonly stableUntil: number;
  /** The step at which it has reached zero; equal to `stableUntil` for no decay. */
  readonly end: number;
}

/** The factor for a step counted from 1. */
export function rateAt({ warmupSteps, stableUntil, end }: Schedule, step: number): number {
  const warmup = warmupSteps > 0 ? Math.min(1, step / warmupSteps) : 1;
  if (step <= stableUntil) return warmup;
  return warmup * Math.max(0, (end - step + 1) / (end - stableUntil + 1));
}
