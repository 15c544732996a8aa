/** A map of methods in a sentence and as a table, for those who cannot or need not look at it. */
import { joinWords } from '../common/words.ts';
import { isUndecided, type MapRange, type MapRegion, type MethodMap } from './method-map.ts';
import type { Table } from './table.ts';

/**
 * For example: `Which method to use, on letters, with 50k in-domain tokens at hand, by …: slm-is on 41 %; slm on 30 %
 * (4 % not fine-tuned) of the map; undecided on 29 %.`
 */
export function summarizeMap(map: MethodMap): string {
  const settled = map.regions.filter((region) => !isUndecided(region));
  const decided = sharesBy(map, settled, ({ method }) => method).map(([method, share]) => {
    const own = settled.filter((region) => region.method === method);
    return `${method} on ${percent(share)}${tuningsInWords(map, own)}`;
  });
  const covered = sum(map.regions.map((region) => shareOf(map, region)));
  const undecided = covered - sum(settled.map((region) => shareOf(map, region)));
  return [
    `${map.title}, ${map.context}, by ${lowerFirst(map.axis.label)} and ${lowerFirst(map.yAxis.label)}: `,
    decided.length === 0 ? 'no method is clearly the best anywhere' : `${decided.join('; ')} of the map`,
    undecided > 0.005 ? `; undecided on ${percent(undecided)}${disagreements(map)}` : '',
    covered < 0.995 ? `; on ${percent(1 - covered)} the budgets are below all that was measured` : '',
    '.',
  ].join('');
}

/** How a method is fine-tuned in its regions, where less than it could be: ` (4 % not fine-tuned)`. */
function tuningsInWords(map: MethodMap, own: readonly MapRegion[]): string {
  const [first] = own;
  const isOne = own.every(({ tuning }) => tuning === first.tuning);
  if (isOne) return first.tuning === undefined ? '' : ` (${first.tuning})`;
  const parts = sharesBy(map, own, ({ tuning }) => tuning);
  return ` (${parts.map(([tuning, share]) => `${percent(share)} ${tuning}`).join('; ')})`;
}

/** The map's share of each group of regions, largest first; regions without a group are left out. */
function sharesBy(
  map: MethodMap,
  regions: readonly MapRegion[],
  groupOf: (region: MapRegion) => string | undefined,
): readonly (readonly [group: string, share: number])[] {
  const shares = new Map<string, number>();
  for (const region of regions) {
    const group = groupOf(region);
    if (group !== undefined) shares.set(group, (shares.get(group) ?? 0) + shareOf(map, region));
  }
  return [...shares].sort(([, a], [, b]) => b - a);
}

/** Where validation and held-out text disagree: `, in places because on held-out text slm is clearly lower than slm-is`. */
function disagreements({ regions }: MethodMap): string {
  const pairs = regions.flatMap(({ method, lower }) =>
    lower.map((other) => `${other} is clearly lower than ${method}`),
  );
  return pairs.length === 0 ? '' : `, in places because on held-out text ${joinWords([...new Set(pairs)])}`;
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
      { title: 'In-domain set', align: 'text' },
      { title: 'No clear difference to', align: 'text' },
      { title: 'Clearly lower on held-out text', align: 'text' },
    ],
    rows: map.regions.map((region) => [
      { text: region.method },
      ...cells(region.x, map.axis),
      ...cells(region.y, map.yAxis),
      { text: region.tuning ?? 'fine-tuned on all of it' },
      { text: region.ties.join(', ') },
      { text: region.lower.join(', ') },
    ]),
  };
}

function shareOf(map: MethodMap, region: MapRegion): number {
  const along = (part: MapRange, whole: MapRange): number =>
    Math.log(part.to / part.from) / Math.log(whole.to / whole.from);
  return along(region.x, map.x) * along(region.y, map.y);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function percent(share: number): string {
  // Raised to 1 %, the parts could exceed the whole.
  return share < 0.01 ? 'under 1 %' : `${Math.round(100 * share)} %`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
