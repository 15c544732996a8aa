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

/** `all 336k in-domain tokens`, `2k in-domain tokens`; `tokens` are what was counted. */
export function sizeInWords(size: InDomainSize, tokens: number): string {
  return `${size === 'all' ? 'all ' : ''}${formatCompact(tokens)} in-domain tokens`;
}

const order = (size: InDomainSize): number => (size === 'all' ? Number.POSITIVE_INFINITY : size);
