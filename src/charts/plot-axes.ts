/** The axes of a chart as SVG text, with the reader's budget on them. */
import type { Chart } from './chart.ts';
import { escapeHtml } from './escape.ts';
import { coordinate } from './markers.ts';
import { BOTTOM, CHARACTER_WIDTH, type Frame, HEIGHT, LEFT, standsOf, TOP, WIDTH } from './plot-frame.ts';
import { type Axis, breakPosition } from './scale.ts';

/** Half of a marker's width, and a little more. */
const MARKER_REACH = 7;

export function drawAxes(chart: Chart, { x, y, right }: Frame): string {
  const parts = [
    `<text class="axis-title" x="0" y="16">Held-out perplexity, log scale (lower is better)</text>`,
  ];
  for (const tick of y.ticks) {
    const at = coordinate(y.place(tick));
    parts.push(`<path class="grid" d="M${LEFT} ${at}H${coordinate(right)}"/>`);
    parts.push(`<text class="tick" x="${LEFT - 8}" y="${at}" dy="0.35em" text-anchor="end">${tick}</text>`);
  }
  parts.push(`<path class="axis" d="M${LEFT} ${BOTTOM}H${coordinate(right)}"/>`);
  parts.push(chart.shape === 'dots' ? drawStands(chart, x) : drawTicks(chart, x));
  const gap = breakPosition(x, LEFT);
  if (gap !== undefined) parts.push(`<path class="axis" d="M${gap - 5} ${BOTTOM + 5}l4 -10m3 0l-4 10"/>`);
  const middle = coordinate((LEFT + right) / 2);
  parts.push(
    `<text class="axis-title" x="${middle}" y="${HEIGHT - 12}" text-anchor="middle">${escapeHtml(titleOf(chart))}</text>`,
  );
  return parts.join('\n');
}

function titleOf(chart: Chart): string {
  const isOnePlace = chart.shape === 'dots' && standsOf(chart).length === 1;
  return `${chart.axis.label} (${isOnePlace ? 'the same for all' : 'log scale'})`;
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
      return `${mark}${tickLabel(middle, text)}`;
    })
    .join('\n');
}

/**
 * In a chart of dots the axis has ticks at the models' sizes and nowhere else. Methods of one size stand side by side, so
 * that none hides another; a bracket holds them together, for a place beside the tick is no other size.
 */
function drawStands(chart: Chart, x: Axis): string {
  const stands = standsOf(chart);
  const marks = stands.map(({ value, markers, width }) => {
    const middle = x.place(value);
    const reach = width / 2 + MARKER_REACH;
    const mark =
      markers === 1
        ? `<path class="axis" d="M${coordinate(middle)} ${BOTTOM}v5"/>`
        : `<path class="axis bracket" d="M${coordinate(middle - reach)} ${BOTTOM}v5H${coordinate(middle + reach)}v-5"/>`;
    return `${mark}${tickLabel(middle, chart.axis.formatExact(value))}`;
  });
  const note = stands.some(({ markers }) => markers > 1)
    ? `<text class="tick" x="${WIDTH}" y="16" text-anchor="end">Models of one size stand side by side</text>`
    : '';
  return [...marks, note].join('\n');
}

function tickLabel(middle: number, text: string): string {
  return `<text class="tick" x="${coordinate(middle)}" y="${BOTTOM + 20}" text-anchor="middle">${escapeHtml(text)}</text>`;
}

/** A line at the reader's budget, where the axis reaches it. */
export function drawLimit({ limit }: Chart, { x, right }: Frame): string {
  if (limit === undefined || limit <= 0) return '';
  const at = x.place(limit);
  if (!(at > LEFT && at < right)) return '';
  const [anchor, x0] = at > (LEFT + right) / 2 ? ['end', at - 6] : ['start', at + 6];
  return `<g class="limit"><path d="M${coordinate(at)} ${TOP - 12}V${BOTTOM}"/><text class="tick" x="${coordinate(x0)}" y="${TOP - 6}" text-anchor="${anchor}">your budget</text></g>`;
}
