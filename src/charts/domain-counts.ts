/**
 * Perplexity against the number of domains N, when each domain may cost so much: generic work is shared, so that
 * methods which pretrain once gain with N and importance sampling does not. Where lines cross is the number of domains
 * at which the better method changes. A method stands at what is lowest on validation text with C_total(N) / N (equation 1
 * of the paper, per domain) within that cost: a measured budget, or a place between two of them; never beyond them. The
 * largest budget alone would not do: early stopping may end its fine-tuning sooner, so that it is not the dearest, and a
 * dearer one is not always lower.
 */
import { totalCost } from '../budget/cost.ts';
import { interpolateLog } from '../budget/frontier.ts';
import type { InDomainSize } from '../budget/in-domain-size.ts';
import { type Cell, cellsAtSize, type View } from '../budget/views.ts';
import { formatCompact, formatCount, formatFlops, formatPlural } from '../common/format.ts';
import { contextOf, isCeiling, methodSeries, noteOf, type Subject } from './budgets.ts';
import type { AxisFacts, Chart, Point } from './chart.ts';

const COUNTS: readonly number[] = [1, 2, 3, 5, 7, 10, 20, 50, 100];
const MOST_LEVELS = 3;

const axis: AxisFacts = {
  label: 'Number of domains that share the generic work',
  zero: 'none',
  format: (value) => formatPlural(value, 'domain'),
  formatExact: formatCount,
  formatTick: formatCount,
};

/**
 * Costs for each domain at which methods are compared, in FLOPs, rising: for the smallest, a middle and the largest
 * pretraining budget what the middle one of the methods within the inference cap costs for one domain.
 */
export function domainCostLevels(subject: Subject, view: View): readonly number[] {
  const capped = new Set(subject.methods.filter((one) => !isCeiling(subject, one)).map(({ id }) => id));
  const cells = view.cells.filter(
    (cell) => capped.has(cell.method) && cell.phase === 'after fine-tuning' && cell.pretrainingTokens > 0,
  );
  const budgets = [...new Set(cells.map((cell) => cell.pretrainingTokens))].sort((a, b) => a - b);
  const levels = budgets.map((budget) => {
    const costs = cells
      .filter((cell) => cell.pretrainingTokens === budget)
      .map((cell) => costForEach(cell, 1));
    return costs.sort((a, b) => a - b)[Math.floor(costs.length / 2)];
  });
  const rising = [...new Set(levels.filter((level) => level > 0))].sort((a, b) => a - b);
  if (rising.length <= MOST_LEVELS) return rising;
  return [rising[0], rising[Math.floor(rising.length / 2)], rising[rising.length - 1]];
}

/** One chart; `undefined` when no method is affordable. `size` is an in-domain size, `level` one of the cost levels. */
export function domainCountChart(
  subject: Subject,
  view: View,
  level: number,
  size: InDomainSize,
): Chart | undefined {
  const cells = cellsAtSize(view.cells, size);
  const series = subject.methods.map((method, index) => {
    const own = { ...view, cells: cells.filter((cell) => cell.method === method.id) };
    const points = COUNTS.flatMap((count) => pointAt(own, count, level) ?? []);
    return methodSeries(subject, index, points);
  });
  const shown = series.filter(({ points }) => points.length > 0);
  if (shown.length === 0) return undefined;
  return {
    title: 'Perplexity against number of domains',
    context: `${contextOf(view, size)}, at ${formatFlops(level)} for each domain`,
    axis,
    series: shown,
    shape: 'curve',
  };
}

/** `C_total(N) / N`. */
function costForEach({ genericFlops, specializationFlops }: Cell, count: number): number {
  return totalCost({ generic: genericFlops, specialization: specializationFlops }, count) / count;
}

/**
 * What a method reaches within the cost: each measured budget, and on the way from one to the next larger budget the
 * place that the cost allows. Of these the one with the lowest perplexity on validation text. With the number of domains
 * only more comes within the cost, so on validation text no method gets worse. `view` has the method's cells at one size.
 */
function pointAt(view: View, count: number, level: number): Point | undefined {
  const rising = view.cells
    .map((cell) => ({ cell, cost: costForEach(cell, count) }))
    .sort((a, b) => a.cell.pretrainingTokens - b.cell.pretrainingTokens);
  const reached = rising.flatMap((one, index): readonly Reached[] => {
    if (one.cost > level) return [];
    const next = rising.at(index + 1);
    return next === undefined || next.cost <= level || one.cost <= 0
      ? [measured(view, one)]
      : [measured(view, one), interpolated(one, next, level)];
  });
  const [lowest] = reached.sort((a, b) => a.validation - b.validation);
  return lowest && { x: count, ...lowest.point };
}

interface Costed {
  readonly cell: Cell;
  /** For each domain, in FLOPs. */
  readonly cost: number;
}

interface Reached {
  readonly validation: number;
  readonly point: Omit<Point, 'x'>;
}

function measured(view: View, { cell }: Costed): Reached {
  return {
    validation: cell.validation.mean,
    point: { perplexity: cell.perplexity, note: noteOf(view, cell) },
  };
}

function interpolated(from: Costed, to: Costed, cost: number): Reached {
  const read = (perplexity: (cell: Cell) => number): number =>
    interpolateLog(
      { cost: from.cost, perplexity: perplexity(from.cell) },
      { cost: to.cost, perplexity: perplexity(to.cell) },
      cost,
    );
  const [smaller, larger] = [from, to].map(({ cell }) => formatCompact(cell.pretrainingTokens));
  return {
    validation: read(({ validation }) => validation.mean),
    point: {
      perplexity: {
        mean: read(({ perplexity }) => perplexity.mean),
        min: read(({ perplexity }) => perplexity.min),
        max: read(({ perplexity }) => perplexity.max),
        n: Math.min(from.cell.perplexity.n, to.cell.perplexity.n),
      },
      note: `between the measured budgets of ${smaller} and ${larger} pretraining tokens`,
      estimated: 'interpolated',
    },
  };
}
