/**
 * Which method to use under the four budgets (section 2.7 of the paper gives a chart; this answers from measurements).
 * Plain data in and out, so that the command line and the panels ask the same service.
 *
 * Every method is feasible or excluded with its reasons. The feasible are ranked by perplexity at the largest budget
 * that they may use; among those within 1 % of the lowest, which seeds rarely settle, the one that costs least in total
 * for N domains is recommended. A method over the inference limit is never recommended. A figure that is not measured
 * says so, and the law behind predictions is judged by leaving points out.
 */
import { costIn } from './amounts.ts';
import { totalCost } from './cost.ts';
import { estimate } from './estimate.ts';
import { cheapestNeed, costReasons, hardReasons, sizeReason } from './feasibility.ts';
import type { MeasuredPoint } from './measured-point.ts';
import { nextSteps } from './next-steps.ts';
import type {
  Candidate,
  Excluded,
  PlannerAnswer,
  PlannerRequest,
  PredictionQuality,
} from './planner-types.ts';
import { recommendationSentence } from './planner-words.ts';
import type { PowerLaw, Refusal } from './power-law.ts';
import { fitPowerLaw, leaveOneOut } from './power-law-fit.ts';

/** Perplexities that differ by less are taken as equal, and cost decides. */
const TIE = 0.01;

export function planFor(request: PlannerRequest): PlannerAnswer {
  const law = lawOf(request.points);
  return { ...decide(request, law), prediction: law.kind === 'fitted' ? qualityOf(law) : law };
}

/** The same without the judgement of predictions, which takes most of the time. */
export function chooseMethod(request: PlannerRequest): Omit<PlannerAnswer, 'prediction'> {
  return decide(request, lawOf(request.points));
}

function decide(
  { budgets, methods, points }: PlannerRequest,
  law: PowerLaw | Refusal,
): Omit<PlannerAnswer, 'prediction'> {
  const fitted = law.kind === 'fitted' ? law : undefined;
  const domainTokens = budgets.domainTokens ?? Math.max(0, ...points.map((point) => point.domainTokens));
  const unit = budgets.pretraining?.unit ?? budgets.specialization?.unit ?? 'FLOPs';
  const candidates: Candidate[] = [];
  const excluded: Excluded[] = [];
  const unmeasured: string[] = [];
  for (const method of methods) {
    const { id, title } = method;
    const own = points.filter((point) => point.method === id);
    const hard = hardReasons(method, own, budgets);
    const found = hard.length === 0 ? estimate(own, domainTokens, budgets, fitted) : undefined;
    if (found !== undefined) {
      const cost = totalCost(costIn(unit, found.cost), budgets.domains);
      candidates.push({ method: id, title, ...found, totalCost: cost });
    } else if (own.length === 0 && hard.length === 0) {
      unmeasured.push(id);
    } else {
      const dear = costReasons(own, budgets);
      const reasons = [
        ...hard,
        ...dear,
        ...(hard.length + dear.length === 0 ? [sizeReason(own, domainTokens)] : []),
      ];
      excluded.push({ method: id, title, reasons });
    }
  }
  candidates.sort((a, b) => a.perplexity - b.perplexity);
  const answer = { domains: budgets.domains, domainTokens, unit, candidates, excluded, unmeasured };
  const chosen = choose(candidates);
  return {
    ...answer,
    recommendation:
      chosen === undefined
        ? { sentence: cheapestNeed(methods, points, budgets, unit) }
        : { method: chosen.method, sentence: recommendationSentence(chosen, answer) },
    next: nextSteps(chosen, answer, { budgets, points, law: fitted }),
  };
}

/** The cheapest for N domains of those that the lowest perplexity does not set apart. */
function choose(candidates: readonly Candidate[]): Candidate | undefined {
  const limit = (candidates.at(0)?.perplexity ?? 0) * (1 + TIE);
  return candidates
    .filter(({ perplexity }) => perplexity <= limit)
    .sort((a, b) => a.totalCost - b.totalCost)
    .at(0);
}

/** Methods without pretraining are left out: their curve over in-domain sizes is another, so they share no exponent. */
function lawOf(points: readonly MeasuredPoint[]): PowerLaw | Refusal {
  return fitPowerLaw(
    points
      .filter(({ domainTokens, pretrainingTokens }) => domainTokens > 0 && pretrainingTokens > 0)
      .map(({ method, pretrainingTokens, domainTokens, perplexity }) => ({
        group: method,
        budget: pretrainingTokens,
        domainTokens,
        nats: Math.log(perplexity.mean),
      })),
  );
}

function qualityOf(law: PowerLaw): PredictionQuality {
  return { kind: 'fitted', fittedPoints: law.samples.length, ...leaveOneOut(law) };
}
