/** The two summaries that results are made of. */

/** The middle value; of an even number of values the mean of the middle two. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('There is no median of no values.');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The first of the points, in their order, whose perplexity is at or below the target. */
export function firstReaching<Point extends { readonly perplexity: number }>(
  points: readonly Point[],
  target: number,
): Point | undefined {
  return points.find(({ perplexity }) => perplexity <= target);
}
