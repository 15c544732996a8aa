/**
 * A map of methods as SVG text: a colour and a name for each method, pale where it is fine-tuned on less than the in-domain set,
 * striped where it is undecided.
 */
import { joinWords } from '../common/words.ts';
import { methodInWords } from '../methods/titles.ts';
import { escapeHtml, visible } from './escape.ts';
import { summarizeMap } from './map-words.ts';
import { colourClass, coordinate, markerPath } from './markers.ts';
import { isUndecided, type MapRegion, type MethodMap } from './method-map.ts';
import { type Axis, logAxis } from './scale.ts';

const WIDTH = 700;
const HEIGHT = 380;
const TOP = 30;
const BOTTOM = HEIGHT - 58;
const LEFT = 84;
const RIGHT = WIDTH - 150;
const LEGEND_STEP = 22;
const MOST_X_TICKS = 5;

/** The map as one `<svg>` element. `id` must be unique in the page. */
export function drawMap(map: MethodMap, id: string): string {
  const name = escapeHtml(id);
  const place = { x: axisOf(map.x, LEFT, RIGHT, MOST_X_TICKS), y: axisOf(map.y, BOTTOM, TOP) };
  return [
    `<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${name}-title ${name}-desc">`,
    `<title id="${name}-title">${escapeHtml(`${map.title}, ${map.context}`)}</title>`,
    `<desc id="${name}-desc">${escapeHtml(summarizeMap(map))}</desc>`,
    ...map.regions.map((region) => drawRegion(map, region, place)),
    ...largestOfEach(map).map((region) => drawMarker(region, place)),
    drawAxes(map, place),
    drawLegend(map),
    '</svg>',
  ].join('\n');
}

interface Place {
  readonly x: Axis;
  readonly y: Axis;
}

function axisOf({ from, to }: MethodMap['x'], start: number, end: number, most?: number): Axis {
  return logAxis({ min: from, max: to }, start, end, most);
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function rectangle(style: string, { left, top, width, height }: Box): string {
  return `<rect class="${style}" x="${left}" y="${top}" width="${width}" height="${height}"/>`;
}

/** A dashed line as thick as the box is high: a pattern would have to be referred to by address. */
function stripes({ left, top, width, height }: Box): string {
  return `<path class="stripes" d="M${left} ${coordinate(top + height / 2)}h${width}" stroke-width="${height}"/>`;
}

function drawRegion(map: MethodMap, region: MapRegion, { x, y }: Place): string {
  // Whole pixels, so that neighbours touch.
  const [left, right] = [region.x.from, region.x.to].map((value) => Math.round(x.place(value)));
  const [top, bottom] = [region.y.to, region.y.from].map((value) => Math.round(y.place(value)));
  const box = { left, top, width: right - left, height: bottom - top };
  const where = `${map.axis.label} from ${map.axis.format(region.x.from)}, ${map.yAxis.label} from ${map.yAxis.format(region.y.from)}`;
  const tuning = region.tuning === undefined ? '' : `, ${region.tuning}`;
  const tooltip = `${methodInWords(region.method, region.title)}${tuning}${doubtInWords(region)}; ${where}`;
  const pale = region.tuning === undefined ? '' : 'pale ';
  return [
    `<g><title>${escapeHtml(tooltip)}</title>`,
    rectangle(`region ${pale}${colourClass(region.index)}`, box),
    isUndecided(region) ? stripes(box) : '',
    '</g>',
  ].join('');
}

/** ` (undecided: no clear difference to slm; slm-is is clearly lower on held-out text)`; nothing where it is decided. */
function doubtInWords(region: MapRegion): string {
  const { ties, lower } = region;
  if (!isUndecided(region)) return '';
  const reasons = [
    ...(ties.length === 0 ? [] : [`no clear difference to ${joinWords(ties)}`]),
    ...(lower.length === 0
      ? []
      : [`${joinWords(lower)} ${lower.length === 1 ? 'is' : 'are'} clearly lower on held-out text`]),
  ];
  return ` (undecided: ${reasons.join('; ')})`;
}

/** Of each method's regions the one that takes most room: it gets the marker, so that nothing hangs on colour alone. */
function largestOfEach({ regions }: MethodMap): readonly MapRegion[] {
  const largest = new Map<string, MapRegion>();
  for (const region of regions) {
    const known = largest.get(region.method);
    if (known === undefined || roomOf(region) > roomOf(known)) largest.set(region.method, region);
  }
  return [...largest.values()];
}

function roomOf({ x, y }: MapRegion): number {
  return Math.log(x.to / x.from) * Math.log(y.to / y.from);
}

function drawMarker({ index, x, y }: MapRegion, place: Place): string {
  const middle = (axis: Axis, { from, to }: MapRegion['x']): number =>
    (axis.place(from) + axis.place(to)) / 2;
  return `<path class="marker ${colourClass(index)}" d="${markerPath(index, middle(place.x, x), middle(place.y, y))}"/>`;
}

function drawAxes(map: MethodMap, { x, y }: Place): string {
  const parts = [
    `<text class="axis-title" x="0" y="14">${escapeHtml(`${map.yAxis.label} (log scale)`)}</text>`,
  ];
  for (const tick of y.ticks) {
    const at = coordinate(y.place(tick));
    parts.push(`<path class="axis" d="M${LEFT - 5} ${at}h5"/>`);
    parts.push(
      `<text class="tick" x="${LEFT - 8}" y="${at}" dy="0.35em" text-anchor="end">${escapeHtml(map.yAxis.formatTick(tick))}</text>`,
    );
  }
  parts.push(`<path class="axis" d="M${LEFT} ${TOP}V${BOTTOM}H${RIGHT}"/>`);
  for (const tick of x.ticks) {
    const at = coordinate(x.place(tick));
    parts.push(`<path class="axis" d="M${at} ${BOTTOM}v5"/>`);
    parts.push(
      `<text class="tick" x="${at}" y="${BOTTOM + 20}" text-anchor="middle">${escapeHtml(map.axis.formatTick(tick))}</text>`,
    );
  }
  const middle = coordinate((LEFT + RIGHT) / 2);
  parts.push(
    `<text class="axis-title" x="${middle}" y="${HEIGHT - 12}" text-anchor="middle">${escapeHtml(`${map.axis.label} (log scale)`)}</text>`,
  );
  return parts.join('\n');
}

/** Methods in the experiment’s order, then what paleness and stripes mean. */
function drawLegend({ regions }: MethodMap): string {
  const methods = new Map(regions.map(({ index, method }) => [index, method]));
  const rows = [...methods].sort(([a], [b]) => a - b);
  const x = RIGHT + 24;
  const yOf = (row: number): number => TOP + 12 + row * LEGEND_STEP;
  const entries = rows.map(
    ([index, method], row) =>
      `<path class="marker ${colourClass(index)}" d="${markerPath(index, x, yOf(row))}"/><text class="label" x="${x + 14}" y="${yOf(row)}" dy="0.35em">${escapeHtml(visible(method))}</text>`,
  );
  const keys = [
    ...(regions.some(({ tuning }) => tuning !== undefined)
      ? [{ style: 'region pale plain', text: 'tuned on less', isStriped: false }]
      : []),
    ...(regions.some(isUndecided) ? [{ style: 'region plain', text: 'undecided', isStriped: true }] : []),
  ].map(({ style, text, isStriped }, index) => {
    const y = yOf(rows.length + index);
    const box = { left: x - 9, top: y - 7, width: 18, height: 14 };
    return `${rectangle(style, box)}${isStriped ? stripes(box) : ''}<text class="tick" x="${x + 14}" y="${y}" dy="0.35em">${text}</text>`;
  });
  return [...entries, ...keys].join('\n');
}
