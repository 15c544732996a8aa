/** The one in-domain set that an answer is for: all methods are compared with the same. */
import { geometricMean } from '../../common/means.ts';
import { type InDomainSize, sizeOf, sizesOf } from '../in-domain-size.ts';
import type { MeasuredPoint } from '../measured-point.ts';

export interface Target {
  readonly tokens: number;
  /** Where it is one that was measured. */
  readonly size?: InDomainSize;
}

/** What is at hand is taken as a measured size when it differs by less: people write `2k` for 2,048. */
const NEAR_SIZE = 0.05;

/** Whether so much in-domain text is beyond the set that the answer is for. */
export function isBeyond(atHand: number, { tokens }: Target): boolean {
  return atHand > tokens * (1 + NEAR_SIZE);
}

/**
 * The largest measured size, or the one for an amount at hand (more than the largest counts as the largest), and then
 * the smaller ones that were measured, falling.
 */
export function targetsOf(points: readonly MeasuredPoint[], atHand: number | undefined): readonly Target[] {
  const tuned = points.filter(isTuned);
  const sizes = sizesOf(tuned).map((size) => ({ size, tokens: tokensOf(tuned, size) }));
  const first = targetOf(sizes, atHand);
  return [first, ...sizes.filter(({ tokens }) => tokens < first.tokens).reverse()];
}

function targetOf(sizes: readonly Target[], atHand: number | undefined): Target {
  const largest = sizes.at(-1);
  if (largest === undefined) return { tokens: atHand ?? 0 };
  if (atHand === undefined || atHand >= largest.tokens) return largest;
  const distance = ({ tokens }: Target): number => Math.abs(tokens - atHand);
  const [nearest] = [...sizes].sort((a, b) => distance(a) - distance(b));
  return distance(nearest) <= NEAR_SIZE * nearest.tokens ? nearest : { tokens: atHand };
}

export const isTuned = ({ domainTokens }: MeasuredPoint): boolean => domainTokens > 0;

/** The geometric mean of the tokens of fine-tuned points at a size. */
export function tokensOf(tuned: readonly MeasuredPoint[], size: InDomainSize): number {
  const sets = tuned.filter((point) => sizeOf(point) === size).map(({ domainTokens }) => domainTokens);
  return Math.round(geometricMean(sets));
}
