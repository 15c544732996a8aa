/**
 * All charts of a view, in groups: one group answers one question, and in it a reader chooses the in-domain size and
 * the unit, the number of domains or the cost. The report and the panels show the same groups.
 */
import type { InDomainSize } from '../budget/in-domain-size.ts';
import { domainSizes, type View } from '../budget/views.ts';
import { formatCompact, formatFlops } from '../common/format.ts';
import { BUDGETS, type Budget } from './budget-axes.ts';
import { chartOf, chartSizes, type Subject } from './budgets.ts';
import type { Chart } from './chart.ts';
import { domainCostLevels, domainCountChart } from './domain-counts.ts';
import type { Figure } from './figures.ts';
import { MAP_KINDS, methodMap } from './method-map.ts';

export interface ChartGroup {
  readonly id: string;
  readonly title: string;
  readonly question: string;
  /** What is chosen besides the in-domain size, and the names of the choices. */
  readonly legend: string;
  readonly choices: readonly string[];
  /** 0 is before fine-tuning; `undefined` where the size is what varies. */
  readonly sizes: readonly (InDomainSize | undefined)[];
  /** At most one for each choice and size, given by their places in the lists. */
  readonly charts: readonly PlacedChart[];
  /** Why there is no chart where one is missing for a choice and a size, as a sentence. */
  readonly missing: string;
}

export interface PlacedChart {
  readonly chart: Figure;
  readonly choice: number;
  readonly size: number;
  /** Measured points in it, and of its longest line; 0 for a map. */
  readonly points: number;
  readonly longest: number;
}

/** The groups that the view has points for. */
export function chartGroups(subject: Subject, view: View): readonly ChartGroup[] {
  const groups = [
    mapGroup(subject, view),
    ...BUDGETS.map((budget) => budgetGroup(subject, view, budget)),
    domainGroup(subject, view),
  ];
  return groups.filter(({ charts }) => charts.length > 0);
}

/** The size to show first: the one whose charts have most points, of several the largest. */
export function telltaleSize({ charts }: ChartGroup): number | undefined {
  const points = (of: number): number =>
    Math.max(...charts.flatMap(({ size, points: own }) => (size === of ? own : [])));
  return [...new Set(charts.map(({ size }) => size))].sort((a, b) => points(b) - points(a) || b - a).at(0);
}

/** The choice to show first: the first that has a chart at the size to show first. */
export function telltaleChoice(group: ChartGroup): number | undefined {
  const size = telltaleSize(group);
  return group.charts.find((one) => one.size === size)?.choice;
}

function placed(chart: Chart, choice: number, size: number): PlacedChart {
  const counts = chart.series.map(({ points }) => points.length);
  const points = counts.reduce((sum, count) => sum + count, 0);
  return { chart, choice, size, points, longest: Math.max(...counts) };
}

/** How a choice of size reads. */
export function sizeChoice(size: InDomainSize | undefined): string {
  if (size === undefined || size === 0) return 'none (before fine-tuning)';
  return size === 'all' ? 'all' : formatCompact(size);
}

function budgetGroup(subject: Subject, view: View, budget: Budget): ChartGroup {
  const sizes = chartSizes(budget, view);
  const charts = budget.axes.flatMap((axis, choice) =>
    sizes.flatMap((at, size) => {
      const chart = chartOf(subject, view, { budget, axis, size: at });
      return chart === undefined ? [] : [placed(chart, choice, size)];
    }),
  );
  return {
    id: budget.id,
    title: budget.title,
    question: budget.question,
    legend: budget.id === 'total' ? 'For' : 'Horizontal axis',
    choices: budget.axes.map(({ choice }) => choice),
    sizes,
    charts: budget.id === 'pretraining' ? withCourse(charts) : charts,
    missing: 'Nothing is measured here.',
  };
}

/**
 * At an in-domain size where every method was measured at one pretraining budget, there is no course to show; such
 * sizes are left out where another has one.
 */
function withCourse(charts: readonly PlacedChart[]): readonly PlacedChart[] {
  const telling = new Set(charts.filter(({ longest }) => longest > 1).map(({ size }) => size));
  return telling.size === 0 ? charts : charts.filter(({ size }) => telling.has(size));
}

/** The paper's recommendation chart, as measured. A map is work, so it is made when it is looked at. */
function mapGroup(subject: Subject, view: View): ChartGroup {
  const sizes = domainSizes(view.cells);
  return {
    id: 'map',
    title: 'Which method to use',
    question: 'Which method is best for which budgets?',
    legend: 'Over',
    choices: MAP_KINDS,
    sizes,
    missing: 'There is no choice here: fewer than two methods are measured.',
    charts: MAP_KINDS.flatMap((kind, choice) =>
      sizes.flatMap((at, size) => {
        const map = methodMap(subject, view, kind, at);
        if (map === undefined) return [];
        return {
          choice,
          size,
          points: 0,
          longest: 0,
          get chart() {
            return map();
          },
        };
      }),
    ),
  };
}

function domainGroup(subject: Subject, view: View): ChartGroup {
  const levels = domainCostLevels(subject, view);
  const sizes = domainSizes(view.cells);
  return {
    id: 'domains',
    title: 'Perplexity against number of domains',
    question: 'For how many domains does it pay to share the generic work?',
    legend: 'Computation for each domain',
    choices: levels.map(formatFlops),
    sizes,
    missing: 'No method is within this cost.',
    charts: levels.flatMap((level, choice) =>
      sizes.flatMap((at, size) => {
        const chart = domainCountChart(subject, view, level, at);
        return chart === undefined ? [] : [placed(chart, choice, size)];
      }),
    ),
  };
}
