/**
 * Long curves on a screen that has some hundred columns of pixels: of each column the lowest and the highest point stay,
 * so that what is drawn is what all points would have drawn, and no peak is lost.
 */
import type { Range } from '../../src/charts/scale.ts';

export interface Line {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** The part of a line that can be seen, with the point before and after it, towards which the line goes. */
export function within({ x, y }: Line, { min, max }: Range): Line {
  const from = Math.max(0, firstAtLeast(x, min) - 1);
  const to = Math.min(x.length, firstAtLeast(x, max) + 1);
  return from === 0 && to === x.length ? { x, y } : { x: x.slice(from, to), y: y.slice(from, to) };
}

/** The place of the value that is nearest to another; -1 where there is none. Values are ascending. */
export function nearestTo(values: readonly number[], wanted: number): number {
  const after = firstAtLeast(values, wanted);
  if (after === 0) return values.length === 0 ? -1 : 0;
  if (after === values.length) return values.length - 1;
  return wanted - values[after - 1] <= values[after] - wanted ? after - 1 : after;
}

/** The place of the first value that is not below the bound; their number where there is none. */
function firstAtLeast(values: readonly number[], bound: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** `x` is ascending. The first and the last point stay too; a line that is short enough stays whole. */
export function reduceLine({ x, y }: Line, columns: number): Line {
  const count = x.length;
  if (count <= 2 * columns + 2) return { x, y };
  const first = x[0];
  const perColumn = (x[count - 1] - first) / columns || 1;
  const kept: number[] = [0];
  let column = 0;
  let low = 1;
  let high = 1;
  const close = (): void => {
    const [a, b] = low < high ? [low, high] : [high, low];
    kept.push(a);
    if (b !== a) kept.push(b);
  };
  for (let i = 1; i < count - 1; i++) {
    const own = Math.min(columns - 1, Math.floor((x[i] - first) / perColumn));
    if (own !== column) {
      if (i > 1) close();
      column = own;
      low = i;
      high = i;
    } else if (y[i] < y[low]) low = i;
    else if (y[i] > y[high]) high = i;
  }
  close();
  kept.push(count - 1);
  return { x: kept.map((i) => x[i]), y: kept.map((i) => y[i]) };
}

/**
 * The exponential moving average with a weight from 0 (none) to below 1. Divided by the weights so far, so that its
 * beginning is not drawn towards zero.
 */
export function smoothed(values: readonly number[], weight: number): readonly number[] {
  if (weight === 0) return values;
  const result = new Array<number>(values.length);
  let sum = 0;
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    sum = weight * sum + (1 - weight) * values[i];
    total = weight * total + (1 - weight);
    result[i] = sum / total;
  }
  return result;
}
