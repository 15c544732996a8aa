/**
 * Two values a row as horizontal bars, the first filled, the second an outline, each with its figure at its end: before
 * and after fine-tuning, a domain's and the generic text's share of a cluster. SVG text, as plot.ts makes.
 */

import { formatRange } from '../common/format.ts';
import { escapeHtml, visible } from './escape.ts';
import { colourClass, coordinate } from './markers.ts';
import type { Table, TableCell } from './table.ts';

export interface PairBars {
  readonly title: string;
  readonly context: string;
  readonly rowTitle: string;
  /** What the filled and the outlined bar are. */
  readonly names: readonly [string, string];
  readonly rows: readonly PairRow[];
  /** Where a value's bar ends, from 0 up; a perplexity's is its logarithm, so that 1, knowing all, has no bar. */
  readonly length: (value: number) => number;
  readonly format: (value: number) => string;
}

export interface PairRow {
  readonly label: string;
  /** A quieter second line. */
  readonly detail: string;
  /** Colour, as a method's place in the experiment. */
  readonly index: number;
  readonly values: readonly [PairValue | undefined, PairValue | undefined];
}

export interface PairValue {
  readonly mean: number;
  readonly min: number;
  readonly max: number;
}

const WIDTH = 700;
const LEFT = 190;
const RIGHT = WIDTH - 86;
const TOP = 34;
const ROW = 50;
const BAR = 14;
const LONGEST_LABEL = 24;
const LONGEST_DETAIL = 30;

export function drawPairBars(chart: PairBars, id: string): string {
  const height = TOP + chart.rows.length * ROW + 6;
  const longest = Math.max(
    Number.MIN_VALUE,
    ...chart.rows.flatMap(({ values }) =>
      values.flatMap((value) => (value ? [chart.length(value.max)] : [])),
    ),
  );
  const name = escapeHtml(id);
  const place = (value: number): number => LEFT + ((RIGHT - LEFT) * chart.length(value)) / longest;
  return [
    `<svg class="chart" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="${name}-title ${name}-desc">`,
    `<title id="${name}-title">${escapeHtml(`${chart.title}, ${chart.context}`)}</title>`,
    `<desc id="${name}-desc">${escapeHtml(summarizePairs(chart))}</desc>`,
    drawKey(chart),
    ...chart.rows.map((row, index) => drawRow(chart, row, TOP + index * ROW, place)),
    `<path class="axis" d="M${LEFT} ${TOP - 4}V${height - 8}"/>`,
    '</svg>',
  ].join('\n');
}

export function summarizePairs({ title, context, rows, names, format }: PairBars): string {
  const parts = rows.map(({ label, values }) => {
    const told = values.flatMap((value, index) => (value ? [`${names[index]} ${format(value.mean)}`] : []));
    return `${label} ${told.join(', ')}`;
  });
  return `${title}, ${context}: ${parts.join('; ')}.`;
}

export function pairTable({ title, context, rowTitle, names, rows, format }: PairBars): Table {
  const cell = (value: PairValue | undefined): TableCell =>
    value ? { text: format(value.mean), value: value.mean } : { text: 'not measured' };
  const end = (value: PairValue | undefined, of: 'min' | 'max'): TableCell =>
    value && value.min < value.max ? { text: format(value[of]), value: value[of] } : { text: '' };
  return {
    caption: `${title}, ${context}`,
    columns: [
      { title: rowTitle, align: 'text' },
      ...names.flatMap((name) => [
        { title: name, align: 'number' as const },
        { title: `${name}, lowest`, align: 'number' as const },
        { title: `${name}, highest`, align: 'number' as const },
      ]),
    ],
    rows: rows.map(({ label, detail, values }) => [
      { text: label, ...(detail !== '' && { detail }) },
      ...values.flatMap((value) => [cell(value), end(value, 'min'), end(value, 'max')]),
    ]),
  };
}

function drawKey({ names }: PairBars): string {
  const second = LEFT + 40 + names[0].length * 7.4;
  return [
    `<rect class="bar plain" x="${LEFT}" y="4" width="18" height="12"/>`,
    `<text class="tick" x="${LEFT + 25}" y="14">${escapeHtml(names[0])}</text>`,
    `<rect class="bar hollow plain" x="${coordinate(second)}" y="4" width="18" height="12"/>`,
    `<text class="tick" x="${coordinate(second + 25)}" y="14">${escapeHtml(names[1])}</text>`,
  ].join('');
}

function drawRow(chart: PairBars, row: PairRow, top: number, place: (value: number) => number): string {
  const hasDetail = row.detail !== '';
  return [
    `<text class="label" x="0" y="${top + (hasDetail ? 13 : 22)}">${escapeHtml(shortened(row.label, LONGEST_LABEL))}</text>`,
    hasDetail
      ? `<text class="tick detail" x="0" y="${top + 30}">${escapeHtml(shortened(row.detail, LONGEST_DETAIL))}</text>`
      : '',
    ...row.values.map((value, index) =>
      value === undefined ? '' : drawBar(chart, row, { value, index, y: top + index * (BAR + 4), place }),
    ),
  ].join('');
}

/** One of the values of a row, with where it is drawn. */
interface PlacedValue {
  readonly value: PairValue;
  readonly index: number;
  readonly y: number;
  readonly place: (value: number) => number;
}

function drawBar({ names, format }: PairBars, row: PairRow, { value, index, y, place }: PlacedValue): string {
  const colour = `${colourClass(row.index)}${index === 1 ? ' hollow' : ''}`;
  const end = place(value.mean);
  const spread = value.min < value.max ? ` (${formatRange(value.min, value.max, format)})` : '';
  const tooltip = `${row.label}, ${names[index]}: ${format(value.mean)}${spread}`;
  const middle = y + BAR / 2;
  const whisker = `M${coordinate(place(value.min))} ${middle - 4}v8m0 -4H${coordinate(place(value.max))}m0 -4v8`;
  const width = coordinate(Math.max(1, end - LEFT));
  const text = Math.max(end, spread === '' ? end : place(value.max));
  return [
    `<g><title>${escapeHtml(tooltip)}</title>`,
    `<rect class="bar ${colour}" x="${LEFT}" y="${y}" width="${width}" height="${BAR}"/>`,
    spread === '' ? '' : `<path class="bar-whisker" d="${whisker}"/>`,
    `<text x="${coordinate(text + 7)}" y="${y + 12}">${escapeHtml(format(value.mean))}</text></g>`,
  ].join('');
}

function shortened(text: string, longest: number): string {
  const characters = [...visible(text)];
  return characters.length <= longest ? characters.join('') : `${characters.slice(0, longest - 1).join('')}…`;
}
