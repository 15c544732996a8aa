/** Compared runs as a chart and a table: each method of each run where the answer takes it from, and every figure. */
import { selectionInWords, sizeOf } from '../../src/budget/in-domain-size.ts';
import type { PointCost } from '../../src/budget/measured-point.ts';
import type { Measurement } from '../../src/budget/measurement.ts';
import { pretrainingInWords } from '../../src/budget/pretraining-words.ts';
import {
  beforeTuningOn,
  type Cell,
  isMeasurable,
  measurementsOf,
  standingCells,
  type View,
  viewsOf,
} from '../../src/budget/views.ts';
import type { DotGroup, GroupDots } from '../../src/charts/group-dots.ts';
import type { Table, TableCell } from '../../src/charts/table.ts';
import {
  formatBits,
  formatCompact,
  formatFlops,
  formatFlopsTick,
  formatLocalTime,
  formatPerplexity,
  formatPlural,
  formatSeconds,
} from '../../src/common/format.ts';
import { mean } from '../../src/common/means.ts';
import { methodInWords, methodTitle } from '../../src/methods/titles.ts';
import type { ComparedRun } from '../../src/panel-protocol/messages.ts';

export const MEASURES = ['perplexity', 'bits per byte', 'time', 'computation'] as const;
export type Measure = (typeof MEASURES)[number];

/** Domains, and averages over them, that any of the runs has. */
export function viewTitles(runs: readonly ComparedRun[]): readonly string[] {
  return [...new Set(runs.flatMap((run) => viewsOfRun(run).map(({ title }) => title)))];
}

/** Each method of each run at its chosen budget with the run's largest in-domain set; `undefined` without any. */
export function comparedChart(
  runs: readonly ComparedRun[],
  title: string,
  measure: Measure,
): GroupDots | undefined {
  const views = runs.map((run) => viewOf(run, title));
  const cells = views.map((view) => (view === undefined ? [] : standingCells(view)));
  const methods = [...new Set(cells.flatMap((own) => own.map(({ method }) => method)))];
  if (methods.length === 0) return undefined;
  const groups = methods.map((method): DotGroup => {
    const values = cells.flatMap((own, member) => {
      const cell = own.find((one) => one.method === method);
      if (cell === undefined) return [];
      const measured = measurementsOf(runs[member].measurements, cell).filter(
        ({ domain }) => views[member]?.kind === 'macro average' || domain === title,
      );
      return [{ member, ...valueIn(cell, measured, measure), note: placeOf(cell) }];
    });
    return { label: methodTitle(method) || method, detail: method, values };
  });
  return {
    title: TITLES[measure],
    context: `${title}, after fine-tuning`,
    axis: AXES[measure],
    members: runs.map(({ name, ...run }) => ({ name, title: runTitle(run) })),
    groups,
    ...FORMATS[measure],
  };
}

/** Every point of every run, those of one method together. */
export function figureTable(runs: readonly ComparedRun[], title: string): Table {
  const rows = runs.flatMap((run) =>
    figuresOf(run, viewOf(run, title)?.cells ?? []).map((figures) => ({ name: run.name, ...figures })),
  );
  const methods = [...new Set(rows.map(({ cell }) => cell.method))];
  const order = ({ cell }: (typeof rows)[number]): readonly number[] => [
    methods.indexOf(cell.method),
    -cell.domainTokens,
    -cell.pretrainingTokens,
  ];
  const sorted = [...rows].sort((a, b) => compare(order(a), order(b)));
  return {
    caption: `Every figure, ${title}: means over the seeds`,
    columns: [
      { title: 'Method', align: 'text' },
      { title: 'Run', align: 'text' },
      ...[
        'Pretraining tokens',
        'In-domain tokens',
        'Held-out perplexity',
        'Lowest',
        'Highest',
        'Before fine-tuning',
        'Bits per byte',
        'Validation perplexity',
        'Seeds',
      ].map((title) => ({ title, align: 'number' as const })),
      ...['Generic', 'Specialization'].flatMap((work) => [
        { title: `${work} time`, unit: 's', align: 'number' as const },
        { title: `${work} computation`, unit: 'FLOP', align: 'number' as const },
      ]),
    ],
    rows: sorted.map(({ name, cell, before }) => [
      { text: methodInWords(cell.method) },
      { text: name },
      number(cell.pretrainingTokens, formatCompact),
      cell.phase === 'after fine-tuning'
        ? number(cell.domainTokens, formatCompact)
        : { text: `not fine-tuned${selectionInWords(cell.requestedDomainTokens)}` },
      number(cell.perplexity.mean, formatPerplexity),
      number(cell.perplexity.min, formatPerplexity),
      number(cell.perplexity.max, formatPerplexity),
      before === undefined ? { text: '–' } : number(before.perplexity.mean, formatPerplexity),
      number(cell.bitsPerByte.mean, formatBits),
      number(cell.validation.mean, formatPerplexity),
      number(cell.perplexity.n, String),
      number(cell.genericSeconds, formatSeconds),
      number(cell.genericFlops, formatFlops),
      number(cell.specializationSeconds, formatSeconds),
      number(cell.specializationFlops, formatFlops),
    ]),
  };
}

const number = (value: number, format: (value: number) => string): TableCell => ({
  text: format(value),
  value,
});

const TITLES: Readonly<Record<Measure, string>> = {
  perplexity: 'Held-out perplexity',
  'bits per byte': 'Held-out bits per byte',
  time: 'Time from nothing to the model',
  computation: 'Computation from nothing to the model',
};

const AXES: Readonly<Record<Measure, string>> = {
  perplexity: 'Held-out perplexity, log scale (lower is better)',
  'bits per byte': 'Held-out bits per byte, log scale (lower is better)',
  time: 'Generic and specialization work, log scale',
  computation: 'Generic and specialization work, log scale',
};

const FORMATS: Readonly<Record<Measure, Pick<GroupDots, 'format' | 'formatTick' | 'unit'>>> = {
  perplexity: { format: formatPerplexity, formatTick: String },
  'bits per byte': { format: formatBits, formatTick: String },
  time: { format: formatSeconds, formatTick: formatSeconds, unit: 's' },
  computation: { format: formatFlops, formatTick: formatFlopsTick, unit: 'FLOP' },
};

/** `measured`: what the cell was made from. */
function valueIn(
  cell: Cell,
  measured: readonly Measurement[],
  measure: Measure,
): Pick<DotGroup['values'][number], 'mean' | 'min' | 'max' | 'seeds'> {
  const { perplexity, bitsPerByte } = cell;
  if (measure === 'perplexity') return { ...perplexity, seeds: perplexity.n };
  if (measure === 'bits per byte') return { ...bitsPerByte, seeds: bitsPerByte.n };
  const cost = (of: PointCost): number =>
    measure === 'time'
      ? of.genericSeconds + of.specializationSeconds
      : of.genericFlops + of.specializationFlops;
  const bySeed = cell.seeds.map(({ seed }) => mean(measured.filter((one) => one.seed === seed).map(cost)));
  return { mean: cost(cell), min: Math.min(...bySeed), max: Math.max(...bySeed), seeds: perplexity.n };
}

function placeOf(cell: Cell): string {
  return `${pretrainingInWords(cell)}, ${formatCompact(cell.domainTokens)} in-domain tokens`;
}

/** What a reader knows the run by: `factbook, begun 2026-03-01 12:25, 2 methods`. */
function runTitle({ title, created, methods }: Omit<ComparedRun, 'name'>): string {
  const what = methods.length === 1 ? methodInWords(methods[0]) : formatPlural(methods.length, 'method');
  return `${title}, begun ${formatLocalTime(created)}, ${what}`;
}

function viewsOfRun({ measurements }: Pick<ComparedRun, 'measurements'>): readonly View[] {
  return viewsOf(measurements.filter(isMeasurable));
}

function viewOf(run: ComparedRun, title: string): View | undefined {
  return viewsOfRun(run).find((view) => view.title === title);
}

interface Figures {
  readonly cell: Cell;
  /** The model that its fine-tuning began with. */
  readonly before: Cell | undefined;
}

/** What was measured before fine-tuning stands beside what became of it, or in a row of its own. */
function figuresOf(run: Pick<ComparedRun, 'choosesTuned'>, cells: readonly Cell[]): readonly Figures[] {
  const starts = new Map(cells.map((cell) => [cell, startOf(run, cell, cells)]));
  const beside = new Set(starts.values());
  return cells.filter((cell) => !beside.has(cell)).map((cell) => ({ cell, before: starts.get(cell) }));
}

/** None of a method that chooses among fine-tuned models: what was measured before need not be the start of what was chosen. */
function startOf(
  { choosesTuned }: Pick<ComparedRun, 'choosesTuned'>,
  cell: Cell,
  cells: readonly Cell[],
): Cell | undefined {
  if (cell.phase === 'before fine-tuning' || choosesTuned.includes(cell.method)) return undefined;
  return beforeTuningOn(cells, sizeOf(cell)).find((one) => isSamePretraining(one, cell));
}

function isSamePretraining(a: Cell, b: Cell): boolean {
  return a.method === b.method && a.pretrainingTokens === b.pretrainingTokens;
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : a[at] - b[at];
}
