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

/**
 * The perplexity of one method at a cost, between its measured points; `undefined` outside them. Where two points
 * cost the same the lower perplexity counts.
 */
export function perplexityAtCost(points: readonly CostedPerplexity[], cost: number): number | undefined {
  const ordered = [...points].sort((a, b) => a.cost - b.cost || b.perplexity - a.perplexity);
  const exact = ordered.findLast((point) => point.cost === cost);
  if (exact !== undefined) return exact.perplexity;
  const after = ordered.findIndex((point) => point.cost > cost);
  if (after < 1 || ordered[after - 1].cost <= 0) return undefined;
  return interpolateLog(ordered[after - 1], ordered[after], cost);
}

/** On the straight line through two points in log perplexity over log cost; costs are positive and differ. */
export function interpolateLog(a: CostedPerplexity, b: CostedPerplexity, cost: number): number {
  const share = Math.log(cost / a.cost) / Math.log(b.cost / a.cost);
  return Math.exp((1 - share) * Math.log(a.perplexity) + share * Math.log(b.perplexity));
}
