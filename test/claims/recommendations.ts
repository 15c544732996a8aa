/**
 * What the planner's advice is worth on a domain that it has not seen: made from the other domains, as it is for a user who has
 * measured some domains and gets another, and judged by what was measured on this one, in settings of the budgets.
 */

import { type InDomainSize, sizeOf, sizesOf } from '../../src/budget/in-domain-size.ts';
import { planFor } from '../../src/budget/planner/planner.ts';
import type { Budgets, PlannedMethod } from '../../src/budget/planner/planner-types.ts';
import { type Cell, cellsAtSize } from '../../src/budget/views.ts';
import { formatCompact, formatFlops, formatPerplexity } from '../../src/common/format.ts';
import type { Distances } from '../../src/experiments/results/likeness.ts';
import { leftOutDomains } from '../../src/experiments/results/planned-methods.ts';
import type { ClaimMeasurement, DomainFindings } from './findings.ts';
import { asPreset } from './points.ts';

export interface AdviceInSetting {
  /** For people. */
  readonly setting: string;
  /** One for each domain. */
  readonly advice: readonly Advice[];
}

export interface Advice {
  readonly domain: string;
  /** From the other domains. */
  readonly recommended: string;
  /** What it reached on this one; absent where no measurement of it is within the budgets. */
  readonly perplexity?: number;
  readonly best: string;
  /** Perplexity over that of the best, less one; infinite where the advice cannot be followed. */
  readonly loss: number;
}

/** A recommendation that loses no more than this to the best is as good. */
export const AS_GOOD = 0.01;

/** Above slm's cost: other methods' clustering, slabs and longer fine-tuning fit in, another pretraining does not. */
const SLACK = 1.75;

interface Setting {
  readonly size: InDomainSize;
  /** In operations. */
  readonly pretraining: number;
  readonly specialization: number;
}

/** How far the domains are from the generic text, as far as that is on record. */
export function distancesIn(findings: readonly DomainFindings[]): Distances {
  return new Map(
    findings.flatMap(({ domain, overClusters }) =>
      overClusters === undefined ? [] : [[domain, overClusters.distance] as const],
    ),
  );
}

/** Of the small methods as the preset has them; nothing for fewer than two domains. Without distances all domains count alike. */
export function adviceOnLeftOutDomains(
  findings: readonly DomainFindings[],
  distances: Distances,
): readonly AdviceInSetting[] {
  const measurements = findings.flatMap((one) =>
    one.measurements.filter(({ experiment, method }) => experiment === asPreset(method)),
  );
  const leftOut = leftOutDomains(measurements, distances);
  if (leftOut.length === 0) return [];
  // All have the small model: the inference budget decides nothing.
  const methods = [...new Set(measurements.map(({ method }) => method))].map(
    (id): PlannedMethod => ({ id, title: id, parameters: 1, inferenceFlopsPerToken: 1 }),
  );
  return settingsOf(measurements).map((setting) => ({
    setting: inWords(setting),
    advice: leftOut.flatMap(({ domain, others, own }) => {
      const budgets: Budgets = {
        ...(setting.size !== 'all' && { domainTokens: setting.size }),
        domains: 1,
        genericCorpusAtHand: true,
      };
      const { recommendation } = planFor({ budgets, methods, points: within(others.cells, setting) });
      if (recommendation.method === undefined) return [];
      const known = reached(own.cells, setting);
      return known.size === 0 ? [] : judged(domain, recommendation.method, known);
    }),
  }));
}

/** What each method reached within the budgets, by its point with the lowest perplexity on validation text. */
function reached(cells: readonly Cell[], setting: Setting): Map<string, number> {
  const falling = within(cellsAtSize(cells, setting.size), setting).toSorted(
    (a, b) => b.validation.mean - a.validation.mean,
  );
  return new Map(falling.map(({ method, perplexity }) => [method, perplexity.mean]));
}

function judged(domain: string, recommended: string, reached: ReadonlyMap<string, number>): Advice {
  const [best, lowest] = [...reached].reduce((a, b) => (b[1] < a[1] ? b : a));
  const perplexity = reached.get(recommended);
  const loss = perplexity === undefined ? Number.POSITIVE_INFINITY : perplexity / lowest - 1;
  return { domain, recommended, ...(perplexity && { perplexity }), best, loss };
}

/**
 * The in-domain sizes, each with short and with all pretraining, and with fine-tuning alone, with a decay for the domain
 * besides, or with all specialization; those that are not beyond what was measured.
 */
function settingsOf(measurements: readonly ClaimMeasurement[]): readonly Setting[] {
  const tuned = measurements.filter(({ phase }) => phase === 'after fine-tuning');
  const of = (id: string, size?: InDomainSize) =>
    tuned.filter((one) => one.method === id && (size === undefined || sizeOf(one) === size));
  const most = (some: readonly ClaimMeasurement[], cost: 'genericFlops' | 'specializationFlops') =>
    SLACK * Math.max(...some.map((one) => one[cost]));
  const shortest = Math.min(...of('slm').map(({ pretrainingTokens }) => pretrainingTokens));
  const isShort = (one: ClaimMeasurement): boolean => one.pretrainingTokens === shortest;
  const short = most(of('slm').filter(isShort), 'genericFlops');
  const { POSITIVE_INFINITY: any } = Number;
  return sizesOf(of('slm')).flatMap((size) =>
    (of('slm', size).some(isShort) ? [short, any] : [any]).flatMap((pretraining) =>
      [
        most(of('slm', size), 'specializationFlops'),
        most(of('slm-is-cont', size), 'specializationFlops'),
        any,
      ].map((specialization) => ({ size, pretraining, specialization })),
    ),
  );
}

/** The lengths of pretraining between those that were measured would have to be measured to judge advice on them. */
function within(cells: readonly Cell[], { pretraining, specialization }: Setting): readonly Cell[] {
  return cells.filter((one) => one.genericFlops <= pretraining && one.specializationFlops <= specialization);
}

function inWords({ size, pretraining, specialization }: Setting): string {
  const limit = (name: string, value: number) =>
    Number.isFinite(value) ? `${name} ≤ ${formatFlops(value)}` : `any ${name}`;
  const set = size === 'all' ? 'all in-domain text' : `${formatCompact(size)} in-domain tokens`;
  return [set, limit('pretraining', pretraining), limit('specialization', specialization)].join(', ');
}

/** `slm-is 21.27, 0.4 % above slm-is-cont`. */
export function adviceInWords({ recommended, perplexity, best, loss }: Advice): string {
  if (perplexity === undefined) return `${recommended}: not within the budgets`;
  const figure = `${recommended} ${formatPerplexity(perplexity)}`;
  return loss === 0 ? `${figure}, the best` : `${figure}, ${(100 * loss).toFixed(1)} % above ${best}`;
}
