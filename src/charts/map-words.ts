/** A map of methods in a sentence and as a table, for those who cannot or need not look at it. */
import type { MapRange, MapRegion, MethodMap } from './method-map.ts';
import type { Table } from './table.ts';

/** For example: `Which method to use, on letters: slm-is on 41 % of the map, slm on 30 %; undecided on 12 %.` */
export function summarizeMap(map: MethodMap): string {
  const shares = new Map<string, number>();
  let undecided = 0;
  for (const region of map.regions) {
    const share = shareOf(map, region);
    if (region.ties.length === 0) shares.set(region.method, (shares.get(region.method) ?? 0) + share);
    else undecided += share;
  }
  const decided = [...shares]
    .sort(([, a], [, b]) => b - a)
    .map(([method, share]) => `${method} on ${percent(share)}`);
  const covered = map.regions.reduce((sum, region) => sum + shareOf(map, region), 0);
  return [
    `${map.title}, ${map.context}, by ${lowerFirst(map.axis.label)} and ${lowerFirst(map.yAxis.label)}: `,
    decided.length === 0 ? 'no method is clearly the best anywhere' : `${decided.join(', ')} of the map`,
    undecided > 0.005 ? `; undecided on ${percent(undecided)}` : '',
    covered < 0.995 ? `; on ${percent(1 - covered)} the budgets are below all that was measured` : '',
    '.',
  ].join('');
}

/** The regions, from the lowest budgets up. */
export function mapTable(map: MethodMap): Table {
  const cells = ({ from, to }: MapRange, { formatExact }: MethodMap['axis']) => [
    { text: formatExact(from), value: from },
    { text: formatExact(to), value: to },
  ];
  const columns = ({ label, unit }: MethodMap['axis']) =>
    ['from', 'below'].map((side) => ({
      title: `${label}, ${side}`,
      align: 'number' as const,
      ...(unit && { unit }),
    }));
  return {
    caption: `${map.title}, ${map.context}`,
    columns: [
      { title: 'Method', align: 'text' },
      ...columns(map.axis),
      ...columns(map.yAxis),
      { title: 'No clear difference to', align: 'text' },
    ],
    rows: map.regions.map((region) => [
      { text: region.method },
      ...cells(region.x, map.axis),
      ...cells(region.y, map.yAxis),
      { text: region.ties.join(', ') },
    ]),
  };
}

function shareOf(map: MethodMap, region: MapRegion): number {
  const along = (part: MapRange, whole: MapRange): number =>
    Math.log(part.to / part.from) / Math.log(whole.to / whole.from);
  return along(region.x, map.x) * along(region.y, map.y);
}

function percent(share: number): string {
  return `${Math.max(1, Math.round(100 * share))} %`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
