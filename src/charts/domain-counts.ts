/**
 * Perplexity against the number of domains N, when each domain may cost so much: generic work is shared, so that
 * methods which pretrain once gain with N and importance sampling does not. Where lines cross is the number of domains
 * at which the better method changes. A method stands at the largest budget with C_total(N) / N (equation 1 of the
 * paper, per domain) within that cost: measured, or between two measured points; never beyond them.
 */
import { totalCost } from '../budget/cost.ts';
import { perplexityAtCost } from '../budget/frontier.ts';
import type { InDomainSize } from '../budget/in-domain-size.ts';
import type { Spread } from '../budget/measured-point.ts';
import { type Cell, cellsAtSize, type View } from '../budget/views.ts';
import { formatCount, formatFlops, formatPlural } from '../common/format.ts';
import { contextOf, isCeiling, methodSeries, type Subject } from './budgets.ts';
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
    const own = cells.filter((cell) => cell.method === method.id);
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

function pointAt(cells: readonly Cell[], count: number, level: number): Point | undefined {
  const costed = cells
    .map((cell) => ({ cell, cost: costForEach(cell, count) }))
    .sort((a, b) => a.cost - b.cost);
  const dearest = costed.at(-1);
  if (dearest === undefined || costed[0].cost > level) return undefined;
  if (dearest.cost <= level) {
    return { x: count, perplexity: dearest.cell.perplexity, note: 'its largest measured budget' };
  }
  const read = (key: keyof Omit<Spread, 'n'>): number | undefined =>
    perplexityAtCost(
      costed.map(({ cell, cost }) => ({ cost, perplexity: cell.perplexity[key] })),
      level,
    );
  const [mean, min, max] = [read('mean'), read('min'), read('max')];
  if (mean === undefined || min === undefined || max === undefined) return undefined;
  const n = Math.min(...costed.map(({ cell }) => cell.perplexity.n));
  return { x: count, perplexity: { mean, min, max, n }, note: 'between measured budgets' };
}
