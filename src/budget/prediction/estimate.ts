/**
 * What one method reaches under given budgets with one in-domain set, the same for all methods, and where the figure
 * comes from. In this order: measured; between two measured points at equal cost; predicted by the fitted law; measured
 * with less of the text or none, where fine-tuning on all of it is not affordable. Else it is not known, and what to run is
 * reported.
 *
 * Among the affordable budgets the lowest perplexity on validation text counts. Held-out text decides nothing.
 */

import { anchoredAt, type CostModel, costModel } from '../cost-model.ts';
import { interpolateLog } from '../frontier.ts';
import { type InDomainSize, sizeOf, sizesOf } from '../in-domain-size.ts';
import type { MeasuredPoint, PointCost } from '../measured-point.ts';
import { isTuned, type Target, tokensOf } from '../planner/target.ts';
import { affordableShare, affordableTokens, isAffordable, type Limits } from './affordability.ts';
import { type FittedPredictors, predict, predictBoth } from './predictor.ts';

export type Basis = 'measured' | 'interpolated' | 'predicted';

/** The measured tokens on both sides of an interpolated place. */
export interface Between {
  readonly along: 'pretrainingTokens' | 'domainTokens';
  readonly from: number;
  readonly to: number;
}

/** A method at one place of its budgets. */
export interface Estimate {
  readonly basis: Basis;
  /** On held-out text: what is reported. */
  readonly perplexity: number;
  /**
   * From the lowest to the highest seed, of both neighbours where it is interpolated, or the interval of 90 % of a
   * prediction; an interpolated place has no narrower one than a prediction there.
   */
  readonly low: number;
  readonly high: number;
  /** Perplexity on validation text: what is chosen by. */
  readonly validation: number;
  /** Seeds behind a measurement. */
  readonly seeds?: number;
  readonly pretrainingTokens: number;
  /** 0 without fine-tuning. */
  readonly domainTokens: number;
  /** The in-domain set as the experiment asks for it, where it is one that was measured. */
  readonly requestedDomainTokens?: InDomainSize;
  /** What it is interpolated between; `first` where its neighbours are interpolated themselves, and between what. */
  readonly between?: Between & { readonly first?: Between };
  /** Of a prediction: steps of the measured grid outside of what was measured, 0 inside. */
  readonly steps?: number;
  readonly cost: PointCost;
}

/** The pretraining of a point where no method pretrains: an experiment file wants an amount, and none reads it. */
export const WITHOUT_PRETRAINING = 1;

/** A point to be run. */
export interface GridPlace {
  readonly pretraining: number;
  readonly domainTokens: InDomainSize;
}

export type Finding =
  | { readonly kind: 'known'; readonly estimate: Estimate; readonly point?: MeasuredPoint }
  /** Affordable as far as costs tell, but neither measured there nor predicted. */
  | { readonly kind: 'not known'; readonly place: GridPlace };

/** `own` are one method's points; `undefined` where its costs rule it out, or it uses no text that is at hand. */
export function find(
  own: readonly MeasuredPoint[],
  target: Target,
  limits: Limits,
  predictors: FittedPredictors | undefined,
): Finding | undefined {
  const tuned = own.filter(isTuned);
  const level = target.tokens === 0 ? [] : atSize(tuned, target);
  const atTarget = alongBudgets(level, limits);
  if (atTarget !== undefined) return { kind: 'known', ...widened(atTarget, tuned, predictors) };
  const cost = anchoredAt(
    costModel(tuned),
    level.map(({ estimate }) => estimate),
  );
  const place = target.tokens === 0 ? undefined : affordablePlace(tuned, cost, target, limits);
  if (place === undefined) return withLess(own, target, limits);
  const predicted = predictors && predictedAt(predictors, cost, place);
  const { size } = target;
  if (predicted !== undefined) {
    return {
      kind: 'known',
      estimate: { ...predicted, ...(size !== undefined && { requestedDomainTokens: size }) },
    };
  }
  const { budget, domainTokens } = place;
  return {
    kind: 'not known',
    place: { pretraining: wholeTokens(budget), domainTokens: size ?? wholeTokens(domainTokens) },
  };
}

interface MethodPlace {
  readonly group: string;
  readonly budget: number;
  readonly domainTokens: number;
}

/** What the law says of a place, as an estimate; `undefined` where it does not reach. */
export function predictedAt(
  predictors: FittedPredictors,
  cost: CostModel,
  place: MethodPlace,
): Estimate | undefined {
  const found = predictBoth(predictors, place);
  if (found === undefined) return undefined;
  const { heldout, validation } = found;
  return {
    basis: 'predicted',
    perplexity: Math.exp(heldout.nats),
    low: Math.exp(heldout.nats - heldout.halfWidth),
    high: Math.exp(heldout.nats + heldout.halfWidth),
    validation: Math.exp(validation),
    pretrainingTokens: place.budget,
    domainTokens: place.domainTokens,
    steps: heldout.steps,
    cost: cost(place.budget, place.domainTokens),
  };
}

/**
 * Whole tokens as people write them, to three digits, or as they are where they are a measured amount. Never more than the
 * amount, which may be all that the budgets allow.
 */
export function wholeTokens(amount: number): number {
  if (Number.isInteger(amount)) return amount;
  const unit = Math.max(1, 10 ** (Math.floor(Math.log10(amount)) - 2));
  return Math.max(1, Math.floor(amount / unit) * unit);
}

interface Placed {
  readonly estimate: Estimate;
  /** Of a measurement. */
  readonly point?: MeasuredPoint;
}

function measured(point: MeasuredPoint): Placed {
  const { perplexity, validation, pretrainingTokens, domainTokens, requestedDomainTokens, ...rest } = point;
  const { genericFlops, genericSeconds, specializationFlops, specializationSeconds } = rest;
  const estimate: Estimate = {
    basis: 'measured',
    perplexity: perplexity.mean,
    low: perplexity.min,
    high: perplexity.max,
    validation: validation.mean,
    seeds: perplexity.n,
    pretrainingTokens,
    domainTokens,
    ...(requestedDomainTokens !== undefined && { requestedDomainTokens }),
    cost: { genericFlops, genericSeconds, specializationFlops, specializationSeconds },
  };
  return { estimate, point };
}

/** The points at a size, or between two sizes that were measured at the same budget. */
function atSize(tuned: readonly MeasuredPoint[], { size, tokens }: Target): readonly Placed[] {
  if (size !== undefined) return tuned.filter((point) => sizeOf(point) === size).map(measured);
  const sizes = sizesOf(tuned);
  const above = sizes.findIndex((one) => tokensOf(tuned, one) > tokens);
  if (above < 1) return [];
  return tuned.flatMap((point) => {
    const other = tuned.find(
      (one) => sizeOf(one) === sizes[above] && one.pretrainingTokens === point.pretrainingTokens,
    );
    if (sizeOf(point) !== sizes[above - 1] || other === undefined) return [];
    return [between(measured(point).estimate, measured(other).estimate, 'domainTokens', tokens)];
  });
}

/**
 * Of what is affordable the lowest on validation text: a measured budget, or the place between the largest affordable
 * one and the next that uses up a limit.
 */
function alongBudgets(level: readonly Placed[], limits: Limits): Placed | undefined {
  const ordered = [...level].sort((a, b) => a.estimate.pretrainingTokens - b.estimate.pretrainingTokens);
  const affordable = ordered.filter(({ estimate }) => isAffordable(estimate.cost, limits));
  const largest = affordable.at(-1);
  if (largest === undefined) return undefined;
  const next = ordered[ordered.indexOf(largest) + 1];
  const dearest = next === undefined ? [] : usingUp(largest.estimate, next.estimate, limits);
  return lowestOnValidation([...affordable, ...dearest]);
}

function usingUp(from: Estimate, to: Estimate, limits: Limits): readonly Placed[] {
  if (from.pretrainingTokens === 0) return [];
  const share = affordableShare(from.cost, to.cost, limits);
  const tokens = from.pretrainingTokens + share * (to.pretrainingTokens - from.pretrainingTokens);
  return tokens > 1.01 * from.pretrainingTokens ? [between(from, to, 'pretrainingTokens', tokens)] : [];
}

function lowestOnValidation(placed: readonly Placed[]): Placed | undefined {
  return [...placed].sort((a, b) => a.estimate.validation - b.estimate.validation).at(0);
}

function between(a: Estimate, b: Estimate, along: Between['along'], place: number): Placed {
  const read = (key: 'perplexity' | 'validation'): number =>
    interpolateLog({ cost: a[along], perplexity: a[key] }, { cost: b[along], perplexity: b[key] }, place);
  const share = (place - a[along]) / (b[along] - a[along]);
  const mixed = (key: keyof PointCost): number => (1 - share) * a.cost[key] + share * b.cost[key];
  const { requestedDomainTokens, ...rest } = a;
  const estimate: Estimate = {
    ...rest,
    ...(requestedDomainTokens === b.requestedDomainTokens &&
      requestedDomainTokens !== undefined && { requestedDomainTokens }),
    basis: 'interpolated',
    perplexity: read('perplexity'),
    low: Math.min(a.low, b.low),
    high: Math.max(a.high, b.high),
    validation: read('validation'),
    [along]: place,
    between: { along, from: a[along], to: b[along], ...(a.between && { first: a.between }) },
    cost: {
      genericFlops: mixed('genericFlops'),
      genericSeconds: mixed('genericSeconds'),
      specializationFlops: mixed('specializationFlops'),
      specializationSeconds: mixed('specializationSeconds'),
    },
  };
  return { estimate };
}

/** A straight line between two points knows no more of what lies between than a fitted law does. */
function widened(
  placed: Placed,
  tuned: readonly MeasuredPoint[],
  predictors: FittedPredictors | undefined,
): Placed {
  const { estimate } = placed;
  if (estimate.basis !== 'interpolated' || predictors === undefined) return placed;
  const { perplexity, low, high, pretrainingTokens: budget, domainTokens } = estimate;
  const predicted = predict(predictors.heldout, { group: tuned[0].method, budget, domainTokens });
  if (predicted === undefined) return placed;
  const factor = Math.exp(predicted.halfWidth);
  return {
    estimate: {
      ...estimate,
      low: Math.min(low, perplexity / factor),
      high: Math.max(high, perplexity * factor),
    },
  };
}

/** Where the limits let a method stand at a size: with the largest measured budget that they allow, or with less. */
function affordablePlace(
  tuned: readonly MeasuredPoint[],
  cost: CostModel,
  { tokens }: Target,
  limits: Limits,
): MethodPlace | undefined {
  if (tuned.length === 0) return undefined;
  const budgets = [...new Set(tuned.map(({ pretrainingTokens }) => pretrainingTokens))].sort((a, b) => a - b);
  const place = (budget: number): MethodPlace => ({ group: tuned[0].method, budget, domainTokens: tokens });
  const budget = budgets.findLast((one) => isAffordable(cost(one, tokens), limits));
  if (budget !== undefined) return place(budget);
  const less = affordableTokens(cost, tokens, limits, [budgets[0] / 4, budgets[0]]);
  return less === undefined || less === 0 ? undefined : place(less);
}

/**
 * What was measured with less of the in-domain text, where all of it is too dear: fine-tuned on a smaller set, or only
 * pretrained, without in-domain text or with generic text that was chosen for no more than this set.
 */
function withLess(
  points: readonly MeasuredPoint[],
  { tokens, size }: Target,
  limits: Limits,
): Finding | undefined {
  const usable = points.filter((point) => {
    const { domainTokens, requestedDomainTokens: asked, specializationFlops } = point;
    if (!isAffordable(point, limits)) return false;
    if (tokens === 0) return domainTokens === 0 && asked === undefined && specializationFlops === 0;
    if (domainTokens > 0) return domainTokens < tokens;
    return asked === undefined || asked === size || (asked !== 'all' && asked < tokens);
  });
  const found = lowestOnValidation(usable.map(measured));
  return found && { kind: 'known', ...found };
}
