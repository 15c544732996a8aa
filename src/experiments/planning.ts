/**
 * An experiment's measurements put to the planner: for each domain and for their average, and for a domain as the
 * others foretell it, which is what a user with a new domain relies on.
 */
import { isMeasurable, type View, viewsOf } from '../../webview/charts/aggregate.ts';
import { chooseMethod, planFor } from '../budget/planner.ts';
import type { Budgets, PlannedMethod, PlannerAnswer } from '../budget/planner-types.ts';
import type { ExperimentResults, MethodFacts, ModelFacts } from './results.ts';

export interface ViewPlan {
  /** The domain, or the average. */
  readonly view: string;
  readonly answer: PlannerAnswer;
}

/** What the planner needs to know of methods; one whose model's size is not known is left out. */
export function plannedMethods(
  methods: readonly MethodFacts[],
  models: readonly ModelFacts[],
): readonly PlannedMethod[] {
  return methods.flatMap(({ id, title, model, readsGenericForDomain }) => {
    const facts = models.find(({ name }) => name === model);
    if (facts === undefined) return [];
    const { parameters, inferenceFlopsPerToken } = facts;
    return [
      {
        id,
        title,
        parameters,
        inferenceFlopsPerToken,
        ...(readsGenericForDomain === undefined ? {} : { readsGenericForDomain }),
      },
    ];
  });
}

/** The budgets with the experiment's inference limit, the size of its small model, where none is given. */
export function withInferenceLimit(budgets: Budgets, models: readonly ModelFacts[]): Budgets {
  const small = models.find(({ name }) => name === 'small');
  if (budgets.inference !== undefined || small === undefined) return budgets;
  return { ...budgets, inference: { unit: 'parameters', value: small.parameters } };
}

/** The planner's answer for each view of the results: the average over domains first, where there are several. */
export function planViews(
  { measurements }: Pick<ExperimentResults, 'measurements'>,
  methods: readonly PlannedMethod[],
  budgets: Budgets,
): readonly ViewPlan[] {
  return viewsOf(measurements.filter(isMeasurable)).map((view) => ({
    view: view.title,
    answer: planFor({ budgets, methods, points: view.cells }),
  }));
}

/** How a recommendation made without a domain fared on it. */
export interface DomainCheck {
  readonly domain: string;
  /** Recommended from the other domains. */
  readonly recommended: string;
  /** What it reached on this domain, and the lowest that a method reached there within the budgets. */
  readonly perplexity: number;
  readonly best: string;
  readonly bestPerplexity: number;
  /** Whether it is the best, or not told apart from it: within 1 % or with overlapping seeds. */
  readonly holds: boolean;
}

/** Differences below this are taken as none, as by the planner. */
const TIE = 0.01;

/** Each domain left out in turn; those for which either side has no answer are not counted. */
export function checkOnLeftOutDomains(
  { measurements }: Pick<ExperimentResults, 'measurements'>,
  methods: readonly PlannedMethod[],
  budgets: Budgets,
): readonly DomainCheck[] {
  const usable = measurements.filter(isMeasurable);
  const domains = [...new Set(usable.map(({ domain }) => domain))];
  if (domains.length < 2) return [];
  return domains.flatMap((domain) => {
    const answerOf = (view: View | undefined) =>
      view && chooseMethod({ budgets, methods, points: view.cells });
    const foretold = answerOf(viewsOf(usable.filter((one) => one.domain !== domain)).at(0));
    const own = answerOf(viewsOf(usable.filter((one) => one.domain === domain)).at(0));
    const best = own?.candidates.at(0);
    const recommended = own?.candidates.find(({ method }) => method === foretold?.recommendation.method);
    if (best === undefined || recommended === undefined) return [];
    return [
      {
        domain,
        recommended: recommended.method,
        perplexity: recommended.perplexity,
        best: best.method,
        bestPerplexity: best.perplexity,
        holds: recommended.perplexity <= best.perplexity * (1 + TIE) || recommended.low <= best.high,
      },
    ];
  });
}
