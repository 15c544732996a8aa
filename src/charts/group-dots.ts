/**
 * Values of several runs in groups, one group a method, one line a run: a marker at the mean, a whisker over the seeds,
 * the run's name and figure at its end, on a log axis that all groups share. SVG text, as plot.ts makes.
 */

import { formatPlural, formatRange } from '../common/format.ts';
import { escapeHtml, visible } from './escape.ts';
import { colourClass, coordinate, markerPath } from './markers.ts';
import { type Axis, logAxis, paddedRange } from './scale.ts';
import type { Table } from './table.ts';

export interface GroupDots {
  readonly title: string;
  readonly context: string;
  /** Under the axis. */
  readonly axis: string;
  /** Of the values, in exported numbers. */
  readonly unit?: string;
  /** Whose values they are; the place in the list chooses colour and marker. */
  readonly members: readonly { readonly name: string; readonly title: string }[];
  readonly groups: readonly DotGroup[];
  readonly format: (value: number) => string;
  readonly formatTick: (value: number) => string;
}

export interface DotGroup {
  readonly label: string;
  /** A quieter second line. */
  readonly detail: string;
  /** In the order of the members; one without a value is left out. */
  readonly values: readonly DotValue[];
}

export interface DotValue {
  /** Place in the list of members. */
  readonly member: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly seeds: number;
  /** What the value stands for, for the tooltip. */
  readonly note: string;
}

const WIDTH = 700;
const LEFT = 266;
const RIGHT = WIDTH - 96;
const TOP = 12;
const LEGEND_LINE = 20;
const LINE = 20;
const BETWEEN_GROUPS = 16;
const FOOT = 48;
const CHARACTER_WIDTH = 7.4;
const LONGEST_LABEL = 36;
const LONGEST_TITLE = 84;
const MOST_TICKS = 5;

/** The chart as one `<svg>` element. `id` must be unique in the page. */
export function drawGroupDots(chart: GroupDots, id: string): string {
  const name = escapeHtml(id);
  const top = TOP + chart.members.length * LEGEND_LINE + 8;
  const tops: number[] = [];
  let bottom = top;
  for (const group of chart.groups) {
    tops.push(bottom);
    bottom += heightOf(group) + BETWEEN_GROUPS;
  }
  const values = chart.groups.flatMap((group) => group.values.flatMap(({ min, max }) => [min, max]));
  const axis = logAxis(paddedRange(values, 1.12) ?? { min: 1, max: 10 }, LEFT, RIGHT, MOST_TICKS);
  return [
    `<svg class="chart" viewBox="0 0 ${WIDTH} ${bottom + FOOT}" role="img" aria-labelledby="${name}-title ${name}-desc">`,
    `<title id="${name}-title">${escapeHtml(`${chart.title}, ${chart.context}`)}</title>`,
    `<desc id="${name}-desc">${escapeHtml(summarizeGroups(chart))}</desc>`,
    ...chart.members.map(({ name: short, title }, index) => drawLegend(index, short, title)),
    drawAxis(chart, axis, top, bottom),
    ...chart.groups.map((group, index) => drawGroup(chart, group, tops[index], axis)),
    '</svg>',
  ].join('\n');
}

export function summarizeGroups({ title, context, members, groups, format }: GroupDots): string {
  const parts = groups.map(
    ({ label, values }) =>
      `${label}: ${values.map(({ member, mean }) => `${members[member].name} ${format(mean)}`).join(', ')}`,
  );
  return `${title}, ${context}. ${parts.join('; ')}.`;
}

export function groupTable({ title, context, members, groups, format, unit }: GroupDots): Table {
  return {
    caption: `${title}, ${context}`,
    columns: [
      { title: 'Method', align: 'text' },
      { title: 'Run', align: 'text' },
      ...['Mean', 'Lowest', 'Highest'].map((name) => ({
        title: name,
        align: 'number' as const,
        ...(unit !== undefined && { unit }),
      })),
      { title: 'Seeds', align: 'number' },
    ],
    rows: groups.flatMap(({ label, values }) =>
      values.map(({ member, mean, min, max, seeds }) => [
        { text: label },
        { text: members[member].name },
        ...[mean, min, max].map((value) => ({ text: format(value), value })),
        { text: `${seeds}`, value: seeds },
      ]),
    ),
  };
}

function heightOf({ values }: DotGroup): number {
  // A label has two lines, and fewer values need its room all the same.
  return Math.max(2, values.length) * LINE;
}

function drawLegend(index: number, name: string, title: string): string {
  const y = TOP + index * LEGEND_LINE;
  return [
    `<path class="marker ${colourClass(index)}" d="${markerPath(index, 8, y)}"/>`,
    `<text class="label" x="22" y="${y}" dy="0.35em">${escapeHtml(name)}</text>`,
    `<text x="46" y="${y}" dy="0.35em">${escapeHtml(shortened(title, LONGEST_TITLE))}</text>`,
  ].join('');
}

function drawAxis({ axis: label, formatTick }: GroupDots, axis: Axis, top: number, bottom: number): string {
  let free = 0;
  const ticks = axis.ticks.map((tick) => {
    const x = axis.place(tick);
    const text = formatTick(tick);
    const half = (text.length * CHARACTER_WIDTH) / 2;
    const line = `<path class="grid" d="M${coordinate(x)} ${top - 6}V${bottom - 6}"/>`;
    if (x - half < free) return line;
    free = x + half + 8;
    return `${line}<text class="tick" x="${coordinate(x)}" y="${bottom + 10}" text-anchor="middle">${escapeHtml(text)}</text>`;
  });
  return [
    ...ticks,
    `<path class="axis" d="M${LEFT} ${bottom - 6}H${RIGHT}"/>`,
    `<text class="axis-title" x="${(LEFT + RIGHT) / 2}" y="${bottom + 34}" text-anchor="middle">${escapeHtml(label)}</text>`,
  ].join('\n');
}

function drawGroup(chart: GroupDots, group: DotGroup, top: number, axis: Axis): string {
  return [
    `<text class="label" x="0" y="${top + 13}">${escapeHtml(shortened(group.label, LONGEST_LABEL))}</text>`,
    `<text class="tick detail" x="0" y="${top + 29}">${escapeHtml(shortened(group.detail, LONGEST_LABEL))}</text>`,
    ...group.values.map((value, line) => drawValue(chart, group, value, { y: top + line * LINE + 9, axis })),
  ].join('\n');
}

function drawValue(
  { members, format }: GroupDots,
  { label }: DotGroup,
  value: DotValue,
  { y, axis }: { readonly y: number; readonly axis: Axis },
): string {
  const { name } = members[value.member];
  const colour = colourClass(value.member);
  const [low, mean, high] = [value.min, value.mean, value.max].map((one) => coordinate(axis.place(one)));
  const range = formatRange(value.min, value.max, format);
  const spread =
    value.seeds === 1
      ? '1 seed, spread over seeds unknown'
      : `${range} over ${formatPlural(value.seeds, 'seed')}`;
  const tooltip = `${name}, ${label}: ${format(value.mean)} (${spread}); ${value.note}`;
  return [
    `<g><title>${escapeHtml(tooltip)}</title>`,
    `<path class="whisker ${colour}" d="M${low} ${y - 4}v8m0 -4H${high}m0 -4v8"/>`,
    `<path class="marker ${colour}" d="${markerPath(value.member, Number(mean), y)}"/>`,
    `<text x="${coordinate(Number(high) + 12)}" y="${y}" dy="0.35em">${escapeHtml(`${name} ${format(value.mean)}`)}</text></g>`,
  ].join('');
}

function shortened(text: string, longest: number): string {
  const characters = [...visible(text)];
  return characters.length <= longest ? characters.join('') : `${characters.slice(0, longest - 1).join('')}…`;
}
