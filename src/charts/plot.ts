/**
 * Draws a chart as SVG text. No DOM and no library: the static report is written by Node and the panels show the
 * same string. Colours are CSS classes (see styles.ts), so the string follows the reader's theme, and inline styles
 * are not needed. Weighed: rendering with a chart library; each needs a DOM, a script or a font measurer.
 */

import { formatPerplexity, formatPlural, formatRange } from '../common/format.ts';
import { methodInWords } from '../methods/titles.ts';
import { type Chart, type Point, type Series, seriesLabel } from './chart.ts';
import { escapeHtml, visible } from './escape.ts';
import { spreadLabels } from './labels.ts';
import { colourClass, coordinate, markerPath } from './markers.ts';
import { type Axis, breakPosition, logAxis, logAxisWithZero, paddedRange } from './scale.ts';
import { summarize } from './summary.ts';

const WIDTH = 700;
const HEIGHT = 360;
const TOP = 42;
const BOTTOM = HEIGHT - 58;
const LEFT = 58;
const LABEL_GAP = 18;
const CHARACTER_WIDTH = 7.4;
const LONGEST_LABEL = 24;
/** Sideways distance between markers that share an x in a chart of dots. */
const DODGE = 13;

interface Frame {
  readonly x: Axis;
  readonly y: Axis;
  readonly right: number;
}

interface Placed {
  readonly series: Series;
  readonly points: readonly PlacedPoint[];
}

interface PlacedPoint {
  readonly point: Point;
  readonly x: number;
  readonly y: number;
  /** Ends of the whisker. */
  readonly top: number;
  readonly bottom: number;
}

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

function frameOf(chart: Chart): Frame {
  const points = chart.series.flatMap((series) => series.points);
  const longest = Math.max(...chart.series.map((series) => [...shortLabel(series)].length));
  const right = WIDTH - 62 - longest * CHARACTER_WIDTH;
  const range = paddedRange(
    points.flatMap((point) => [point.perplexity.min, point.perplexity.max]),
    1.08,
  );
  const xs = points.map((point) => point.x);
  return {
    right,
    x: logAxisWithZero(xs, LEFT + insetOf(chart), right),
    y: logAxis(range ?? { min: 1, max: 10 }, BOTTOM, TOP),
  };
}

/** Room at the left for dots that stand side by side. */
function insetOf(chart: Chart): number {
  if (chart.shape === 'curve') return 0;
  const places = chart.series.map(({ points }) => points[0].x);
  const most = Math.max(...places.map((place) => places.filter((other) => other === place).length));
  return ((most - 1) * DODGE) / 2;
}

/** In a chart of dots, methods that share an x stand side by side, the lowest perplexity at the left. */
function placeSeries(chart: Chart, frame: Frame): readonly Placed[] {
  return chart.series.map((series) => ({
    series,
    points: series.points.map((point) => ({
      point,
      x: frame.x.place(point.x) + (chart.shape === 'dots' ? dodge(chart, series, point) : 0),
      y: frame.y.place(point.perplexity.mean),
      top: frame.y.place(point.perplexity.max),
      bottom: frame.y.place(point.perplexity.min),
    })),
  }));
}

function dodge(chart: Chart, series: Series, point: Point): number {
  const sharing = chart.series
    .filter((other) => other.points.some(({ x }) => x === point.x))
    .sort((a, b) => a.points[0].perplexity.mean - b.points[0].perplexity.mean);
  return (sharing.indexOf(series) - (sharing.length - 1) / 2) * DODGE;
}

function drawAxes(chart: Chart, { x, y, right }: Frame): string {
  const parts = [
    `<text class="axis-title" x="0" y="16">Held-out perplexity, log scale (lower is better)</text>`,
  ];
  for (const tick of y.ticks) {
    const at = coordinate(y.place(tick));
    parts.push(`<path class="grid" d="M${LEFT} ${at}H${coordinate(right)}"/>`);
    parts.push(`<text class="tick" x="${LEFT - 8}" y="${at}" dy="0.35em" text-anchor="end">${tick}</text>`);
  }
  parts.push(`<path class="axis" d="M${LEFT} ${BOTTOM}H${coordinate(right)}"/>`);
  parts.push(drawTicks(chart, x));
  const gap = breakPosition(x, LEFT);
  if (gap !== undefined) parts.push(`<path class="axis" d="M${gap - 5} ${BOTTOM + 5}l4 -10m3 0l-4 10"/>`);
  const middle = coordinate((LEFT + right) / 2);
  const label = escapeHtml(`${chart.axis.label} (log scale)`);
  parts.push(
    `<text class="axis-title" x="${middle}" y="${HEIGHT - 12}" text-anchor="middle">${label}</text>`,
  );
  return parts.join('\n');
}

/** Ticks of the x axis; a label that would touch the one before it is left out, its tick stays. */
function drawTicks(chart: Chart, x: Axis): string {
  let free = 0;
  return x.ticks
    .map((tick) => {
      const middle = x.place(tick);
      const text = tick === 0 ? chart.axis.zero : chart.axis.formatTick(tick);
      const half = (text.length * CHARACTER_WIDTH) / 2;
      const mark = `<path class="axis" d="M${coordinate(middle)} ${BOTTOM}v5"/>`;
      if (middle - half < free) return mark;
      free = middle + half + 8;
      return `${mark}<text class="tick" x="${coordinate(middle)}" y="${BOTTOM + 20}" text-anchor="middle">${escapeHtml(text)}</text>`;
    })
    .join('\n');
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

/** A line at the reader's budget, where the axis reaches it. */
function drawLimit({ limit }: Chart, { x, right }: Frame): string {
  if (limit === undefined || limit <= 0) return '';
  const at = x.place(limit);
  if (!(at > LEFT && at < right)) return '';
  const [anchor, x0] = at > (LEFT + right) / 2 ? ['end', at - 6] : ['start', at + 6];
  return `<g class="limit"><path d="M${coordinate(at)} ${TOP - 12}V${BOTTOM}"/><text class="tick" x="${coordinate(x0)}" y="${TOP - 6}" text-anchor="${anchor}">your budget</text></g>`;
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

function shortLabel(series: Series): string {
  const characters = [...visible(seriesLabel(series))];
  if (characters.length <= LONGEST_LABEL) return characters.join('');
  return `${characters.slice(0, LONGEST_LABEL - 1).join('')}…`;
}
