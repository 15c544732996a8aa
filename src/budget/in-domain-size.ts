/**
 * In-domain sizes as an experiment asks for them. Equal requests are one size, though two domains, or the sets that two
 * seeds draw, differ in length. All the text there is counts as the largest.
 */
import { formatCompact } from '../common/format.ts';
import type { MeasuredPoint } from './measured-point.ts';

export type InDomainSize = number | 'all';

type Sized = Pick<MeasuredPoint, 'domainTokens' | 'requestedDomainTokens'>;

/** The size of a fine-tuned point. */
export function sizeOf({ requestedDomainTokens, domainTokens }: Sized): InDomainSize {
  return requestedDomainTokens ?? domainTokens;
}

/** The sizes of fine-tuned points, rising, `all` last. */
export function sizesOf(tuned: readonly Sized[]): readonly InDomainSize[] {
  return [...new Set(tuned.map(sizeOf))].sort((a, b) => order(a) - order(b));
}

/**
 * `all 336k in-domain tokens`, `2k in-domain tokens`; `tokens` are what was counted. All the text of several domains is
 * none of theirs but the geometric mean, and is said to be.
 */
export function sizeInWords(
  size: InDomainSize,
  tokens: number,
  of: 'domain' | 'macro average' = 'domain',
): string {
  const words = `${formatCompact(tokens)} in-domain tokens`;
  if (size !== 'all') return words;
  return of === 'domain' ? `all ${words}` : `all ${words} (geometric mean of the domains)`;
}

/** What was asked for, where nothing was counted: `all in-domain text`, `2k in-domain tokens`. */
export function requestInWords(size: InDomainSize): string {
  return size === 'all' ? 'all in-domain text' : `${formatCompact(size)} in-domain tokens`;
}

/**
 * What follows `before fine-tuning` where an in-domain set decided which model it is, by the text, the expert or the
 * projection that was chosen: `, selection by 2k in-domain tokens`. Nothing without a set.
 */
export function selectionInWords(set: InDomainSize | undefined): string {
  return set === undefined ? '' : `, selection by ${requestInWords(set)}`;
}

const order = (size: InDomainSize): number => (size === 'all' ? Number.POSITIVE_INFINITY : size);
