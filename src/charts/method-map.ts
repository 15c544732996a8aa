/**
 * Which method to use, as a map: over the pretraining and the specialization budget, and over the number of domains and
 * what each may cost. A map holds for an in-domain set of one size. Whoever has it may also use a part of it, or fine-tune
 * on nothing: what was measured with less of it contends too, else a map would name what a cheaper measured model beats.
 */
import { type Contest, contests, logSpaced, type Plane } from '../budget/choice/contest.ts';
import { totalCost } from '../budget/cost.ts';
import { type InDomainSize, selectionInWords, sizeInWords, sizeOf } from '../budget/in-domain-size.ts';
import { type Cell, cellsUpToSize, tokensAt, type View } from '../budget/views.ts';
import { formatCount, formatFlops, formatFlopsTick, formatPlural } from '../common/format.ts';
import { isCeiling, type Subject, viewInWords } from './budgets.ts';
import type { AxisFacts } from './chart.ts';

export interface MethodMap {
  readonly shape: 'map';
  readonly title: string;
  readonly context: string;
  readonly axis: AxisFacts;
  readonly yAxis: AxisFacts;
  readonly x: MapRange;
  readonly y: MapRange;
  /** From the lowest budgets up; together they cover what something was measured for. */
  readonly regions: readonly MapRegion[];
}

export interface MapRange {
  readonly from: number;
  readonly to: number;
}

/** A rectangle of budgets with one outcome. */
export interface MapRegion {
  readonly x: MapRange;
  readonly y: MapRange;
  readonly method: string;
  readonly title: string;
  /** Place in the experiment's list of methods. */
  readonly index: number;
  /** Where it is not fine-tuned on all of the in-domain set: `fine-tuned on 2k in-domain tokens`, `not fine-tuned`. */
  readonly tuning?: string;
  /** Methods that cannot be told from it. */
  readonly ties: readonly string[];
  /** Methods that are clearly lower on held-out text, though not on validation text. */
  readonly lower: readonly string[];
}

export function isUndecided({ ties, lower }: MapRegion): boolean {
  return ties.length + lower.length > 0;
}

export const MAP_KINDS = ['both budgets', 'number of domains'] as const;
export type MapKind = (typeof MAP_KINDS)[number];

const COLUMNS = 48;
const ROWS = 28;
const MOST_DOMAINS = 1000;
/** Beyond the dearest measured point more budget changes nothing that was measured. */
const MARGIN = 1.5;

/**
 * What draws it up, which is work. `undefined` where there is no choice: fewer than two methods within the inference cap
 * were measured at the size or below, or no pretraining costs anything.
 */
export function methodMap(
  subject: Subject,
  view: View,
  kind: MapKind,
  size: InDomainSize,
): (() => MethodMap) | undefined {
  const cells = contendersAt(subject, view, size);
  const plane = planeOf(cells, kind);
  if (plane === undefined) return undefined;
  const { x, y, axis, yAxis } = plane;
  return () => ({
    shape: 'map',
    title: 'Which method to use',
    context: `${viewInWords(view)}, with ${sizeInWords(size, tokensAt(view.cells, size), view.kind)} at hand`,
    axis,
    yAxis,
    x: { from: x[0], to: endOf(x) },
    y: { from: y[0], to: endOf(y) },
    regions: regionsOf(subject, outcomesOf(cells, plane, size), plane),
  });
}

function contendersAt(subject: Subject, view: View, size: InDomainSize): readonly Cell[] {
  const within = new Set(subject.methods.filter((one) => !isCeiling(subject, one)).map(({ id }) => id));
  return cellsUpToSize(view.cells, size).filter(({ method }) => within.has(method));
}

function planeOf(cells: readonly Cell[], kind: MapKind): MapPlane | undefined {
  if (new Set(cells.map(({ method }) => method)).size < 2) return undefined;
  // Choosing an expert costs next to nothing: axes that begin there would be empty for decades.
  const tuned = cells.filter(({ phase }) => phase === 'after fine-tuning');
  return kind === 'both budgets' ? budgetPlane(tuned) : domainPlane(tuned);
}

interface MapPlane extends Plane<Cell> {
  readonly axis: AxisFacts;
  readonly yAxis: AxisFacts;
}

const flopAxis = (label: string): AxisFacts => ({
  label,
  unit: 'FLOP',
  zero: 'none',
  format: formatFlops,
  formatExact: formatFlops,
  formatTick: formatFlopsTick,
});

function budgetPlane(cells: readonly Cell[]): MapPlane | undefined {
  const x = spanOf(cells.map(({ specializationFlops }) => specializationFlops));
  const y = spanOf(cells.map(({ genericFlops }) => genericFlops));
  if (x === undefined || y === undefined) return undefined;
  return {
    x: logSpaced(x.from, x.to, COLUMNS),
    y: logSpaced(y.from, y.to, ROWS),
    axis: flopAxis('Specialization budget, for each domain'),
    yAxis: flopAxis('Pretraining budget, once'),
    isWithin: ({ specializationFlops, genericFlops }, specialization, generic) =>
      specializationFlops <= specialization && genericFlops <= generic,
  };
}

function domainPlane(cells: readonly Cell[]): MapPlane | undefined {
  const each = (cell: Cell, domains: number): number =>
    totalCost({ generic: cell.genericFlops, specialization: cell.specializationFlops }, domains) / domains;
  const y = spanOf(cells.flatMap((cell) => [each(cell, 1), each(cell, MOST_DOMAINS)]));
  if (y === undefined) return undefined;
  return {
    x: logSpaced(1, MOST_DOMAINS, COLUMNS),
    y: logSpaced(y.from, y.to, ROWS),
    axis: {
      label: 'Number of domains that share the pretraining',
      zero: 'none',
      format: (value) => formatPlural(Math.floor(value), 'domain'),
      formatExact: (value) => formatCount(Math.floor(value)),
      formatTick: formatCount,
    },
    yAxis: flopAxis('Computation for each domain'),
    isWithin: (cell, domains, budget) => each(cell, Math.floor(domains)) <= budget,
  };
}

/** From a little below the cheapest to a little above the dearest; `undefined` where nothing costs anything. */
function spanOf(costs: readonly number[]): MapRange | undefined {
  const positive = costs.filter((cost) => cost > 0);
  if (positive.length === 0) return undefined;
  return { from: Math.min(...positive) / MARGIN, to: Math.max(...positive) * MARGIN };
}

/** Rows of equal outcomes, joined with those above them. */
function regionsOf(subject: Subject, rows: Outcomes, plane: MapPlane): readonly MapRegion[] {
  const done: MapRegion[] = [];
  let below: MapRegion[] = [];
  for (const [row, outcomes] of rows.entries()) {
    const y = rangeAt(plane.y, row, row);
    const open = below;
    below = runsOf(outcomes).flatMap(({ outcome, first, last }): MapRegion[] => {
      if (outcome === undefined) return [];
      const x = rangeAt(plane.x, first, last);
      const same = open.findIndex(
        (one) => one.x.from === x.from && one.x.to === x.to && isSame(one, outcome),
      );
      if (same >= 0) {
        const [grown] = open.splice(same, 1);
        return [{ ...grown, y: { from: grown.y.from, to: y.to } }];
      }
      const index = subject.methods.findIndex(({ id }) => id === outcome.method);
      return [{ x, y, ...outcome, title: subject.methods[index].title, index }];
    });
    done.push(...open);
  }
  return [...done, ...below];
}

type Outcome = Pick<MapRegion, 'method' | 'tuning' | 'ties' | 'lower'>;

/** By row and column. */
type Outcomes = readonly (readonly (Outcome | undefined)[])[];

function outcomesOf(cells: readonly Cell[], plane: MapPlane, size: InDomainSize): Outcomes {
  return contests(cells, plane).map((row) => row.map((contest) => contest && outcomeOf(contest, size)));
}

function outcomeOf({ leader, ties, lower }: Contest<Cell>, size: InDomainSize): Outcome {
  const tuning = lesserTuning(leader, size);
  return { method: leader.method, ...(tuning !== undefined && { tuning }), ties, lower };
}

/** How a cell is fine-tuned, in words; `undefined` where it is on all of a set of the size. */
function lesserTuning(cell: Cell, size: InDomainSize): string | undefined {
  const own = sizeOf(cell);
  if (cell.phase === 'after fine-tuning') {
    return own === size ? undefined : `fine-tuned on ${sizeInWords(own, cell.domainTokens)}`;
  }
  const { requestedDomainTokens: seen = size } = cell;
  if (seen === size || seen === 'all') return 'not fine-tuned';
  return `not fine-tuned${selectionInWords(seen)}`;
}

function isSame(a: Outcome | undefined, b: Outcome | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

interface Run {
  readonly outcome: Outcome | undefined;
  readonly first: number;
  last: number;
}

function runsOf(outcomes: readonly (Outcome | undefined)[]): readonly Run[] {
  const runs: Run[] = [];
  for (const [column, outcome] of outcomes.entries()) {
    const run = runs.at(-1);
    if (run !== undefined && isSame(run.outcome, outcome)) run.last = column;
    else runs.push({ outcome, first: column, last: column });
  }
  return runs;
}

function rangeAt(values: readonly number[], first: number, last: number): MapRange {
  return { from: values[first], to: values[last + 1] ?? endOf(values) };
}

/** Where the last part of an axis ends. */
function endOf(values: readonly number[]): number {
  const [last, before] = [values[values.length - 1], values[values.length - 2]];
  return last * (last / before);
}
