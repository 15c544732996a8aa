/**
 * Comparing methods at equal cost. The paper reads perplexities between measured points off straight lines
 * (appendix B, table 8: "interpolated"); here the lines are straight in log perplexity over log cost, and nothing is
 * read off beyond the measured points.
 */

export interface CostedPerplexity {
  readonly cost: number;
  readonly perplexity: number;
}

/** The points that no other beats in cost and perplexity both, ascending in cost; of equal points the first. */
export function paretoFront<T>(points: readonly T[], read: (point: T) => CostedPerplexity): readonly T[] {
  const ordered = points
    .map((point) => ({ point, ...read(point) }))
    .sort((a, b) => a.cost - b.cost || a.perplexity - b.perplexity);
  let lowest = Number.POSITIVE_INFINITY;
  return ordered.flatMap(({ point, perplexity }) => {
    if (perplexity >= lowest) return [];
    lowest = perplexity;
    return [point];
  });
}

/** On the straight line through two points in log perplexity over log cost; costs are positive and differ. */
export function interpolateLog(a: CostedPerplexity, b: CostedPerplexity, cost: number): number {
  const share = Math.log(cost / a.cost) / Math.log(b.cost / a.cost);
  return Math.exp((1 - share) * Math.log(a.perplexity) + share * Math.log(b.perplexity));
}
