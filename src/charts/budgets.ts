/**
 * The questions as charts: perplexity against pretraining budget, in-domain size, specialization cost, inference
 * cost, and the total cost for some number of domains. Whatever a chart does not show on its x axis is held fixed and named in its context; where
 * pretraining budgets are not what varies, a method stands at the one that validation text chooses, as in the answer and its
 * table, and over in-domain sizes at its largest, the only one that is measured at each of them.
 */
import { paretoFront } from '../budget/frontier.ts';
import { type InDomainSize, sizeInWords, sizeOf } from '../budget/in-domain-size.ts';
import type { MethodFacts, ModelFacts } from '../budget/measurement.ts';
import { bookingOfPretraining, pretrainedPerDomain } from '../budget/pretraining-booking.ts';
import { pretrainingInWords } from '../budget/pretraining-words.ts';
import {
  atLargestBudget,
  type Cell,
  cellsAtSize,
  domainSizes,
  tokensAt,
  type View,
} from '../budget/views.ts';
import type { Budget, BudgetAxis } from './budget-axes.ts';
import type { Chart, Point, Series } from './chart.ts';

export interface Subject {
  readonly methods: readonly MethodFacts[];
  readonly models: readonly ModelFacts[];
  /** What pressing the point of a cell asks for (`Point.key`). */
  keyOf?(cell: Cell): string | undefined;
  /** Parameters: what the reader's model may have; without it the size of the small model. */
  readonly inferenceCap?: number;
  /** Why methods do not meet the reader's budgets, by id (`Series.infeasible`). */
  readonly infeasible?: ReadonlyMap<string, string>;
}

/** The in-domain sizes for which a budget has charts, 0 for before fine-tuning; `undefined` where the size varies. */
export function chartSizes(budget: Budget, view: View): readonly (InDomainSize | undefined)[] {
  if (budget.domainSize === 'varies') return [undefined];
  const before = view.cells.some((cell) => cell.phase === 'before fine-tuning') ? [0] : [];
  return [...before, ...domainSizes(view.cells)];
}

/** What one chart is asked for. */
export interface ChartQuestion {
  readonly budget: Budget;
  readonly axis: BudgetAxis;
  /** One of `chartSizes`. */
  readonly size: InDomainSize | undefined;
}

/** One chart; `undefined` when the view has no point for it. */
export function chartOf(
  subject: Subject,
  view: View,
  { budget, axis, size }: ChartQuestion,
): Chart | undefined {
  const cells = size === undefined ? cellsOverSizes(view) : cellsAtSize(view.cells, size);
  const perDomain = countsSpecialization(budget) ? pretrainedPerDomain(view.cells) : [];
  const series = subject.methods
    .map((method, index) => {
      const own = cells.filter((cell) => cell.method === method.id);
      const shown = size === undefined ? atLargestBudget(own) : shownCells(own, axis);
      return seriesOf(subject, index, { ...view, cells: shown }, axis);
    })
    .filter(({ points }) => points.length > 0)
    .map((one) => ({ ...one, ...(perDomain.includes(one.method) && { pretrainsPerDomain: true as const }) }));
  if (series.length === 0) return undefined;
  const context = [contextOf(view, size), ...(axis.context === undefined ? [] : [axis.context])].join(', ');
  const chart = { title: budget.title, context, axis, series, shape: budget.shape };
  return budget.front ? { ...chart, front: frontOf(series) } : chart;
}

/** A method's cells at all sizes; before fine-tuning, which is one place of the axis, one for each pretraining budget. */
function cellsOverSizes({ cells }: View): readonly Cell[] {
  return [...cellsAtSize(cells, 0), ...cells.filter(({ phase }) => phase === 'after fine-tuning')];
}

const countsSpecialization = ({ id }: Budget): boolean => id === 'specialization' || id === 'total';

/** Points within the inference cap that none beats in cost and perplexity both, cheapest first. */
function frontOf(series: readonly Series[]): readonly Point[] {
  const candidates = series.filter(({ ceiling }) => !ceiling).flatMap(({ points }) => points);
  return paretoFront(candidates, ({ x, perplexity }) => ({ cost: x, perplexity: perplexity.mean }));
}

/**
 * Whether a method's final model is over the inference cap, which is the size of the small model unless the reader gave
 * one. Decided by the models' own sizes, and by their names where a size is missing.
 */
export function isCeiling(subject: Subject, method: MethodFacts): boolean {
  const parametersOf = (name: MethodFacts['model']) =>
    subject.models.find((model) => model.name === name)?.parameters;
  const cap = subject.inferenceCap ?? parametersOf('small');
  const size = parametersOf(method.model);
  return cap === undefined || size === undefined ? method.model === 'large' : size > cap;
}

/** How an in-domain size of a view reads in a sentence; 0 is before fine-tuning. */
function tuningInWords({ kind }: Pick<View, 'kind'>, size: InDomainSize, tokens: number): string {
  return size === 0 ? 'before fine-tuning' : `after fine-tuning on ${sizeInWords(size, tokens, kind)}`;
}

/** `on letters`, `macro average over 2 domains`. */
export function viewInWords({ kind, title }: View): string {
  return kind === 'domain' ? `on ${title}` : title;
}

export function contextOf(view: View, size: InDomainSize | undefined): string {
  const where = viewInWords(view);
  return size === undefined ? where : `${where}, ${tuningInWords(view, size, tokensAt(view.cells, size))}`;
}

/** `view` has the method's cells that are drawn. */
function seriesOf(subject: Subject, index: number, view: View, axis: BudgetAxis): Series {
  const model = subject.models.find((candidate) => candidate.name === subject.methods[index].model);
  const points: Point[] = [];
  for (const cell of view.cells) {
    const x = axis.value(cell, model);
    if (x !== undefined && Number.isFinite(x) && x >= 0) {
      const key = subject.keyOf?.(cell);
      points.push({
        x,
        perplexity: cell.perplexity,
        note: noteOf(view, cell),
        ...(axis.counts !== 'pretraining' && { pretrainingTokens: cell.pretrainingTokens }),
        ...(key !== undefined && { key }),
      });
    }
  }
  points.sort((a, b) => a.x - b.x);
  return methodSeries(subject, index, points);
}

/** The points of a method as every chart draws them; `index` is its place among the methods. */
export function methodSeries(subject: Subject, index: number, points: readonly Point[]): Series {
  const method = subject.methods[index];
  const infeasible = subject.infeasible?.get(method.id);
  return {
    method: method.id,
    title: method.title,
    index,
    ceiling: isCeiling(subject, method),
    ...(infeasible && { infeasible }),
    points,
  };
}

/** Of a method's cells at one in-domain size those that are drawn. */
function shownCells(own: readonly Cell[], axis: BudgetAxis): readonly Cell[] {
  if (own.length === 0 || axis.counts === 'pretraining' || axis.counts === bookingOfPretraining(own))
    return own;
  return [own.reduce((lowest, one) => (one.validation.mean < lowest.validation.mean ? one : lowest))];
}

/** What a cell is measured at, for a point's tooltip. */
export function noteOf(view: Pick<View, 'kind'>, cell: Cell): string {
  const size = cell.phase === 'before fine-tuning' ? 0 : sizeOf(cell);
  return `${pretrainingInWords(cell)}, ${tuningInWords(view, size, cell.domainTokens)}`;
}
