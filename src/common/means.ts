/** Means, each value counting alike or by its weight. Weights need not sum to 1. */

export function mean(values: readonly number[], weights?: readonly number[]): number {
  if (weights === undefined) return values.reduce((sum, value) => sum + value, 0) / values.length;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return values.reduce((sum, value, i) => sum + weights[i] * value, 0) / total;
}

/** Of positive values. */
export function geometricMean(values: readonly number[], weights?: readonly number[]): number {
  return Math.exp(mean(values.map(Math.log), weights));
}
