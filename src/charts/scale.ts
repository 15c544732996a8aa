/**
 * Log axes. All budgets of the method span decades and perplexity is compared by ratio, so every axis is
 * logarithmic. A log axis has no zero, yet "no pretraining" and "before fine-tuning" are points of interest:
 * they stand in a slot of their own left of the axis, behind a visible break.
 */

export interface Range {
  readonly min: number;
  readonly max: number;
}

export interface Axis {
  /** Position of a value; zero goes to the slot before the axis, where there is one. */
  readonly place: (value: number) => number;
  readonly ticks: readonly number[];
}

const SLOT_WIDTH = 56;
/** Tick labels of an x axis stand side by side and need more room than those of a y axis. */
const MOST_X_TICKS = 5;
const MOST_Y_TICKS = 7;
/** From sparse to dense; the densest grid that is not too dense wins. */
const MANTISSAS: readonly (readonly number[])[] = [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 5, 7]];

/** The range of the positive values with a margin on each side, a factor; `undefined` when there are none. */
export function paddedRange(values: readonly number[], factor: number): Range | undefined {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  if (positive.length === 0) return undefined;
  return { min: Math.min(...positive) / factor, max: Math.max(...positive) * factor };
}

/**
 * Round values inside the range, ascending: powers of ten, 1-2-5 or finer between them; for a range so narrow that
 * these leave fewer than three, equally spaced round values.
 */
export function logTicks(range: Range, most: number): readonly number[] {
  const grids = MANTISSAS.map((mantissas) => gridTicks(range, mantissas));
  const fitting = grids.filter((ticks) => ticks.length >= 3 && ticks.length <= most);
  const densest = fitting.at(-1);
  if (densest !== undefined) return densest;
  const decades = grids[0];
  if (decades.length > most) return thinned(decades, most);
  return linearTicks(range, most);
}

/** A log axis for perplexity from position `from` to position `to`. */
export function logAxis(range: Range, from: number, to: number, most = MOST_Y_TICKS): Axis {
  const span = Math.log(range.max / range.min);
  return {
    place: (value) => from + ((to - from) * Math.log(value / range.min)) / span,
    ticks: logTicks(range, most),
  };
}

/** A log axis for a budget, with a slot for zero when `values` hold one; the slot alone when they hold nothing else. */
export function logAxisWithZero(values: readonly number[], from: number, to: number): Axis {
  const range = paddedRange(values, 1.25);
  if (range === undefined) return { place: () => (from + to) / 2, ticks: [0] };
  if (!values.includes(0)) return logAxis(range, from, to, MOST_X_TICKS);
  const axis = logAxis(range, from + SLOT_WIDTH, to, MOST_X_TICKS);
  const zeroAt = from + SLOT_WIDTH / 2;
  return {
    place: (value) => (value === 0 ? zeroAt : axis.place(value)),
    ticks: [0, ...axis.ticks],
  };
}

/** Where the break between the zero slot and the axis is drawn. */
export function breakPosition(axis: Axis, from: number): number | undefined {
  return axis.ticks[0] === 0 && axis.ticks.length > 1 ? from + SLOT_WIDTH : undefined;
}

function gridTicks({ min, max }: Range, mantissas: readonly number[]): readonly number[] {
  const ticks: number[] = [];
  for (let exponent = Math.floor(Math.log10(min)); exponent <= Math.ceil(Math.log10(max)); exponent++) {
    for (const mantissa of mantissas) ticks.push(Number(`${mantissa}e${exponent}`));
  }
  return ticks.filter((tick) => tick >= min && tick <= max);
}

function thinned(ticks: readonly number[], most: number): readonly number[] {
  const stride = Math.ceil(ticks.length / most);
  return ticks.filter((_, index) => index % stride === 0);
}

/** The densest equal spacing of 1, 2 or 5 times a power of ten that is not too dense. */
export function linearTicks({ min, max }: Range, most: number): readonly number[] {
  const magnitude = 10 ** Math.floor(Math.log10((max - min) / (most - 1)));
  const grids = [1, 2, 5, 10].map((factor) => equalTicks({ min, max }, factor * magnitude));
  return grids.find((ticks) => ticks.length <= most) ?? [];
}

function equalTicks({ min, max }: Range, step: number): readonly number[] {
  const ticks: number[] = [];
  for (let index = Math.ceil(min / step); index * step <= max; index++) {
    ticks.push(Number((index * step).toPrecision(12)));
  }
  return ticks.filter((tick) => tick >= min && tick <= max);
}
