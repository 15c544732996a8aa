/**
 * An experiment's measurements put to the planner: for each domain and for their average, and for a domain as the
 * others predict it, which is what a user with a new domain relies on.
 */

import { compare, LEAST_UNITS, NEGLIGIBLE } from '../../budget/choice/verdict.ts';
import type { Measurement, MethodFacts, ModelFacts } from '../../budget/measurement.ts';
import { planFor, pointOf } from '../../budget/planner/planner.ts';
import type { Budgets, Candidate, PlannedMethod, PlannerAnswer } from '../../budget/planner/planner-types.ts';
import type { Basis } from '../../budget/prediction/estimate.ts';
import { isMeasurable, macroAverage, type View, viewsOf } from '../../budget/views.ts';
import { type Distances, type DomainShare, normalized, sharesByLikeness } from './likeness.ts';
import type { ExperimentResults } from './results.ts';

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
    answer: planFor({ budgets, methods, points: view.cells, kind: view.kind }),
  }));
}

/** How a recommendation made without a domain fared on it. */
export interface DomainCheck {
  readonly domain: string;
  /** Recommended from the other domains. */
  readonly recommended: string;
  /** What it has on this domain's held-out text; absent where the budgets rule it out there or it is not known. */
  readonly perplexity?: number;
  /** Where that figure comes from. */
  readonly basis?: Basis;
  /** The lowest that a method has there within the budgets; absent where none meets them. */
  readonly best?: string;
  readonly bestPerplexity?: number;
  readonly bestBasis?: Basis;
  /**
   * Whether it is within `NEGLIGIBLE` of the best. A recommendation that is not feasible on the domain does not hold. Absent
   * where one of the two is only predicted, nothing is known there, or too little was measured to tell them apart.
   */
  readonly holds?: boolean;
}

/** A domain, and what the others measured. */
export interface LeftOutDomain {
  readonly domain: string;
  readonly others: View;
  /** Whether the others count by how alike they are. */
  readonly isByLikeness: boolean;
  readonly own: View;
}

/**
 * Each domain left out in turn, where anything stands for it (`standingFor`); none where there is but one. The others count
 * as they are alike it, where distances of all are known.
 */
export function leftOutDomains(
  measurements: readonly Measurement[],
  distances: Distances,
): readonly LeftOutDomain[] {
  const usable = measurements.filter(isMeasurable);
  const domains = [...new Set(usable.map(({ domain }) => domain))];
  return domains.flatMap((domain) => {
    const rest = usable.filter((one) => one.domain !== domain);
    const others = standingFor(domain, rest, distances);
    const own = viewsOf(usable.filter((one) => one.domain === domain)).at(0);
    if (others === undefined || own === undefined) return [];
    return [{ domain, others: others.view, isByLikeness: others.isByLikeness, own }];
  });
}

/** A domain that was not measured, by those that were. */
export interface UnmeasuredPlan extends ViewPlan, Omit<StandIn, 'view'> {}

/**
 * For a domain of which no more than the text is known; `undefined` where the measured ones have no point in common and
 * nothing tells which of them it is like.
 */
export function planUnmeasured(
  measurements: readonly Measurement[],
  { domain, distances }: { readonly domain: string; readonly distances: Distances },
  methods: readonly PlannedMethod[],
  budgets: Budgets,
): UnmeasuredPlan | undefined {
  const others = standingFor(domain, measurements.filter(isMeasurable), distances);
  if (others === undefined) return undefined;
  const { view, ...sources } = others;
  const answer = planFor({ budgets, methods, points: view.cells, kind: view.kind });
  return { view: domain, answer, ...sources };
}

/** What stands for a domain that is not among the measured ones. */
interface StandIn {
  readonly view: View;
  /** How much each of the measured domains counts, those that count at all, the most first; they sum to 1. */
  readonly shares: readonly DomainShare[];
  /** Whether they count by how alike they are; alike where nothing tells. */
  readonly isByLikeness: boolean;
}

/**
 * The average over the others as they count for a domain; a single one as it is. Where they have no point in common, those that
 * count least are left out until there is one.
 */
function standingFor(
  domain: string,
  measurements: readonly Measurement[],
  distances: Distances,
): StandIn | undefined {
  const others = [...new Set(measurements.map((one) => one.domain))];
  const byLikeness = others.length > 1 ? sharesByLikeness(domain, others, distances) : undefined;
  if (byLikeness === undefined) {
    const alike = others.map((one) => ({ domain: one, share: 1 / others.length }));
    const view = averaged(measurements, alike);
    return view && { view, shares: alike, isByLikeness: false };
  }
  for (let count = byLikeness.length; count > 0; count--) {
    const shares = normalized(byLikeness.slice(0, count));
    const view = averaged(measurements, shares);
    if (view !== undefined) return { view, shares, isByLikeness: true };
  }
  return undefined;
}

/** `undefined` without a point that all of these domains have. */
function averaged(measurements: readonly Measurement[], shares: readonly DomainShare[]): View | undefined {
  const shareOf = new Map(shares.map((one) => [one.domain, one.share]));
  const counted = measurements.filter((one) => shareOf.has(one.domain));
  const view = viewsOf(counted).at(0);
  if (view === undefined || shares.length === 1) return view;
  if (view.kind === 'domain') return undefined;
  return { ...view, cells: macroAverage(counted, (one) => shareOf.get(one) ?? 0) };
}

/** Domains for which the others recommend nothing, or the only method that is there too, are not counted. */
export function checkOnLeftOutDomains(
  leftOut: readonly LeftOutDomain[],
  methods: readonly PlannedMethod[],
  budgets: Budgets,
): readonly DomainCheck[] {
  return leftOut.flatMap(({ domain, others, own }): DomainCheck[] => {
    const advice = planFor({ budgets, methods, points: others.cells });
    const recommended = advice.recommendation.method;
    if (recommended === undefined) return [];
    const { candidates, excluded } = planFor({ budgets, methods, points: own.cells });
    const [best] = [...candidates].sort((a, b) => a.perplexity - b.perplexity);
    const found = candidates.find(({ method }) => method === recommended);
    if (found !== undefined && advice.candidates.length + candidates.length === 2) return [];
    const isKnown = found !== undefined || excluded.some(({ method }) => method === recommended);
    const isOpen = best === undefined || !isKnown || [found, best].some((one) => one?.basis === 'predicted');
    const holds = isOpen ? undefined : found !== undefined && isAsGood(own, found, best);
    return [
      {
        domain,
        recommended,
        ...(found && { perplexity: found.perplexity, basis: found.basis }),
        ...(best && { best: best.method, bestPerplexity: best.perplexity, bestBasis: best.basis }),
        ...(holds !== undefined && { holds }),
      },
    ];
  });
}

/** `undefined` where they tie by more than that, and where too little is held out: there everything ties. */
function isAsGood(view: View, found: Candidate, best: Candidate): boolean | undefined {
  const [a, b] = [pointOf(view.cells, best), pointOf(view.cells, found)];
  const comparison = a && b && compare(a, b);
  if (comparison !== undefined && comparison.units < LEAST_UNITS) return undefined;
  if (found.perplexity <= best.perplexity * (1 + NEGLIGIBLE)) return true;
  return comparison?.verdict === 'tie' ? undefined : false;
}
