/** How two measured points differ, in words: by how much, within which interval, and on what that rests. */
import { formatPlural, formatRange } from '../../common/format.ts';
import type { Spread } from '../measured-point.ts';
import type { Comparison } from './verdict.ts';

/** Of the first point to the second, which is named: `3.4 % lower than slm, 90 % interval 1.2 to 5.5 %`. */
export function differenceInWords({ ratio, low, high }: Comparison, second: string): string {
  const [at, from, to] = [ratio, low, high].map((one) => 1 - 1 / one);
  const interval =
    from >= 0 || to <= 0
      ? `${formatRange(at < 0 ? to : from, at < 0 ? from : to, number)} %`
      : `${directed(from)} to ${directed(to)}`;
  return `${directed(at)} than ${second}, 90 % interval ${interval}`;
}

/** `over 21 held-out documents and 2 seeds`. */
export function basisOfComparison({ unit, units, seeds }: Comparison): string {
  const text =
    unit === 'documents'
      ? formatPlural(units, 'held-out document')
      : `${formatPlural(units, 'window')} of held-out text`;
  return `over ${text} and ${seeds === 1 ? '1 seed, so that the spread over seeds is unknown' : formatPlural(seeds, 'seed')}`;
}

/** `17.10 to 17.55 over 3 seeds`. */
export function rangeOverSeeds({ min, max, n }: Spread, format: (value: number) => string): string {
  return n === 1
    ? '1 seed, spread over seeds unknown'
    : `${formatRange(min, max, format)} over ${formatPlural(n, 'seed')}`;
}

function directed(share: number): string {
  return `${percent(share)} ${share < 0 ? 'higher' : 'lower'}`;
}

function percent(share: number): string {
  return `${number(share)} %`;
}

function number(share: number): string {
  const value = Math.abs(100 * share);
  return value.toFixed(value < 9.95 ? 1 : 0);
}
