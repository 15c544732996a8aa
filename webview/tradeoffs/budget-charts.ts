/**
 * The trade-offs as charts under the reader's budgets: where each method stands within them, and the experiment's
 * charts with what is out of reach drawn faintly, the budget as a line, and estimates beside the measured points.
 */

import { breakEvenDomains } from '../../src/budget/cost.ts';
import { paretoFront } from '../../src/budget/frontier.ts';
import { sizeOf } from '../../src/budget/in-domain-size.ts';
import { type Amount, formatAmount } from '../../src/budget/planner/amounts.ts';
import { pointOf } from '../../src/budget/planner/planner.ts';
import type { Candidate, PlannerAnswer } from '../../src/budget/planner/planner-types.ts';
import { basisInWords } from '../../src/budget/planner/planner-words.ts';
import type { Cell, View } from '../../src/budget/views.ts';
import { BUDGETS } from '../../src/charts/budget-axes.ts';
import type { Subject } from '../../src/charts/budgets.ts';
import type { Chart, Point, Series } from '../../src/charts/chart.ts';
import { type Figure, isMap } from '../../src/charts/figures.ts';
import type { ChartGroup, PlacedChart } from '../../src/charts/groups.ts';
import type { Table } from '../../src/charts/table.ts';
import {
  formatFlopsTick,
  formatPerplexity,
  formatPlural,
  formatSecondsTick,
} from '../../src/common/format.ts';
import type { BudgetState } from './budget-state.ts';

/** Each feasible method at the place of its budgets that it may use; `undefined` when none is feasible. */
export function standingChart(subject: Subject, view: View, answer: PlannerAnswer): Chart | undefined {
  const { domains, unit, candidates, recommendation } = answer;
  if (candidates.length === 0) return undefined;
  const series = subject.methods.flatMap((method, index): Series[] => {
    const candidate = candidates.find(({ method: id }) => id === method.id);
    if (candidate === undefined) return [];
    const point = {
      ...estimatedPoint(candidate, answer, candidate.totalCost, keyOfCandidate(subject, view, candidate)),
      ...(method.id === recommendation.method && { chosen: true as const }),
    };
    return [
      // Over the experiment's inference cap or not: it is within the reader's.
      { method: method.id, title: method.title, index, ceiling: false, points: [point] },
    ];
  });
  const points = series.flatMap((one) => one.points);
  const format = (value: number) => formatAmount({ unit, value });
  return {
    title: 'What your budgets reach',
    context: view.kind === 'domain' ? `on ${view.title}` : view.title,
    axis: {
      label: `${unit === 'FLOPs' ? 'Computation' : 'Device time'} in all${domains === 1 ? '' : `, for ${formatPlural(domains, 'domain')}`}`,
      zero: 'none',
      format,
      formatExact: format,
      formatTick: unit === 'FLOPs' ? formatFlopsTick : formatSecondsTick,
      unit: unit === 'FLOPs' ? 'FLOP' : 's',
    },
    series,
    shape: 'curve',
    front: paretoFront(points, ({ x, perplexity }) => ({ cost: x, perplexity: perplexity.mean })),
  };
}

/** The charts of a group as the budgets leave them. */
export function underBudgets(
  subject: Subject,
  group: ChartGroup,
  { chart, choice, size }: PlacedChart,
  { answer, budgets }: { readonly answer: PlannerAnswer; readonly budgets: BudgetState },
): Figure {
  if (isMap(chart)) return chart;
  const limit = limitOn(group.id, choice, budgets);
  const axis = BUDGETS.find(({ id }) => id === group.id)?.axes[choice];
  const marked = limit === undefined ? chart : { ...chart, limit };
  const at = group.sizes[size];
  if (axis === undefined || group.id === 'inference' || group.id === 'total') return marked;
  const series = marked.series.map((one) => {
    const candidate = answer.candidates.find(({ method }) => method === one.method);
    if (candidate === undefined || candidate.basis === 'measured') return one;
    if (at !== undefined && at !== sizeOf(candidate)) return one;
    const model = subject.models.find(
      ({ name }) => name === subject.methods.find(({ id }) => id === one.method)?.model,
    );
    const x = axis.value(cellOf(candidate), model);
    if (x === undefined || one.points.some((point) => Math.abs(point.x - x) <= 1e-6 * x)) return one;
    const points = [...one.points, estimatedPoint(candidate, answer, x)].sort((a, b) => a.x - b.x);
    return { ...one, points };
  });
  return { ...marked, series };
}

/** For how many domains the recommended method is cheaper in all than each other one; `undefined` without a choice. */
export function breakEvenTable({ candidates, recommendation, unit }: PlannerAnswer): Table | undefined {
  const chosen = candidates.find(({ method }) => method === recommendation.method);
  if (chosen === undefined || candidates.length < 2) return undefined;
  return {
    caption: `For how many domains ${chosen.method} costs less in all`,
    columns: [
      { title: 'Than', align: 'text' },
      { title: 'Perplexity', align: 'number' },
      { title: 'Cheaper', align: 'text' },
    ],
    rows: candidates
      .filter((one) => one !== chosen)
      .map((other) => [
        { text: other.method },
        { text: formatPerplexity(other.perplexity) },
        { text: breakEvenInWords(unit, chosen, other) },
      ]),
  };
}

function breakEvenInWords(unit: Amount['unit'], a: Candidate, b: Candidate): string {
  const found = breakEvenDomains(splitCost(unit, a), splitCost(unit, b));
  switch (found.kind) {
    case 'always':
      return 'for any number of domains';
    case 'never':
      return 'for no number of domains';
    case 'from':
      return `from ${formatPlural(found.domains, 'domain')} on`;
    case 'up to':
      return `up to ${formatPlural(found.domains, 'domain')}`;
  }
}

function splitCost(unit: Amount['unit'], { cost }: Candidate) {
  return unit === 'FLOPs'
    ? { generic: cost.genericFlops, specialization: cost.specializationFlops }
    : { generic: cost.genericSeconds, specialization: cost.specializationSeconds };
}

function estimatedPoint(
  candidate: Candidate,
  { kind }: Pick<PlannerAnswer, 'kind'>,
  x: number,
  key?: string,
): Point {
  const { perplexity, low, high, seeds, basis, pretrainingTokens } = candidate;
  return {
    x,
    perplexity: { mean: perplexity, min: low, max: high, n: seeds ?? 0 },
    note: basisInWords(candidate, kind),
    pretrainingTokens,
    ...(basis !== 'measured' && { estimated: basis }),
    ...(key !== undefined && { key }),
  };
}

/** A measured candidate stands for a cell, which has a run. */
function keyOfCandidate(subject: Subject, view: View, candidate: Candidate): string | undefined {
  if (candidate.basis !== 'measured') return undefined;
  const cell = pointOf(view.cells, candidate);
  return cell && subject.keyOf?.(cell);
}

function cellOf(candidate: Candidate): Cell {
  const { method, pretrainingTokens, domainTokens, perplexity, low, high, cost } = candidate;
  const spread = { mean: perplexity, min: low, max: high, n: 0 };
  return {
    method,
    pretrainingTokens,
    domainTokens,
    phase: domainTokens === 0 ? 'before fine-tuning' : 'after fine-tuning',
    perplexity: spread,
    validation: spread,
    seeds: [],
    bitsPerByte: spread,
    ...cost,
  };
}

function limitOn(group: string, choice: number, { unit, values }: BudgetState): number | undefined {
  const axisUnit = BUDGETS.find(({ id }) => id === group)?.axes[choice]?.choice;
  const isOwnUnit = axisUnit === (unit === 'FLOPs' ? 'FLOPs' : 'device-seconds');
  if (group === 'pretraining') return isOwnUnit ? values.pretraining : undefined;
  if (group === 'specialization') return isOwnUnit ? values.specialization : undefined;
  if (group === 'domain-size') return values.domainTokens;
  if (group === 'domains') return values.domains > 1 ? values.domains : undefined;
  return group === 'inference' && axisUnit === 'parameters' ? values.inference : undefined;
}
