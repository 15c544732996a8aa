/** The curves as SVG, for export: the same lines as on the screen. */
import { escapeHtml } from '../charts/escape.ts';
import { formatPerplexity } from '../charts/format.ts';
import { spreadLabels } from '../charts/labels.ts';
import { colourClass, coordinate } from '../charts/markers.ts';
import { linearTicks, logTicks, type Range } from '../charts/scale.ts';
import type { DrawnLine } from './lines.ts';

const WIDTH = 1100;
const LONGEST_LABEL = 50;
const HEIGHT = 460;
const FRAME = { left: 64, right: 660, top: 36, bottom: HEIGHT - 56 };
export const DASHES: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 2]];

export function drawCurves(
  lines: readonly DrawnLine[],
  isLog: boolean,
  axis: { readonly title: string; readonly format: (value: number) => string },
): string {
  const xs = rangeOf(lines.map(({ x }) => x));
  const ys = rangeOf(lines.map(({ y }) => y));
  const { left, right, top, bottom } = FRAME;
  const place = {
    x: (value: number) => left + ((right - left) * (value - xs.min)) / (xs.max - xs.min),
    y: (value: number) => bottom - ((bottom - top) * (value - ys.min)) / (ys.max - ys.min),
  };
  const yTicks = isLog
    ? logTicks({ min: Math.exp(ys.min), max: Math.exp(ys.max) }, 7).map((tick) => ({
        at: Math.log(tick),
        tick,
      }))
    : linearTicks(ys, 7).map((tick) => ({ at: tick, tick }));
  return [
    `<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">`,
    `<text class="axis-title" x="0" y="16">Perplexity${isLog ? ', log scale' : ''} (lower is better)</text>`,
    ...yTicks.map(({ at, tick }) => {
      const y = coordinate(place.y(at));
      return `<path class="grid" d="M${left} ${y}H${right}"/><text class="tick" x="${left - 8}" y="${y}" dy="0.35em" text-anchor="end">${formatPerplexity(tick)}</text>`;
    }),
    `<path class="axis" d="M${left} ${bottom}H${right}"/>`,
    ...linearTicks(xs, 5).map((tick) => {
      const x = coordinate(place.x(tick));
      return `<path class="axis" d="M${x} ${bottom}v5"/><text class="tick" x="${x}" y="${bottom + 20}" text-anchor="middle">${escapeHtml(axis.format(tick))}</text>`;
    }),
    `<text class="axis-title" x="${(left + right) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${escapeHtml(axis.title)}</text>`,
    ...drawLines(lines, place),
    '</svg>',
  ].join('\n');
}

function drawLines(
  lines: readonly DrawnLine[],
  place: { readonly x: (value: number) => number; readonly y: (value: number) => number },
): readonly string[] {
  const ends = lines.map(({ x, y }) => ({ x: place.x(x[x.length - 1]), y: place.y(y[y.length - 1]) }));
  const heights = spreadLabels(
    ends.map(({ y }) => y),
    18,
    FRAME.top,
    FRAME.bottom,
  );
  return lines.map(({ x, y, name, index, dash, part }, i) => {
    const path = x.map((value, j) => `${coordinate(place.x(value))} ${coordinate(place.y(y[j]))}`).join('L');
    const colour = colourClass(index);
    const dots = part === 'validation' ? x.map((value, j) => dot(place.x(value), place.y(y[j]), colour)) : [];
    const lead = `M${coordinate(ends[i].x + 3)} ${coordinate(ends[i].y)}L${FRAME.right + 22} ${coordinate(heights[i])}`;
    const label = `<path class="lead-to-label ${colour}" d="${lead}"/><text class="label" x="${FRAME.right + 28}" y="${coordinate(heights[i])}" dy="0.35em">${escapeHtml(shortened(name))}</text>`;
    return [
      `<path class="line ${colour}" stroke-dasharray="${DASHES[dash % DASHES.length].join(' ')}" d="M${path}"/>`,
      ...dots,
      label,
    ].join('');
  });
}

function shortened(name: string): string {
  return name.length <= LONGEST_LABEL ? name : `${name.slice(0, LONGEST_LABEL - 1)}…`;
}

function dot(x: number, y: number, colour: string): string {
  return `<circle class="marker ${colour}" cx="${coordinate(x)}" cy="${coordinate(y)}" r="3.5"/>`;
}

function rangeOf(lists: readonly (readonly number[])[]): Range {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const list of lists) {
    for (const value of list) {
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  if (!(max > min))
    return { min: Number.isFinite(min) ? min - 0.5 : 0, max: Number.isFinite(max) ? max + 0.5 : 1 };
  return { min, max };
}
