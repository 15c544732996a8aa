/**
 * Which method to use under the four budgets (section 2.7 of the paper gives a chart; this answers from measurements).
 * Plain data in and out, so that the command line and the panels ask the same service.
 *
 * Every method is feasible, or excluded with its reasons, or not known at the answer's in-domain size, which is one for
 * all. The feasible are ranked on validation text; of those that tie with the lowest on held-out text the one that costs
 * least in total for N domains is recommended (choice.ts). A method over the inference limit is never recommended. A
 * figure that is not measured says so.
 */

import { chooseAmong } from '../choice/choice.ts';
import { isSameModel } from '../choice/verdict.ts';
import { totalCost } from '../cost.ts';
import { sizeOf } from '../in-domain-size.ts';
import type { MeasuredPoint } from '../measured-point.ts';
import { find, WITHOUT_PRETRAINING } from '../prediction/estimate.ts';
import type { Refusal, Sample } from '../prediction/power-law.ts';
import { fitPowerLaw } from '../prediction/power-law-fit.ts';
import { type FittedPredictors, predictorOf, qualityOf } from '../prediction/predictor.ts';
import { type Amount, costIn } from './amounts.ts';
import { cheapestNeed, costReasons, hardReasons, sizeReason } from './feasibility.ts';
import { nextSteps } from './next-steps.ts';
import type {
  Candidate,
  Excluded,
  NotKnown,
  PlannerAnswer,
  PlannerRequest,
  PredictionQuality,
} from './planner-types.ts';
import { notKnownSentence, recommendationSentence } from './planner-words.ts';
import { isBeyond, type Target, targetsOf } from './target.ts';

/** A candidate and what stands behind it: the measurement, or what compares with none. */
interface Contender {
  readonly candidate: Candidate;
  readonly point: MeasuredPoint;
  readonly totalCost: number;
}

export function planFor(request: PlannerRequest): PlannerAnswer {
  const { budgets, points, kind = 'domain' } = request;
  const predictors = fitPredictors(points);
  const fitted = predictors.kind === 'refused' ? undefined : predictors.predictors;
  const unit = budgets.pretraining?.unit ?? budgets.specialization?.unit ?? request.unit ?? 'FLOPs';
  const targets = targetsOf(points, budgets.domainTokens);
  const assessed = assessLargest(request, targets, fitted, unit);
  const { target, notKnown, excluded, unmeasured } = assessed;
  const { candidates, chosen } = ranked(assessed.contenders);
  const { domainTokens: atHand } = budgets;
  const isMoreThanMeasured = atHand !== undefined && targets[0].tokens > 0 && isBeyond(atHand, targets[0]);
  const answer = {
    kind,
    domains: budgets.domains,
    domainTokens: target.tokens,
    ...(target.size !== undefined && { requestedDomainTokens: target.size }),
    ...(target !== targets[0] && { tooMuchText: targets[0] }),
    ...(isMoreThanMeasured && { beyondMeasured: atHand }),
    unit,
    candidates,
    notKnown,
    excluded,
    unmeasured,
  };
  return {
    ...answer,
    recommendation:
      chosen === undefined
        ? { sentence: notKnownSentence(answer) ?? cheapestNeed(request, unit) }
        : { method: chosen.method, sentence: recommendationSentence(chosen, answer) },
    next: nextSteps(chosen, answer, { budgets, points, predictors: fitted }),
    prediction: predictors.kind === 'refused' ? predictors : predictors.quality,
  };
}

interface Assessment extends Pick<PlannerAnswer, 'notKnown' | 'excluded' | 'unmeasured'> {
  readonly target: Target;
  readonly contenders: readonly Contender[];
}

/**
 * With the largest set that some method may be fine-tuned on, or could be with a measured budget, which would have to be
 * run; with the first where none may.
 */
function assessLargest(
  request: PlannerRequest,
  [first, ...smaller]: readonly Target[],
  predictors: FittedPredictors | undefined,
  unit: Amount['unit'],
): Assessment {
  const largest = assess(request, first, predictors, unit);
  for (const target of [undefined, ...smaller]) {
    const one = target === undefined ? largest : assess(request, target, predictors, unit);
    const isUsed = one.contenders.some(({ candidate }) => isTunedOn(candidate, one.target));
    const couldBe = one.notKnown.some(({ place }) =>
      request.points.some(({ pretrainingTokens }) => pretrainingTokens === place.pretraining),
    );
    if (isUsed || couldBe) return one;
  }
  return largest;
}

function assess(
  request: PlannerRequest,
  target: Target,
  predictors: FittedPredictors | undefined,
  unit: Amount['unit'],
): Assessment {
  const { budgets, methods, points } = request;
  const contenders: Contender[] = [];
  const notKnown: NotKnown[] = [];
  const excluded: Excluded[] = [];
  const unmeasured: string[] = [];
  for (const method of methods) {
    const { id, title } = method;
    const own = points.filter((point) => point.method === id);
    const hard = hardReasons(method, own, budgets);
    const found = hard.length === 0 ? find(own, target, budgets, predictors) : undefined;
    if (found?.kind === 'known') {
      const costs = (unit: Amount['unit']) => totalCost(costIn(unit, found.estimate.cost), budgets.domains);
      const candidate = { method: id, title, ...found.estimate, totalCost: costs(unit) };
      const point = found.point ?? comparedWithNone(candidate);
      // Operations are counted: the choice among ties is the same on every machine and in every unit.
      contenders.push({ candidate, point, totalCost: costs('FLOPs') });
    } else if (found?.kind === 'not known') {
      const pretraining = budgetToRun(found.place.pretraining, points);
      notKnown.push({ method: id, title, place: { ...found.place, pretraining } });
    } else if (own.length === 0 && hard.length === 0) {
      unmeasured.push(id);
    } else {
      const dear = costReasons(own, budgets);
      const size = hard.length + dear.length === 0 ? [sizeReason(own, target.tokens, request)] : [];
      excluded.push({ method: id, title, reasons: [...hard, ...dear, ...size] });
    }
  }
  const own = contenders.filter((one) => {
    const original = originalOf(one, contenders);
    if (original === undefined) return true;
    const { method, title } = one.candidate;
    excluded.push({ method, title, reasons: [`Without fine-tuning it is the model of ${original}.`] });
    return false;
  });
  return { target, contenders: own, notKnown, excluded, unmeasured };
}

function isTunedOn(candidate: Candidate, { size, tokens }: Target): boolean {
  if (candidate.domainTokens === 0) return false;
  return size === undefined ? candidate.domainTokens === tokens : sizeOf(candidate) === size;
}

/**
 * The method whose model this one is, where it is not fine-tuned: a distilled one begins with the pretrained one. Of several
 * it is the one that costs least, and the first of these.
 */
function originalOf(one: Contender, among: readonly Contender[]): string | undefined {
  if (one.candidate.domainTokens > 0) return undefined;
  const [original] = among
    .filter((other) => other.candidate.domainTokens === 0 && isSameModel(other.point, one.point))
    .sort((a, b) => a.totalCost - b.totalCost);
  return original === one ? undefined : original.candidate.method;
}

/** The lowest on validation text first, each other with how it compares to it. */
function ranked(contenders: readonly Contender[]): {
  readonly candidates: readonly Candidate[];
  readonly chosen?: Candidate;
} {
  const choice = chooseAmong(contenders);
  if (choice === undefined) return { candidates: [] };
  const others = [...choice.ties, ...choice.others]
    .map(({ contender: { candidate }, comparison }) => ({ ...candidate, ...(comparison && { comparison }) }))
    .sort((a, b) => a.validation - b.validation);
  const candidates = [choice.leader.candidate, ...others];
  const chosen = candidates.find(({ method }) => method === choice.chosen.candidate.method);
  return { candidates, ...(chosen && { chosen }) };
}

/** The measurement behind a candidate. */
export function pointOf<P extends MeasuredPoint>(points: readonly P[], candidate: Candidate): P | undefined {
  if (candidate.basis !== 'measured') return undefined;
  return points.find(
    (point) =>
      point.method === candidate.method &&
      point.pretrainingTokens === candidate.pretrainingTokens &&
      point.domainTokens === candidate.domainTokens &&
      point.requestedDomainTokens === candidate.requestedDomainTokens,
  );
}

/** An estimate has no documents and seeds of its own: it ranks, but neither ties nor is clear. */
function comparedWithNone(candidate: Candidate): MeasuredPoint {
  const { method, pretrainingTokens, domainTokens, perplexity, low, high, validation, cost } = candidate;
  return {
    method,
    pretrainingTokens,
    domainTokens,
    perplexity: { mean: perplexity, min: low, max: high, n: 0 },
    validation: { mean: validation, min: validation, max: validation, n: 0 },
    seeds: [],
    ...cost,
  };
}

/** A method without pretraining is measured beside others: with their largest budget. */
function budgetToRun(pretraining: number, points: readonly MeasuredPoint[]): number {
  return pretraining > 0
    ? pretraining
    : Math.max(WITHOUT_PRETRAINING, ...points.map(({ pretrainingTokens }) => pretrainingTokens));
}

type Fitted = {
  readonly kind: 'fitted';
  readonly predictors: FittedPredictors;
  readonly quality: PredictionQuality;
};

/** Fitting and leaving points out takes longer than an answer, and the panel asks again at every movement of a slider. */
const known = new WeakMap<readonly MeasuredPoint[], Fitted | Refusal>();

function fitPredictors(points: readonly MeasuredPoint[]): Fitted | Refusal {
  const before = known.get(points);
  if (before !== undefined) return before;
  const made = fitBoth(points);
  known.set(points, made);
  return made;
}

function fitBoth(points: readonly MeasuredPoint[]): Fitted | Refusal {
  const heldout = predictorOf(samplesOf(points, ({ perplexity }) => perplexity.mean));
  if (heldout.kind === 'refused') return heldout;
  const validation = fitPowerLaw(
    samplesOf(points, (point) => point.validation.mean),
    heldout.law.exponents,
  );
  if (validation.kind === 'refused') return validation;
  const fittedPoints = heldout.law.samples.length;
  return {
    kind: 'fitted',
    predictors: { heldout, validation },
    quality: { kind: 'fitted', fittedPoints, knows: heldout.law.knows, ...qualityOf(heldout) },
  };
}

/** Methods without pretraining are left out: their curve over in-domain sizes is another, so they share no exponent. */
export function samplesOf(
  points: readonly MeasuredPoint[],
  value: (point: MeasuredPoint) => number,
): readonly Sample[] {
  return points
    .filter(({ domainTokens, pretrainingTokens }) => domainTokens > 0 && pretrainingTokens > 0)
    .map((point) => ({
      group: point.method,
      budget: point.pretrainingTokens,
      domainTokens: point.domainTokens,
      nats: Math.log(value(point)),
    }));
}
