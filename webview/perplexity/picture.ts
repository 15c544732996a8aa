/**
 * Lines as SVG, on the screen and in an exported file by the same strokes, so that both show the same and the legend's
 * samples look as the lines do. A method is told by colour and marker; a dash tells what the picture says of it.
 *
 * Weighed: a canvas. It draws a hundred thousand points faster, but a screen has some hundred columns, to which lines are
 * reduced first; and it can neither be exported as a drawing nor follow the theme by itself.
 */
import { escapeHtml } from '../../src/charts/escape.ts';
import { colourClass, coordinate, markerPath } from '../../src/charts/markers.ts';
import { linearAxis, logarithmicAxis, type Quantity, type Tick } from './axis.ts';
import { drawLabels } from './end-labels.ts';
import { Frame, type PictureLine, type Place, type Size, type View } from './frame.ts';
import { reduceLine, within } from './reduce.ts';

export interface Axes {
  readonly x: Quantity;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly isLog: boolean;
}

export const DASHES: readonly string[] = ['', '6 4', '2 3', '10 3 2 3', '12 5'];
const SAMPLE_LEFT = 58;
const TICK_WIDTH = 92;
const TICK_HEIGHT = 44;
const LEGEND_LINE = 20;

export interface PictureOptions {
  readonly id: string;
  readonly size: Size;
  /** For a file, which has none beside it. */
  readonly withLegend?: boolean;
}

export function drawPicture(
  lines: readonly PictureLine[],
  axes: Axes,
  view: View,
  { id, size, withLegend = false }: PictureOptions,
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

function drawLegendLine(line: PictureLine, y: number): string {
  return `${sampleMarks(line, SAMPLE_LEFT, y)}<text class="detail" x="${SAMPLE_LEFT + 42}" y="${y}" dy="0.35em">${escapeHtml(line.name)}</text>`;
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
