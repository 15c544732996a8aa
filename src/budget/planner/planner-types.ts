/** What the planner is asked and what it answers: plain data, so that it can travel as JSON. */

import type { Comparison } from '../choice/verdict.ts';
import type { InDomainSize } from '../in-domain-size.ts';
import type { MeasuredPoint } from '../measured-point.ts';
import type { Limits } from '../prediction/affordability.ts';
import type { Estimate, GridPlace } from '../prediction/estimate.ts';
import type { Refusal } from '../prediction/power-law.ts';
import type { LeftOutQuality } from '../prediction/predictor.ts';
import type { View } from '../views.ts';
import type { Amount, InferenceLimit } from './amounts.ts';
import type { Target } from './target.ts';

/** The four budgets; an absent one has no limit. */
export interface Budgets extends Limits {
  readonly inference?: InferenceLimit;
  /** In-domain training tokens at hand for each domain; absent: the largest set that was measured. */
  readonly domainTokens?: number;
  /** N. */
  readonly domains: number;
  /** Whether generic text can still be read when the domain arrives: importance sampling needs that. */
  readonly genericCorpusAtHand: boolean;
}

/** What is known of a method besides its measurements. */
export interface PlannedMethod {
  readonly id: string;
  readonly title: string;
  /** Of the model that is served in the end. */
  readonly parameters: number;
  readonly inferenceFlopsPerToken: number;
  /** Whether it reads generic text after the domain is known; absent where that is not known. */
  readonly readsGenericForDomain?: boolean;
}

export interface PlannerRequest {
  readonly budgets: Budgets;
  /** Of total costs, where no budget has one; operations when absent. */
  readonly unit?: Amount['unit'];
  readonly methods: readonly PlannedMethod[];
  /** On one domain, or averages over several; one for each method, budget and size. */
  readonly points: readonly MeasuredPoint[];
  /** Which of the two the points are; a domain when absent. */
  readonly kind?: View['kind'];
}

export interface Candidate extends Estimate {
  readonly method: string;
  readonly title: string;
  /** `C_total(N)` in the answer's unit. */
  readonly totalCost: number;
  /** Of the candidate that is lowest on validation text (first) with this one; absent of itself and where one of the two
   * is not measured. */
  readonly comparison?: Comparison;
}

/** A method that the budgets allow and that nothing tells about at the answer's in-domain size. */
export interface NotKnown {
  readonly method: string;
  readonly title: string;
  /** What to run. */
  readonly place: GridPlace;
}

export interface Excluded {
  readonly method: string;
  readonly title: string;
  /** Each one plain sentence with its numbers. */
  readonly reasons: readonly string[];
}

export interface Recommendation {
  /** Absent when no method meets the budgets. */
  readonly method?: string;
  readonly sentence: string;
}

export interface NextStep {
  /** `measure`: at the place named; `larger budget`: beyond the largest measured one. */
  readonly kind: 'measure' | 'more seeds' | 'more held-out text' | 'larger budget' | 'add methods';
  readonly methods: readonly string[];
  readonly sentence: string;
  /** The point to run, of `measure` and `larger budget`: an entry of "points" in the experiment file. */
  readonly place?: GridPlace;
}

/** How far predictions can be trusted: inside of what was measured, and one step outside. */
export type PredictionQuality =
  | {
      readonly kind: 'fitted';
      readonly fittedPoints: number;
      /** Whether beyond the measured budgets, and beyond the measured in-domain sizes, anything can be said. */
      readonly knows: { readonly budget: boolean; readonly domain: boolean };
      readonly inside?: LeftOutQuality;
      readonly outside?: LeftOutQuality;
    }
  | Refusal;

export interface PlannerAnswer {
  /** Whether it is for a domain, or for the average over several. */
  readonly kind: View['kind'];
  readonly domains: number;
  /** In-domain tokens that the answer is for. */
  readonly domainTokens: number;
  /** As the experiment asks for them, where they are a size that was measured. */
  readonly requestedDomainTokens?: InDomainSize;
  /** The larger set that was asked for, where the budgets allow no method to be fine-tuned on it. */
  readonly tooMuchText?: Target;
  /** In-domain tokens at hand, where they are more than the largest measured set, for which the answer is. */
  readonly beyondMeasured?: number;
  /** Of total costs. */
  readonly unit: Amount['unit'];
  /** Feasible methods, the lowest on validation text first. */
  readonly candidates: readonly Candidate[];
  readonly notKnown: readonly NotKnown[];
  readonly excluded: readonly Excluded[];
  /** Methods that nothing was measured of and that no budget rules out. */
  readonly unmeasured: readonly string[];
  readonly recommendation: Recommendation;
  readonly next: readonly NextStep[];
  readonly prediction: PredictionQuality;
}
