/**
 * The questions as charts: perplexity against pretraining budget, in-domain size, specialization cost, inference
 * cost, and the total cost for some number of domains. Whatever a chart does not show on its x axis is held fixed and named in its context; a method
 * stands at its own largest pretraining budget where that is not what varies.
 */
import { totalCost } from '../../src/budget/cost.ts';
import { paretoFront } from '../../src/budget/frontier.ts';
import { type InDomainSize, sizeInWords, sizeOf } from '../../src/budget/in-domain-size.ts';
import type { Booking } from '../../src/budget/ledger.ts';
import type { MethodFacts, ModelFacts } from '../../src/experiments/results.ts';
import { atLargestBudget, type Cell, cellsAtSize, domainSizes, tokensAt, type View } from './aggregate.ts';
import type { AxisFacts, Chart, Point, Series } from './chart.ts';
import { formatCompact, formatCount, formatFlops, formatFlopsTick, formatSeconds } from './format.ts';

export interface Subject {
  readonly methods: readonly MethodFacts[];
  readonly models: readonly ModelFacts[];
  /** What pressing the point of a cell asks for (`Point.key`). */
  keyOf?(cell: Cell): string | undefined;
  /** Why methods do not meet the reader's budgets, by id (`Series.infeasible`). */
  readonly infeasible?: ReadonlyMap<string, string>;
}

/** One of the budgets, or their sum, with the units in which it can be read. */
export interface Budget {
  readonly id: 'pretraining' | 'domain-size' | 'specialization' | 'inference' | 'total';
  readonly title: string;
  readonly question: string;
  readonly axes: readonly BudgetAxis[];
  readonly shape: Chart['shape'];
  /** Whether the in-domain size is held fixed (one chart for each size) or is what varies. */
  readonly domainSize: 'fixed' | 'varies';
  /** Whether the points are marked that no other method within the inference cap beats in cost and perplexity. */
  readonly front: boolean;
}

export interface BudgetAxis extends AxisFacts {
  /** What the choice of this axis is called. */
  readonly choice: string;
  /**
   * At which pretraining budgets a method is shown: at each of them where the axis counts what a larger one costs
   * that method, else at its largest alone, for its points would stand one above the other.
   */
  readonly counts: 'pretraining' | Booking | 'nothing of it';
  readonly value: (cell: Cell, model: ModelFacts | undefined) => number | undefined;
}

/** Numbers of domains for which the total cost is shown; the paper's figure 6. */
export const DOMAIN_COUNTS: readonly number[] = [1, 7, 50];

const tokenFormats = {
  format: (value: number) => `${formatCompact(value)} tokens`,
  formatExact: (value: number) => formatCount(value),
  formatTick: formatCompact,
};
const flopFormats = { format: formatFlops, formatExact: formatFlops, formatTick: formatFlopsTick };
const secondFormats = {
  format: formatSeconds,
  formatExact: formatSeconds,
  formatTick: (value: number) => `${formatCompact(value)} s`,
};

function totalAxis(domains: number): BudgetAxis {
  return {
    choice: domains === 1 ? '1 domain' : `${domains} domains`,
    label:
      domains === 1
        ? 'Computation for 1 domain: generic and specialization'
        : `Computation for ${domains} domains: generic once, specialization ${domains} times`,
    counts: 'pretraining',
    zero: 'none',
    ...flopFormats,
    value: ({ genericFlops, specializationFlops }) =>
      totalCost({ generic: genericFlops, specialization: specializationFlops }, domains),
  };
}

export const BUDGETS: readonly Budget[] = [
  {
    id: 'pretraining',
    title: 'Perplexity against pretraining budget',
    question: 'What does more generic pretraining buy?',
    shape: 'curve',
    domainSize: 'fixed',
    front: false,
    axes: [
      {
        choice: 'tokens',
        label: 'Pretraining tokens',
        counts: 'pretraining',
        zero: 'none',
        ...tokenFormats,
        value: (cell) => cell.pretrainingTokens,
      },
      {
        choice: 'FLOPs',
        label: 'Generic computation, paid once',
        counts: 'generic',
        zero: 'none',
        ...flopFormats,
        value: (cell) => cell.genericFlops,
      },
      {
        choice: 'device-seconds',
        label: 'Generic device-seconds, paid once',
        counts: 'generic',
        zero: 'none',
        ...secondFormats,
        value: (cell) => cell.genericSeconds,
      },
    ],
  },
  {
    id: 'domain-size',
    title: 'Perplexity against in-domain size',
    question: 'What would more in-domain text buy?',
    shape: 'curve',
    domainSize: 'varies',
    front: false,
    axes: [
      {
        choice: 'tokens',
        label: 'In-domain training tokens',
        counts: 'nothing of it',
        zero: 'not used',
        ...tokenFormats,
        value: (cell) => cell.domainTokens,
      },
    ],
  },
  {
    id: 'specialization',
    title: 'Perplexity against specialization cost',
    question: 'What does it cost to serve one more domain?',
    shape: 'curve',
    domainSize: 'fixed',
    front: false,
    axes: [
      {
        choice: 'FLOPs',
        label: 'Specialization computation, paid per domain',
        counts: 'specialization',
        zero: 'none',
        ...flopFormats,
        value: (cell) => cell.specializationFlops,
      },
      {
        choice: 'device-seconds',
        label: 'Specialization device-seconds, paid per domain',
        counts: 'specialization',
        zero: 'none',
        ...secondFormats,
        value: (cell) => cell.specializationSeconds,
      },
    ],
  },
  {
    id: 'inference',
    title: 'Perplexity against inference cost',
    question: 'What does a larger model buy at inference?',
    shape: 'dots',
    domainSize: 'fixed',
    front: false,
    axes: [
      {
        choice: 'parameters',
        label: 'Parameters of the final model',
        counts: 'nothing of it',
        zero: 'none',
        format: (value) => `${formatCompact(value)} parameters`,
        formatExact: formatCount,
        formatTick: formatCompact,
        value: (_, model) => model?.parameters,
      },
      {
        choice: 'FLOPs per token',
        label: 'Inference computation per token',
        counts: 'nothing of it',
        zero: 'none',
        ...flopFormats,
        value: (_, model) => model?.inferenceFlopsPerToken,
      },
    ],
  },
  {
    id: 'total',
    title: 'Perplexity against total cost',
    question: 'What is best for one domain, and what for many that share the generic work?',
    shape: 'curve',
    domainSize: 'fixed',
    front: true,
    axes: DOMAIN_COUNTS.map(totalAxis),
  },
];

/** The in-domain sizes for which a budget has charts, 0 for before fine-tuning; `undefined` where the size varies. */
export function chartSizes(budget: Budget, view: View): readonly (InDomainSize | undefined)[] {
  if (budget.domainSize === 'varies') return [undefined];
  const before = view.cells.some((cell) => cell.phase === 'before fine-tuning') ? [0] : [];
  return [...before, ...domainSizes(view.cells)];
}

/** One chart; `undefined` when the view has no point for it. `size` is one of `chartSizes`. */
export function chartOf(
  subject: Subject,
  view: View,
  budget: Budget,
  axis: BudgetAxis,
  size: InDomainSize | undefined,
): Chart | undefined {
  const cells = size === undefined ? view.cells : cellsAtSize(view.cells, size);
  const series = subject.methods
    .map((method, index) => seriesOf(subject, method, index, shownCells(cells, method.id, axis), axis))
    .filter(({ points }) => points.length > 0);
  if (series.length === 0) return undefined;
  const chart = { title: budget.title, context: contextOf(view, size), axis, series, shape: budget.shape };
  return budget.front ? { ...chart, front: frontOf(series) } : chart;
}

/** Points within the inference cap that none beats in cost and perplexity both, cheapest first. */
function frontOf(series: readonly Series[]): readonly Point[] {
  const candidates = series.filter(({ ceiling }) => !ceiling).flatMap(({ points }) => points);
  return paretoFront(candidates, ({ x, perplexity }) => ({ cost: x, perplexity: perplexity.mean }));
}

/**
 * Whether a method's final model is over the inference cap, which is the size of the small model. Decided by the
 * models' own sizes, and by their names where a size is missing.
 */
export function isCeiling(subject: Subject, method: MethodFacts): boolean {
  const cap = subject.models.find((model) => model.name === 'small')?.parameters;
  const size = subject.models.find((model) => model.name === method.model)?.parameters;
  return cap === undefined || size === undefined ? method.model === 'large' : size > cap;
}

/** How an in-domain size reads in a sentence; 0 is before fine-tuning. */
function tuningInWords(size: InDomainSize, tokens: number): string {
  return size === 0 ? 'before fine-tuning' : `after fine-tuning on ${sizeInWords(size, tokens)}`;
}

export function contextOf(view: View, size: InDomainSize | undefined): string {
  const where = view.kind === 'domain' ? `on ${view.title}` : view.title;
  return size === undefined ? where : `${where}, ${tuningInWords(size, tokensAt(view.cells, size))}`;
}

function seriesOf(
  subject: Subject,
  method: MethodFacts,
  index: number,
  cells: readonly Cell[],
  axis: BudgetAxis,
): Series {
  const model = subject.models.find((candidate) => candidate.name === method.model);
  const points: Point[] = [];
  for (const cell of cells) {
    const x = axis.value(cell, model);
    if (x !== undefined && Number.isFinite(x) && x >= 0) {
      const key = subject.keyOf?.(cell);
      points.push({ x, perplexity: cell.perplexity, note: noteOf(cell), ...(key !== undefined && { key }) });
    }
  }
  points.sort((a, b) => a.x - b.x);
  const infeasible = subject.infeasible?.get(method.id);
  const ceiling = isCeiling(subject, method);
  return {
    method: method.id,
    title: method.title,
    index,
    ceiling,
    ...(infeasible && { infeasible }),
    points,
  };
}

function shownCells(cells: readonly Cell[], method: string, axis: BudgetAxis): readonly Cell[] {
  const own = cells.filter((cell) => cell.method === method);
  const every =
    axis.counts === 'pretraining' || (own.length > 0 && axis.counts === bookingOfPretraining(own));
  return every ? own : atLargestBudget(own);
}

/** Where most of a larger pretraining budget's extra cost is booked: importance sampling pays it for each domain. */
function bookingOfPretraining(cells: readonly Cell[]): Booking {
  const ordered = [...cells].sort((a, b) => a.pretrainingTokens - b.pretrainingTokens);
  const smallest = ordered[0];
  const largest = ordered[ordered.length - 1];
  const generic = largest.genericFlops - smallest.genericFlops;
  return generic >= largest.specializationFlops - smallest.specializationFlops ? 'generic' : 'specialization';
}

function noteOf(cell: Cell): string {
  const pretrained =
    cell.pretrainingTokens === 0
      ? 'no pretraining'
      : `${formatCompact(cell.pretrainingTokens)} pretraining tokens`;
  const size = cell.phase === 'before fine-tuning' ? 0 : sizeOf(cell);
  const tuned = tuningInWords(size, cell.domainTokens);
  return `${pretrained}, ${tuned}`;
}
