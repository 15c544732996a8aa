/**
 * Draws a chart as SVG text. No DOM and no library: the static report is written by Node and the panels show the
 * same string. Colours are CSS classes (see styles.ts), so the string follows the reader's theme, and inline styles
 * are not needed. Weighed: rendering with a chart library; each needs a DOM, a script or a font measurer.
 */

import { formatPerplexity, formatPlural, formatRange } from '../common/format.ts';
import { methodInWords } from '../methods/titles.ts';
import type { Chart, Point, Series } from './chart.ts';
import { escapeHtml } from './escape.ts';
import { spreadLabels } from './labels.ts';
import { colourClass, coordinate, markerPath } from './markers.ts';
import { drawAxes, drawLimit } from './plot-axes.ts';
import {
  BOTTOM,
  type Frame,
  frameOf,
  HEIGHT,
  type Placed,
  type PlacedPoint,
  placeSeries,
  shortLabel,
  TOP,
  WIDTH,
} from './plot-frame.ts';
import { summarize } from './summary.ts';

const LABEL_GAP = 18;

/** The chart as one `<svg>` element. `id` must be unique in the page; it names the title and description. */
export function drawChart(chart: Chart, id: string): string {
  const frame = frameOf(chart);
  const placed = placeSeries(chart, frame);
  const name = escapeHtml(id);
  // Buttons inside of an image would not be announced.
  const role = chart.series.some(({ points }) => points.some(({ key }) => key !== undefined))
    ? 'group'
    : 'img';
  return [
    `<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="${role}" aria-labelledby="${name}-title ${name}-desc">`,
    `<title id="${name}-title">${escapeHtml(`${chart.title}, ${chart.context}`)}</title>`,
    `<desc id="${name}-desc">${escapeHtml(summarize(chart))}</desc>`,
    drawAxes(chart, frame),
    drawLimit(chart, frame),
    drawFront(chart, placed),
    ...placed.map((one) => (chart.shape === 'curve' ? drawLine(one) : '')),
    ...placed.map(drawPoints),
    drawLabels(chart, placed, frame),
    '</svg>',
  ].join('\n');
}

/** A line through the means, dashed where it comes over the axis's break. */
function drawLine({ series, points }: Placed): string {
  const colour = seriesClass(series);
  const [first, second] = points;
  const overBreak = points.length > 1 && first.point.x === 0;
  const joined = overBreak ? points.slice(1) : points;
  return [
    overBreak ? `<path class="line over-break ${colour}" d="M${at(first)}L${at(second)}"/>` : '',
    joined.length > 1 ? `<path class="line ${colour}" d="M${joined.map(at).join('L')}"/>` : '',
  ].join('');
}

/** The Pareto front as a staircase: between two of its points the cheaper one is the best there is. Named above. */
function drawFront(chart: Chart, placed: readonly Placed[]): string {
  const points = placed.flatMap((one) => one.points);
  const front = (chart.front ?? []).flatMap((point) => points.find((one) => one.point === point) ?? []);
  if (front.length < 2) return '';
  const [first, ...rest] = front;
  const path = `M${at(first)}${rest.map(({ x, y }) => `H${coordinate(x)}V${coordinate(y)}`).join('')}`;
  return [
    `<path class="front" d="${path}"/>`,
    `<path class="front" d="M${WIDTH - 120} 12h24"/>`,
    `<text class="tick" x="${WIDTH - 88}" y="16">Pareto front</text>`,
  ].join('');
}

function at({ x, y }: PlacedPoint): string {
  return `${coordinate(x)} ${coordinate(y)}`;
}

function drawPoints({ series, points }: Placed): string {
  const style = seriesClass(series);
  return points
    .map(({ point, x, y, top, bottom }) => {
      const tooltip = `${methodInWords(series.method, series.title)}: perplexity ${spreadInWords(point)}; ${point.note}${roleInWords(series)}`;
      const at = coordinate(x);
      const whisker = `M${coordinate(x - 4)} ${coordinate(top)}h8M${at} ${coordinate(top)}V${coordinate(bottom)}m-4 0h8`;
      const hollow = point.estimated === undefined ? '' : ' hollow';
      const hasSpread = point.perplexity.n > 1 || point.estimated === 'predicted';
      return [
        pointStart(point, tooltip),
        `<title>${escapeHtml(tooltip)}</title>`,
        point.chosen ? `<circle class="ring" cx="${at}" cy="${coordinate(y)}" r="12"/>` : '',
        hasSpread ? `<path class="whisker ${style}${hollow}" d="${whisker}"/>` : '',
        `<path class="marker ${style}${hollow}" d="${markerPath(series.index, x, y)}"/></g>`,
      ].join('');
    })
    .join('\n');
}

/** A point that can be pressed is a button. */
function pointStart({ key }: Point, name: string): string {
  if (key === undefined) return '<g>';
  const text = escapeHtml(key);
  return `<g class="point" role="button" tabindex="0" data-point="${text}" data-key="${text}" aria-label="${escapeHtml(name)}">`;
}

function seriesClass({ index, infeasible }: Series): string {
  return infeasible === undefined ? colourClass(index) : `${colourClass(index)} faint`;
}

function roleInWords({ ceiling, pretrainsPerDomain, infeasible }: Series): string {
  return [
    ...(ceiling ? ['; over the inference cap: a ceiling, not a candidate'] : []),
    ...(pretrainsPerDomain ? ['; its pretraining is paid for each domain'] : []),
    ...(infeasible === undefined ? [] : [`; not within the budgets: ${infeasible}`]),
  ].join('');
}

/** Each label stands at its line's last point, moved up or down as far as its neighbours need. */
function drawLabels(chart: Chart, placed: readonly Placed[], { right }: Frame): string {
  const groups = chart.shape === 'curve' ? [placed] : groupByPosition(placed);
  return groups.map((group) => drawLabelGroup(chart, group, right)).join('\n');
}

function drawLabelGroup(chart: Chart, group: readonly Placed[], right: number): string {
  const ends = group.map(({ points }) => points[points.length - 1]);
  const edge = chart.shape === 'curve' ? right : Math.max(...ends.map(({ x }) => x));
  const heights = spreadLabels(
    ends.map(({ y }) => y),
    LABEL_GAP,
    TOP,
    BOTTOM - LABEL_GAP / 2,
  );
  return group
    .map(({ series }, index) => {
      const start = coordinate(chart.shape === 'curve' ? edge + 3 : ends[index].x + 8);
      const y = coordinate(heights[index]);
      const colour = seriesClass(series);
      // A leader from a line that ends before the edge would read as its continuation.
      const isLed = chart.shape === 'dots' || ends[index].x >= edge - 8;
      return [
        isLed
          ? `<path class="lead-to-label ${colour}" d="M${start} ${coordinate(ends[index].y)}L${coordinate(edge + 26)} ${y}"/>`
          : '',
        // Beside dots a second marker would read as a second point.
        chart.shape === 'curve'
          ? `<path class="marker ${colour}" d="${markerPath(series.index, edge + 36, heights[index])}"/>`
          : '',
        `<text class="label${series.infeasible === undefined ? '' : ' out'}" x="${coordinate(edge + (chart.shape === 'curve' ? 48 : 32))}" y="${y}" dy="0.35em">${escapeHtml(shortLabel(series))}</text>`,
      ].join('');
    })
    .join('\n');
}

/** Dots that stand at the same model size share a column of labels. */
function groupByPosition(placed: readonly Placed[]): readonly (readonly Placed[])[] {
  const groups = new Map<number, Placed[]>();
  for (const one of placed) {
    const x = one.points[0].point.x;
    groups.set(x, [...(groups.get(x) ?? []), one]);
  }
  return [...groups.values()];
}

function spreadInWords({ perplexity: { mean, min, max, n }, estimated }: Point): string {
  if (estimated !== undefined) {
    return `${formatPerplexity(mean)} (${estimated}, ${formatRange(min, max)})`;
  }
  if (n === 1) return `${formatPerplexity(mean)} (1 seed)`;
  return `${formatPerplexity(mean)} (${formatRange(min, max)}, ${formatPlural(n, 'seed')})`;
}
