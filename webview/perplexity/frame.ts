/** What a picture of lines is made of, and how its values and places on the screen belong together. */
import type { Range } from '../../src/charts/scale.ts';
import type { Line } from './reduce.ts';

export interface Place {
  readonly x: number;
  readonly y: number;
}

/** One line with all that belongs to it. `y` is perplexity. */
export interface PictureLine {
  /** Unique in the picture. */
  readonly id: string;
  /** As the legend has it. */
  readonly name: string;
  /** Place of its colour and its marker. */
  readonly index: number;
  readonly strokes: readonly Stroke[];
  /** Points that are marked one by one. */
  readonly marked: readonly Place[];
  /** Fainter dots beside the line: single seeds. */
  readonly seeds: readonly Place[];
  /** Ringed. */
  readonly best?: Place;
  /** Written at its last point; lines without are told by the legend alone. */
  readonly label?: string;
  /** Drawn thinner and hollow: of other runs. */
  readonly isAside?: boolean;
}

export interface Stroke extends Line {
  /** Place in `DASHES`. */
  readonly dash: number;
}

export interface View {
  readonly x: Range;
  readonly y: Range;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const TOP = 28;
const BELOW = 44;
const LEFT = 58;
const CHARACTER_WIDTH = 7.6;
/** From a line's last mark, and the ring around it, to its label. */
export const LABEL_DISTANCE = 14;
/** Room around the lines, as a share of the range. */
const MARGIN = 0.05;

/** Where the picture's inner part is, and how values and places on the screen belong together. */
export class Frame {
  readonly left = LEFT;
  readonly right: number;
  readonly top = TOP;
  readonly bottom: number;
  readonly view: View;
  readonly #isLog: boolean;

  constructor({ width, height }: Size, view: View, isLog: boolean, lines: readonly PictureLine[]) {
    const longest = Math.max(0, ...lines.map(({ label = '' }) => widthOf(label)));
    this.right = width - (longest === 0 ? 16 : 2 * LABEL_DISTANCE + longest);
    this.bottom = height - BELOW;
    this.view = view;
    this.#isLog = isLog;
  }

  x(value: number): number {
    const { min, max } = this.view.x;
    return this.left + ((this.right - this.left) * (value - min)) / (max - min);
  }

  y(value: number): number {
    const { min, max } = this.view.y;
    return (
      this.bottom -
      ((this.bottom - this.top) * (this.#on(value) - this.#on(min))) / (this.#on(max) - this.#on(min))
    );
  }

  xAt(place: number): number {
    const { min, max } = this.view.x;
    return min + ((max - min) * (place - this.left)) / (this.right - this.left);
  }

  yAt(place: number): number {
    const [min, max] = [this.#on(this.view.y.min), this.#on(this.view.y.max)];
    const value = min + ((max - min) * (this.bottom - place)) / (this.bottom - this.top);
    return this.#isLog ? Math.exp(value) : value;
  }

  holds({ x, y }: Place): boolean {
    const { view } = this;
    return x >= view.x.min && x <= view.x.max && y >= view.y.min && y <= view.y.max;
  }

  #on(value: number): number {
    return this.#isLog ? Math.log(value) : value;
  }
}

/** All of the lines with some room around; tokens, steps and costs begin at 0. */
export function wholeView(lines: readonly PictureLine[], isLog: boolean): View {
  let [right, low, high] = [0, Number.POSITIVE_INFINITY, 0];
  const take = (x: number, y: number): void => {
    right = Math.max(right, x);
    low = Math.min(low, y);
    high = Math.max(high, y);
  };
  for (const { strokes, marked, seeds } of lines) {
    for (const { x, y } of strokes) for (let i = 0; i < x.length; i++) take(x[i], y[i]);
    for (const { x, y } of [...marked, ...seeds]) take(x, y);
  }
  if (!(high > 0)) return { x: { min: 0, max: 1 }, y: { min: 1, max: 10 } };
  const room = Math.max(MARGIN * (high - low), 0.001 * high);
  const factor = Math.max((high / low) ** MARGIN, 1.001);
  const y = isLog
    ? { min: low / factor, max: high * factor }
    : { min: Math.max(0, low - room), max: high + room };
  return { x: { min: 0, max: (right || 1) * 1.02 }, y };
}

/** About how wide a label is. */
export const widthOf = (label: string): number => label.length * CHARACTER_WIDTH;
