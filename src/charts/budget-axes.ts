/** The budgets as axes of charts: what each question is, and in which units it is read. */
import { totalCost } from '../budget/cost.ts';
import type { Booking } from '../budget/ledger.ts';
import type { ModelFacts } from '../budget/measurement.ts';
import type { Cell } from '../budget/views.ts';
import {
  formatCompact,
  formatCount,
  formatFlops,
  formatFlopsTick,
  formatPlural,
  formatSeconds,
  formatSecondsTick,
} from '../common/format.ts';
import type { AxisFacts, Chart } from './chart.ts';

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
  /** What the chart's context says of it beyond the domain and the in-domain size: `for 7 domains`, or at which budget. */
  readonly context?: string;
  /**
   * At which pretraining budgets a method is shown: at each of them where the axis counts what a larger one costs
   * that method, else at one alone, for its points would stand one above the other.
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
const flopFormats = {
  unit: 'FLOP',
  format: formatFlops,
  formatExact: formatFlops,
  formatTick: formatFlopsTick,
};
const secondFormats = {
  unit: 's',
  format: formatSeconds,
  formatExact: formatSeconds,
  formatTick: formatSecondsTick,
};

/** At which pretraining budget methods stand where the axis does not tell. */
const EACH_AT_LOWEST = 'each method at the pretraining budget that is lowest on validation text';
const SHARED_AT_LOWEST = 'shared pretraining at the budget that is lowest on validation text';

function totalAxis(domains: number): BudgetAxis {
  const choice = formatPlural(domains, 'domain');
  return {
    choice,
    context: `for ${choice}`,
    label:
      domains === 1
        ? 'Computation: generic and specialization'
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
        context: 'each method at its largest pretraining budget',
        label: 'In-domain training tokens',
        counts: 'nothing of it',
        zero: 'not fine-tuned',
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
        context: SHARED_AT_LOWEST,
        label: 'Specialization computation, paid per domain',
        counts: 'specialization',
        zero: 'none',
        ...flopFormats,
        value: (cell) => cell.specializationFlops,
      },
      {
        choice: 'device-seconds',
        context: SHARED_AT_LOWEST,
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
        context: EACH_AT_LOWEST,
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
        context: EACH_AT_LOWEST,
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
