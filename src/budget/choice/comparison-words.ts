/** How two measured points differ, in words: by how much, within which interval, and on what that rests. */
import { formatPlural, formatRange } from '../../common/format.ts';
import type { DrawnParts } from '../../common/resampling.ts';
import { joinWords } from '../../common/words.ts';
import type { Spread } from '../measured-point.ts';
import { type Comparison, LEAST_UNITS, SEED_SPREAD } from './verdict.ts';

/**
 * Of the first point to the second, which is named: `3.4 % lower than slm, 90 % interval 1.2 to 5.5 %`; of an average also how
 * far its domains differ: `, on single domains 0.8 % higher to 9.7 % lower`.
 */
export function differenceInWords(comparison: Comparison, second: string): string {
  return `${averageInWords(comparison, second)}${domainsInWords(comparison)}`;
}

function averageInWords({ ratio, low, high }: Comparison, second: string): string {
  const [at, from, to] = [ratio, low, high].map(shareOf);
  if (from < 0 && to > 0) {
    return `${directed(at, percentage)} than ${second}, 90 % interval ${directed(from, percentage)} to ${directed(to, percentage)}`;
  }
  const format = tellingApart(from, to);
  const interval = formatRange(at < 0 ? to : from, at < 0 ? from : to, format);
  return `${directed(at, format)} than ${second}, 90 % interval ${interval} %`;
}

function domainsInWords({ domains }: Comparison): string {
  if (domains === undefined) return '';
  const shares = domains.map(({ ratio }) => shareOf(ratio));
  const [least, most] = [Math.min(...shares), Math.max(...shares)];
  return `, on single domains ${directed(least, percentage)} to ${directed(most, percentage)}`;
}

/** By which share of the second point's perplexity the first is lower. */
const shareOf = (ratio: number): number => 1 - 1 / ratio;

/** `over 21 held-out documents and 5 seeds`; of an average, `over 4,282 windows of few held-out documents of 4 domains and 5 seeds`. */
export function basisOfComparison({ unit, units, seeds, domains }: Comparison): string {
  const few = units < LEAST_UNITS ? ` (only ${units} of one)` : '';
  const text =
    domains === undefined
      ? heldOutInWords([{ unit, units }])
      : `${heldOutInWords(domains)} of ${formatPlural(domains.length, 'domain')}${few}`;
  return `over ${text} and ${formatPlural(seeds, 'seed')}${spreadInWords(seeds)}`;
}

/** Whose spread over seeds the interval has; nothing where it is at least half that of these seeds. */
function spreadInWords(seeds: number): string {
  if (seeds - 1 >= SEED_SPREAD.degreesOfFreedom) return '';
  return ` (the spread over seeds is ${seeds === 1 ? '' : 'mostly '}that of other experiments)`;
}

/**
 * All of them together; a domain of few documents is drawn by windows, beside others that are drawn by documents. That they are
 * few is said, since windows of one document are alike.
 */
function heldOutInWords(parts: readonly DrawnParts[]): string {
  const total = (unit: DrawnParts['unit']): number =>
    parts.reduce((sum, one) => sum + (one.unit === unit ? one.units : 0), 0);
  const [documents, windows] = [total('documents'), total('windows')];
  return joinWords([
    ...(documents > 0 ? [formatPlural(documents, 'held-out document')] : []),
    ...(windows > 0 ? [`${formatPlural(windows, 'window')} of few held-out documents`] : []),
  ]);
}

/** `17.10 to 17.55 over 3 seeds`. */
export function rangeOverSeeds({ min, max, n }: Spread, format: (value: number) => string): string {
  return n === 1
    ? '1 seed, spread over seeds unknown'
    : `${formatRange(min, max, format)} over ${formatPlural(n, 'seed')}`;
}

type Format = (share: number) => string;

function directed(share: number, format: Format): string {
  return `${format(share)} % ${share < 0 ? 'higher' : 'lower'}`;
}

/** A share as a percentage without its sign: `3.4`, `21`. */
function percentage(share: number): string {
  const value = Math.abs(100 * share);
  return value.toFixed(value < 9.95 ? 1 : 0);
}

/** Ends of an interval that print alike to so many decimals are the same but for rounding. */
const MOST_DECIMALS = 3;

/** Percentages to as many decimals as tell two ends of an interval apart; to one where they are the same. */
function tellingApart(from: number, to: number): Format {
  const finer = Array.from(
    { length: MOST_DECIMALS },
    (_, i): Format =>
      (share) =>
        Math.abs(100 * share).toFixed(i + 1),
  );
  return [percentage, ...finer].find((format) => format(from) !== format(to)) ?? finer[0];
}
