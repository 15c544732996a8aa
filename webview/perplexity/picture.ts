/**
 * Lines as SVG, on the screen and in an exported file by the same strokes, so that both show the same and the legend's
 * samples look as the lines do. A method is told by colour and marker; a dash tells what the picture says of it.
 *
 * Weighed: a canvas. It draws a hundred thousand points faster, but a screen has some hundred columns, to which lines are
 * reduced first; and it can neither be exported as a drawing nor follow the theme by itself.
 */
import { escapeHtml } from '../charts/escape.ts';
import { spreadLabels } from '../charts/labels.ts';
import { colourClass, coordinate, markerPath } from '../charts/markers.ts';
import type { Range } from '../charts/scale.ts';
import { linearAxis, logarithmicAxis, type Quantity, type Tick } from './axis.ts';
import { type Line, reduceLine, within } from './reduce.ts';

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

export interface Axes {
  readonly x: Quantity;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly isLog: boolean;
}

export interface View {
  readonly x: Range;
  readonly y: Range;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export const DASHES: readonly string[] = ['', '6 4', '2 3', '10 3 2 3', '12 5'];
const TOP = 28;
const BELOW = 44;
const LEFT = 58;
const LABEL_GAP = 17;
const CHARACTER_WIDTH = 7.6;
const TICK_WIDTH = 92;
const TICK_HEIGHT = 44;
const LEGEND_LINE = 20;
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
    const longest = Math.max(0, ...lines.map(({ label = '' }) => label.length));
    this.right = width - (longest === 0 ? 16 : 34 + longest * CHARACTER_WIDTH);
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

/** `withLegend`: for a file, which has none beside it. */
export function drawPicture(
  lines: readonly PictureLine[],
  axes: Axes,
  size: Size,
  view: View,
  { id, withLegend = false }: { readonly id: string; readonly withLegend?: boolean },
): string {
  const frame = new Frame(size, view, axes.isLog, lines);
  const { left, right, top, bottom } = frame;
  const most = (room: number, each: number): number => Math.max(2, Math.floor(room / each));
  const xTicks = linearAxis(view.x, most(right - left, TICK_WIDTH), axes.x);
  const yCount = most(bottom - top, TICK_HEIGHT);
  const yTicks = axes.isLog
    ? logarithmicAxis(view.y, yCount, 'perplexity')
    : linearAxis(view.y, yCount, 'perplexity');
  const height = size.height + (withLegend ? LEGEND_LINE * lines.length : 0);
  const clip = `${id}-frame`;
  return [
    `<svg class="chart" viewBox="0 0 ${size.width} ${height}" aria-hidden="true">`,
    `<clipPath id="${clip}"><rect x="${left}" y="${top}" width="${coordinate(right - left)}" height="${coordinate(bottom - top)}"/></clipPath>`,
    `<text class="axis-title" x="0" y="14">${escapeHtml(axes.yTitle)}</text>`,
    ...yTicks.map((tick) => drawYTick(tick, frame)),
    `<path class="axis" d="M${left} ${bottom}H${coordinate(right)}"/>`,
    ...xTicks.map((tick) => drawXTick(tick, frame)),
    `<text class="axis-title" x="${coordinate((left + right) / 2)}" y="${size.height - 6}" text-anchor="middle">${escapeHtml(axes.xTitle)}</text>`,
    `<g clip-path="url(#${clip})">`,
    ...lines.map((line) => drawStrokes(line, frame)),
    '</g>',
    ...lines.map((line) => drawMarks(line, frame)),
    drawLabels(lines, frame),
    ...(withLegend ? lines.map((line, i) => drawLegendLine(line, size.height + LEGEND_LINE * i + 10)) : []),
    '</svg>',
  ].join('\n');
}

function drawYTick({ at, label }: Tick, frame: Frame): string {
  const y = coordinate(frame.y(at));
  return `<path class="grid" d="M${frame.left} ${y}H${coordinate(frame.right)}"/><text class="tick y-tick" x="${frame.left - 8}" y="${y}" dy="0.35em" text-anchor="end">${escapeHtml(label)}</text>`;
}

function drawXTick({ at, label }: Tick, frame: Frame): string {
  const x = coordinate(frame.x(at));
  return `<path class="axis" d="M${x} ${frame.bottom}v5"/><text class="tick x-tick" x="${x}" y="${frame.bottom + 19}" text-anchor="middle">${escapeHtml(label)}</text>`;
}

function drawStrokes({ id, index, strokes, isAside }: PictureLine, frame: Frame): string {
  const classes = `line ${colourClass(index)}${isAside === true ? ' aside' : ''}`;
  const columns = frame.right - frame.left;
  const paths = strokes.map((stroke) => {
    const { x, y } = reduceLine(within(stroke, frame.view.x), columns);
    const d = x.map((value, i) => `${coordinate(frame.x(value))} ${coordinate(frame.y(y[i]))}`).join('L');
    const dashes = DASHES[stroke.dash % DASHES.length];
    return d === ''
      ? ''
      : `<path class="${classes}" data-line="${escapeHtml(id)}" stroke-dasharray="${dashes}" d="M${d}"/>`;
  });
  return paths.join('');
}

function drawMarks({ index, marked, seeds, best, isAside }: PictureLine, frame: Frame): string {
  const colour = colourClass(index);
  const circle = (kind: string, { x, y }: Place, radius: number): string =>
    `<circle class="${kind}" cx="${coordinate(frame.x(x))}" cy="${coordinate(frame.y(y))}" r="${radius}"/>`;
  const dots = seeds.filter((seed) => frame.holds(seed)).map((seed) => circle(`seed ${colour}`, seed, 2.5));
  const hollow = isAside === true ? ' hollow' : '';
  const marks = marked
    .filter((mark) => frame.holds(mark))
    .map(
      ({ x, y }) =>
        `<path class="marker ${colour}${hollow}" d="${markerPath(index, frame.x(x), frame.y(y))}"/>`,
    );
  const ring = best !== undefined && frame.holds(best) ? circle('ring', best, 9) : '';
  return [...dots, ...marks, ring].join('');
}

/** At the height of each line's last point that can be seen, apart from each other. */
function drawLabels(lines: readonly PictureLine[], frame: Frame): string {
  const ends = lines.flatMap(({ label, index, marked }) => {
    const last = marked.findLast((mark) => frame.holds(mark));
    return label === undefined || last === undefined
      ? []
      : [{ label, index, x: frame.x(last.x), y: frame.y(last.y) }];
  });
  const heights = spreadLabels(
    ends.map(({ y }) => y),
    LABEL_GAP,
    frame.top,
    frame.bottom,
  );
  return ends
    .map(({ label, index, x, y }, i) => {
      const at = coordinate(heights[i]);
      const lead = `M${coordinate(x + 8)} ${coordinate(y)}L${coordinate(frame.right + 4)} ${at}`;
      return `<path class="lead-to-label ${colourClass(index)}" d="${lead}"/><text class="label" x="${coordinate(frame.right + 8)}" y="${at}" dy="0.35em">${escapeHtml(label)}</text>`;
    })
    .join('');
}

function drawLegendLine(line: PictureLine, y: number): string {
  return `${sampleMarks(line, LEFT, y)}<text class="detail" x="${LEFT + 42}" y="${y}" dy="0.35em">${escapeHtml(line.name)}</text>`;
}

/** What the legend has of a line: its first stroke and its marker, as they are drawn. */
export function lineSample(line: PictureLine): string {
  return `<svg class="chart-swatch chart" viewBox="0 0 34 14" aria-hidden="true">${sampleMarks(line, 0, 7)}</svg>`;
}

function sampleMarks({ index, strokes, marked, isAside }: PictureLine, x: number, y: number): string {
  const colour = colourClass(index);
  const aside = isAside === true ? ' aside' : '';
  const dash = strokes.at(0)?.dash;
  const stroke =
    dash === undefined
      ? ''
      : `<path class="line ${colour}${aside}" stroke-dasharray="${DASHES[dash % DASHES.length]}" d="M${x} ${y}h34"/>`;
  const marker =
    marked.length === 0
      ? ''
      : `<path class="marker ${colour}${aside === '' ? '' : ' hollow'}" d="${markerPath(index, x + 17, y)}"/>`;
  return stroke + marker;
}
