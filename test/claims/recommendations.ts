/**
 * What the planner's advice is worth on a domain that it has not seen: made from the other domains, as it is for a user who has
 * measured some domains and gets another, and judged by what was measured on this one, in twelve settings of the budgets.
 */
import type { Budgets, PlannedMethod } from '../../src/budget/planner/planner-types.ts';
import { formatCompact, formatFlops, formatPerplexity } from '../../src/common/format.ts';
import { flops } from '../../src/common/units.ts';
import {
  checkOnLeftOutDomains,
  type DomainCheck,
  leftOutDomains,
} from '../../src/experiments/results/planned-methods.ts';
import type { ClaimMeasurement, DomainFindings } from './findings.ts';

export interface AdviceInSetting {
  /** For people. */
  readonly setting: string;
  /** One for each domain. */
  readonly advice: readonly Advice[];
}

export interface Advice extends DomainCheck {
  /** Perplexity over that of the best, less one; infinite where the advice cannot be followed. */
  readonly loss: number;
}

/** A recommendation that loses no more than this to the best is as good. */
export const AS_GOOD = 0.01;

/** Above slm's cost: other methods' clustering, slabs and longer fine-tuning fit in, another pretraining does not. */
const SLACK = 1.5;

/** Of the core experiments; nothing for fewer than two domains. */
export function adviceOnLeftOutDomains(findings: readonly DomainFindings[]): readonly AdviceInSetting[] {
  const measurements = findings.flatMap((one) =>
    one.measurements.filter(({ experiment }) => experiment === 'core'),
  );
  const leftOut = leftOutDomains({ measurements });
  if (leftOut.length === 0) return [];
  const ids = [...new Set(measurements.map(({ method }) => method))];
  // All have the small model: the inference budget decides nothing.
  const methods = ids.map(
    (id): PlannedMethod => ({ id, title: id, parameters: 1, inferenceFlopsPerToken: 1 }),
  );
  return settings(measurements).map(({ setting, budgets }) => ({
    setting,
    advice: checkOnLeftOutDomains(leftOut, methods, budgets).map((check) => ({
      ...check,
      loss:
        check.perplexity === undefined || check.bestPerplexity === undefined
          ? Number.POSITIVE_INFINITY
          : check.perplexity / check.bestPerplexity - 1,
    })),
  }));
}

/** Three in-domain sizes, each with short and with all pretraining, and with fine-tuning alone or all specialization. */
function settings(measurements: readonly ClaimMeasurement[]): { setting: string; budgets: Budgets }[] {
  const slm = measurements.filter(({ method, phase }) => method === 'slm' && phase === 'after fine-tuning');
  const asked = [...new Set(slm.map(({ requestedDomainTokens }) => requestedDomainTokens))];
  const sizes = asked
    .filter((size) => size !== undefined)
    .sort((a, b) => (a === 'all' ? 1 : b === 'all' ? -1 : a - b));
  const shortest = Math.min(...slm.map(({ pretrainingTokens }) => pretrainingTokens));
  const short =
    SLACK *
    most(
      slm.filter((one) => one.pretrainingTokens === shortest),
      'genericFlops',
    );
  return sizes.flatMap((size) => {
    const tuning =
      SLACK *
      most(
        slm.filter((one) => one.requestedDomainTokens === size),
        'specializationFlops',
      );
    return [short, undefined].flatMap((pretraining) =>
      [tuning, undefined].map((specialization) => ({
        setting: [
          size === 'all' ? 'all in-domain text' : `${formatCompact(size)} in-domain tokens`,
          pretraining === undefined ? 'any pretraining' : `pretraining ≤ ${formatFlops(pretraining)}`,
          specialization === undefined
            ? 'any specialization'
            : `specialization ≤ ${formatFlops(specialization)}`,
        ].join(', '),
        budgets: {
          ...(size !== 'all' && { domainTokens: size }),
          ...(pretraining !== undefined && { pretraining: { unit: 'FLOPs' as const, value: pretraining } }),
          ...(specialization !== undefined && {
            specialization: { unit: 'FLOPs' as const, value: specialization },
          }),
          domains: 1,
          genericCorpusAtHand: true,
        },
      })),
    );
  });
}

function most(
  measurements: readonly ClaimMeasurement[],
  cost: 'genericFlops' | 'specializationFlops',
): number {
  return flops(Math.max(...measurements.map((one) => one[cost])));
}

/** `slm-is 21.27, 0.4 % above slm-is-cont`. */
export function adviceInWords({ recommended, perplexity, best, loss }: Advice): string {
  if (perplexity === undefined || best === undefined) return `${recommended}: not within the budgets`;
  const figure = `${recommended} ${formatPerplexity(perplexity)}`;
  return loss <= 0 ? `${figure}, the best` : `${figure}, ${(100 * loss).toFixed(1)} % above ${best}`;
}
