/** Why a method does not meet the budgets, and what the cheapest would need when none does. */
import { formatCompact } from '../../common/format.ts';
import { joinWords } from '../../common/words.ts';
import { methodInWords } from '../../methods/titles.ts';
import { type SplitCost, totalCost } from '../cost.ts';
import { sizeInWords, sizeOf } from '../in-domain-size.ts';
import type { MeasuredPoint } from '../measured-point.ts';
import { isAffordable } from '../prediction/affordability.ts';
import {
  type Amount,
  costIn,
  formatAmount,
  formatInferenceLimit,
  isSmallEnough,
  isWithin,
} from './amounts.ts';
import type { Budgets, PlannedMethod, PlannerRequest } from './planner-types.ts';
import { isTuned } from './target.ts';

/** What no amount of computation changes: the model's size, and the generic text that is not there any more. */
export function hardReasons(
  method: PlannedMethod,
  own: readonly MeasuredPoint[],
  { inference, genericCorpusAtHand }: Budgets,
): readonly string[] {
  const reasons: string[] = [];
  const needs = inference && inferenceOf(method, inference.unit);
  if (inference !== undefined && needs !== undefined && !isSmallEnough(needs, inference)) {
    const size = formatInferenceLimit({ unit: inference.unit, value: needs });
    reasons.push(`Its model needs ${size}; the inference budget is ${formatInferenceLimit(inference)}.`);
  }
  if (!genericCorpusAtHand && readsGenericForDomain(method, own)) {
    reasons.push('It needs the generic corpus when the domain arrives, and that is not at hand.');
  }
  return reasons;
}

/** What the cheapest measured point needs and the budgets do not give. */
export function costReasons(own: readonly MeasuredPoint[], budgets: Budgets): readonly string[] {
  if (own.length === 0) return [];
  const reasons = [
    ...tooDear(own, budgets.pretraining, 'generic'),
    ...tooDear(own, budgets.specialization, 'specialization'),
  ];
  if (reasons.length > 0) return reasons;
  return own.some((point) => isAffordable(point, budgets))
    ? []
    : ['No measured point of it meets the pretraining and the specialization budget at once.'];
}

/** Why a method that costs little enough cannot be used with the in-domain text at hand. */
export function sizeReason(
  own: readonly MeasuredPoint[],
  domainTokens: number,
  { kind, budgets }: Pick<PlannerRequest, 'kind' | 'budgets'>,
): string {
  if (budgets.domainTokens === 0) return 'It uses in-domain text, and none is at hand.';
  if (domainTokens === 0) return 'It was measured before fine-tuning alone.';
  const [least] = own.filter(isTuned).sort((a, b) => a.domainTokens - b.domainTokens);
  if (least === undefined) return 'It was measured before fine-tuning alone, with another in-domain set.';
  const size = sizeInWords(sizeOf(least), least.domainTokens, kind);
  return `It was measured with ${size}${sizeOf(least) === 'all' ? '' : ' or more'}; ${formatCompact(domainTokens)} are at hand.`;
}

/** What the cheapest method would need, in one sentence; for when none meets the budgets. */
export function cheapestNeed(
  { methods, points, budgets, kind }: PlannerRequest,
  unit: Amount['unit'],
): string {
  if (points.length === 0) return 'Nothing has been measured yet, so no method can be recommended.';
  if (budgets.domainTokens !== 0 && !points.some(isTuned)) {
    return 'Nothing has been measured after fine-tuning yet, so no method can be recommended.';
  }
  const known = methods.flatMap((method) => {
    const own = points.filter((point) => point.method === method.id);
    const hard = hardReasons(method, own, budgets).length;
    const total = (point: MeasuredPoint): number => totalCost(costIn(unit, point), budgets.domains);
    const cheapest = [...own].sort((a, b) => total(a) - total(b)).at(0);
    return cheapest === undefined ? [] : [{ method, own, point: cheapest, hard, total: total(cheapest) }];
  });
  // Of methods that no computation makes feasible, the one with the smallest model is nearest.
  const [nearest] = known.sort(
    (a, b) =>
      a.hard - b.hard || (a.hard > 0 ? a.method.parameters - b.method.parameters : 0) || a.total - b.total,
  );
  if (nearest === undefined) return 'None of the methods has been measured.';
  return needSentence(nearest, { budgets, kind }, unit);
}

/** The cheapest point of a method, with all that were measured of it. */
interface Cheapest {
  readonly method: PlannedMethod;
  readonly own: readonly MeasuredPoint[];
  readonly point: MeasuredPoint;
}

function needSentence(
  { method, own, point }: Cheapest,
  { budgets, kind }: Pick<PlannerRequest, 'budgets' | 'kind'>,
  unit: Amount['unit'],
): string {
  const { pretraining, specialization, inference } = budgets;
  const amount = (limit: Amount | undefined, part: keyof SplitCost): string => {
    const shown = limit?.unit ?? unit;
    return formatAmount({ unit: shown, value: costIn(shown, point)[part] });
  };
  const size = inference?.unit ?? 'parameters';
  const needs = [
    ...(costIn(pretraining?.unit ?? unit, point).generic > 0
      ? [`${amount(pretraining, 'generic')} of pretraining`]
      : []),
    `${amount(specialization, 'specialization')} for each domain`,
    ...(point.domainTokens > 0 ? [sizeInWords(sizeOf(point), point.domainTokens, kind)] : []),
    `${formatInferenceLimit({ unit: size, value: inferenceOf(method, size) })} at inference`,
    ...(readsGenericForDomain(method, own) ? ['the generic corpus when the domain arrives'] : []),
  ];
  return `No measured method meets these budgets. The cheapest, ${methodInWords(method.id, method.title)}, would need ${joinWords(needs)}.`;
}

function tooDear(
  own: readonly MeasuredPoint[],
  limit: Amount | undefined,
  part: keyof SplitCost,
): readonly string[] {
  if (limit === undefined) return [];
  const least = Math.min(...own.map((point) => costIn(limit.unit, point)[part]));
  if (isWithin(least, limit)) return [];
  const needs = formatAmount({ unit: limit.unit, value: least });
  const what = part === 'generic' ? 'of pretraining' : 'for each domain';
  const budget = part === 'generic' ? 'pretraining' : 'specialization';
  return [
    `Its cheapest measured point needs ${needs} ${what}; the ${budget} budget is ${formatAmount(limit)}.`,
  ];
}

function inferenceOf(method: PlannedMethod, unit: 'parameters' | 'FLOPs per token'): number {
  return unit === 'parameters' ? method.parameters : method.inferenceFlopsPerToken;
}

/**
 * Where a method's record does not say it, its costs do: pretraining that is paid for each domain reads the generic
 * corpus after the domain is known.
 */
function readsGenericForDomain(
  { readsGenericForDomain: known }: PlannedMethod,
  own: readonly MeasuredPoint[],
): boolean {
  if (known !== undefined) return known;
  const before = own.filter((point) => point.domainTokens === 0 && point.pretrainingTokens > 0);
  return before.some((point) => point.specializationFlops > point.genericFlops);
}
