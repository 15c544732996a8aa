/**
 * Axes whose range changes under the reader's hand: ticks stand at round values of the unit that suits the range, and
 * their labels have as many digits as tell them apart, so that none is said twice however far one zooms in.
 */

import { linearTicks, logTicks, type Range } from '../../src/charts/scale.ts';
import { formatCount } from '../../src/common/format.ts';

export type Quantity = 'tokens' | 'FLOP' | 'time' | 'steps' | 'perplexity';

export interface Tick {
  readonly at: number;
  readonly label: string;
}

interface Unit {
  readonly size: number;
  readonly name: string;
}

const MOST_DECIMALS = 9;
/** How far a label may be from its tick's value, as a share of the distance between two ticks. */
const PRECISION = 0.01;

const UNITS: Readonly<Record<Quantity, readonly Unit[]>> = {
  tokens: [
    { size: 1, name: '' },
    { size: 1e3, name: 'k' },
    { size: 1e6, name: 'M' },
    { size: 1e9, name: 'B' },
    { size: 1e12, name: 'T' },
  ],
  FLOP: ['', 'k', 'M', 'G', 'T', 'P', 'E', 'Z'].map((prefix, rank) => ({
    size: 10 ** (3 * rank),
    name: ` ${prefix}FLOP`,
  })),
  time: [
    { size: 1, name: ' s' },
    { size: 60, name: ' min' },
    { size: 3600, name: ' h' },
    { size: 86_400, name: ' d' },
  ],
  steps: [{ size: 1, name: '' }],
  perplexity: [{ size: 1, name: '' }],
};

/** At most `most` ticks inside of the range, at equal distances. */
export function linearAxis(range: Range, most: number, quantity: Quantity): readonly Tick[] {
  const { size } = unitOf(range, quantity);
  const ticks = linearTicks({ min: range.min / size, max: range.max / size }, most);
  return labelled(
    ticks.map((tick) => tick * size),
    range,
    quantity,
  );
}

/** The same for a logarithmic axis; `range` is above 0. */
export function logarithmicAxis(range: Range, most: number, quantity: Quantity): readonly Tick[] {
  return labelled(logTicks(range, most), range, quantity);
}

function labelled(ticks: readonly number[], range: Range, quantity: Quantity): readonly Tick[] {
  const unit = unitOf(range, quantity);
  const gap = Math.min(...ticks.slice(1).map((tick, i) => tick - ticks[i]), range.max - range.min);
  for (let decimals = 0; ; decimals++) {
    const rounded = ticks.map((tick) => Number((tick / unit.size).toFixed(decimals)));
    const isExact = rounded.every((value, i) => Math.abs(value * unit.size - ticks[i]) <= PRECISION * gap);
    if (isExact || decimals === MOST_DECIMALS)
      return ticks.map((at, i) => ({ at, label: at === 0 ? '0' : `${grouped(rounded[i])}${unit.name}` }));
  }
}

/** The largest unit of which the range's end has at least one; of time at least two. */
function unitOf({ min, max }: Range, quantity: Quantity): Unit {
  const end = Math.max(Math.abs(min), Math.abs(max));
  const least = quantity === 'time' ? 2 : 1;
  return UNITS[quantity].findLast(({ size }) => end >= least * size) ?? UNITS[quantity][0];
}

function grouped(value: number): string {
  return Number.isInteger(value) && value >= 1000 ? formatCount(value) : `${value}`;
}
