/** What the planner is asked and what it answers: plain data, so that it can travel as JSON. */
import type { Amount, InferenceLimit } from './amounts.ts';
import type { Estimate, Limits } from './estimate.ts';
import type { MeasuredPoint } from './measured-point.ts';
import type { Refusal } from './power-law.ts';
import type { LeaveOneOut } from './power-law-fit.ts';

/** The four budgets; an absent one has no limit. */
export interface Budgets extends Limits {
  readonly inference?: InferenceLimit;
  /** In-domain training tokens at hand for each domain; absent: as many as were measured. */
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
  readonly methods: readonly PlannedMethod[];
  /** On one domain, or averages over several; one for each method, budget and size. */
  readonly points: readonly MeasuredPoint[];
}

export interface Candidate extends Estimate {
  readonly method: string;
  readonly title: string;
  /** `C_total(N)` in the answer's unit. */
  readonly totalCost: number;
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
  readonly kind: 'measure' | 'more seeds' | 'larger budget' | 'add methods';
  readonly methods: readonly string[];
  readonly sentence: string;
}

/** How far predictions can be trusted. */
export type PredictionQuality =
  | ({ readonly kind: 'fitted'; readonly fittedPoints: number } & Partial<LeaveOneOut>)
  | Refusal;

export interface PlannerAnswer {
  readonly domains: number;
  /** In-domain tokens that the answer is for. */
  readonly domainTokens: number;
  /** Of total costs. */
  readonly unit: Amount['unit'];
  /** Feasible methods, lowest perplexity first. */
  readonly candidates: readonly Candidate[];
  readonly excluded: readonly Excluded[];
  /** Methods that nothing was measured of and that no budget rules out. */
  readonly unmeasured: readonly string[];
  readonly recommendation: Recommendation;
  readonly next: readonly NextStep[];
  readonly prediction: PredictionQuality;
}
