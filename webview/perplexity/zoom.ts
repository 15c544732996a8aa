/** Which part of a picture is seen after a drag, and where the cursor stops on its way by keys. Pure. */
import type { Range } from '../../src/charts/scale.ts';
import type { Frame, PictureLine, View } from './frame.ts';

interface Spot {
  readonly x: number;
  readonly y: number;
}

/** A picture with more places than this is walked in equal steps. */
const MOST_PLACES = 60;
/** Finer than this share of the values themselves nothing is told apart. */
const FINEST = 1e-6;
/** In pixels; a drag that is flatter is meant for the other direction alone. */
const FLAT = 8;

/** The part between two places on the screen; along one axis alone where the drag went along it. */
export function zoomedView(frame: Frame, from: Spot, to: Spot): View {
  const { view } = frame;
  const x = between(frame.xAt(from.x), frame.xAt(to.x));
  const y = between(frame.yAt(from.y), frame.yAt(to.y));
  const isFlat = Math.abs(from.y - to.y) < FLAT;
  const isSteep = Math.abs(from.x - to.x) < FLAT;
  return { x: isSteep || !isTellable(x) ? view.x : x, y: isFlat || !isTellable(y) ? view.y : y };
}

/** The same part moved by some pixels, as if the paper were pushed. */
export function movedView(frame: Frame, by: Spot): View {
  return {
    x: { min: frame.xAt(frame.left - by.x), max: frame.xAt(frame.right - by.x) },
    y: { min: frame.yAt(frame.bottom - by.y), max: frame.yAt(frame.top - by.y) },
  };
}

/** Where the cursor stops: every point of the lines that can be seen, or equal steps where these are many. */
export function cursorPlaces(lines: readonly PictureLine[], { min, max }: Range): readonly number[] {
  const places = new Set<number>();
  for (const { strokes, marked } of lines) {
    for (const { x } of strokes) for (const one of x) if (one >= min && one <= max) places.add(one);
    for (const { x } of marked) if (x >= min && x <= max) places.add(x);
  }
  if (places.size <= MOST_PLACES) return [...places].sort((a, b) => a - b);
  return Array.from({ length: MOST_PLACES + 1 }, (_, i) => min + ((max - min) * i) / MOST_PLACES);
}

const between = (a: number, b: number): Range => ({ min: Math.min(a, b), max: Math.max(a, b) });

const isTellable = ({ min, max }: Range): boolean =>
  max - min > FINEST * Math.max(Math.abs(min), Math.abs(max));

/** A view inside of the whole, as large where it fits; `undefined` where it would be all of it. */
export function insideOf(whole: View, view: View, isLog: boolean): View | undefined {
  const x = shifted(view.x, whole.x);
  const y = isLog
    ? exponential(shifted(logarithmic(view.y), logarithmic(whole.y)))
    : shifted(view.y, whole.y);
  return covers(x, whole.x) && covers(y, whole.y) ? undefined : { x, y };
}

function shifted(range: Range, whole: Range): Range {
  const length = Math.min(range.max - range.min, whole.max - whole.min);
  const min = Math.min(Math.max(range.min, whole.min), whole.max - length);
  return { min, max: min + length };
}

const covers = (range: Range, whole: Range): boolean =>
  range.max - range.min >= (whole.max - whole.min) * (1 - FINEST);

const logarithmic = ({ min, max }: Range): Range => ({ min: Math.log(min), max: Math.log(max) });
const exponential = ({ min, max }: Range): Range => ({ min: Math.exp(min), max: Math.exp(max) });
