/**
 * What one method reaches under given budgets, and where the figure comes from. In this order: measured at the
 * largest affordable point; between two measured points at equal cost; predicted by the fitted law; measured with less
 * in-domain text than there is; measured without fine-tuning. Among measured points the largest affordable budget
 * counts, not the lowest perplexity: that choice would be made on held-out text.
 */
import { type Amount, costIn } from './amounts.ts';
import { type CostModel, costModel } from './cost-model.ts';
import { interpolateLog } from './frontier.ts';
import type { MeasuredPoint, PointCost } from './measured-point.ts';
import { type PowerLaw, predict } from './power-law.ts';

/** What may be spent; an absent budget has no limit. */
export interface Limits {
  /** Generic cost, paid once. */
  readonly pretraining?: Amount;
  /** Cost for each domain. */
  readonly specialization?: Amount;
}

export type Basis = 'measured' | 'interpolated' | 'predicted';

/** A method at one place of its budgets. */
export interface Estimate {
  readonly basis: Basis;
  readonly perplexity: number;
  /** From the lowest to the highest seed, or the interval of 90 % of a prediction. */
  readonly low: number;
  readonly high: number;
  /** Seeds behind a measurement. */
  readonly seeds?: number;
  readonly pretrainingTokens: number;
  /** 0 without fine-tuning. */
  readonly domainTokens: number;
  /** Pretraining tokens, or in-domain tokens, between which it is interpolated. */
  readonly between?: readonly [number, number];
  readonly cost: PointCost;
}

/** Sizes that differ by less count as one: `all` the text of two domains, or a size cut at a window. */
const SAME_SIZE = 0.02;
/** What is at hand is taken as a measured size when it differs by less: people write `2k` for 2,048. */
const NEAR_SIZE = 0.05;
/** A law is asked for budgets and sizes down to this share of the smallest measured, and never above the largest. */
const SMALLEST_SHARE = 1 / 4;

/** `points` are one method's; `atHand` is the in-domain text at hand. The answer names the size that it stands for. */
export function estimate(
  points: readonly MeasuredPoint[],
  atHand: number,
  limits: Limits,
  law: PowerLaw | undefined,
): Estimate | undefined {
  const tuned = points.filter((point) => point.domainTokens > 0);
  const domainTokens = nearestSize(tuned, atHand);
  return (
    alongBudgets(atSize(tuned, domainTokens), limits) ??
    (law && predicted(tuned, domainTokens, limits, law)) ??
    largestAffordable(
      tuned.filter((point) => point.domainTokens <= domainTokens * (1 + SAME_SIZE)).map(measured),
      limits,
    ) ??
    withoutTuning(points, domainTokens, limits)
  );
}

export function isAffordable(cost: PointCost, { pretraining, specialization }: Limits): boolean {
  return (
    (pretraining === undefined || costIn(pretraining.unit, cost).generic <= pretraining.value) &&
    (specialization === undefined || costIn(specialization.unit, cost).specialization <= specialization.value)
  );
}

/** The most pretraining tokens from `least` to `most` that the limits allow; `undefined` when not even the least. */
export function affordableTokens(
  cost: CostModel,
  domainTokens: number,
  limits: Limits,
  [least, most]: readonly [number, number],
): number | undefined {
  const fits = (pretraining: number): boolean => isAffordable(cost(pretraining, domainTokens), limits);
  if (fits(most)) return most;
  if (!fits(least)) return undefined;
  let [low, high] = [least, most];
  for (let round = 0; round < 50; round++) {
    const middle = Math.sqrt(low * high);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** What the law says of a place, as an estimate. */
export function predictedAt(
  law: PowerLaw,
  cost: CostModel,
  place: { readonly group: string; readonly budget: number; readonly domainTokens: number },
): Estimate | undefined {
  const found = predict(law, place);
  if (found === undefined) return undefined;
  return {
    basis: 'predicted',
    perplexity: Math.exp(found.nats),
    low: Math.exp(found.nats - found.halfWidth),
    high: Math.exp(found.nats + found.halfWidth),
    pretrainingTokens: place.budget,
    domainTokens: place.domainTokens,
    cost: cost(place.budget, place.domainTokens),
  };
}

/** The measured size that this amount is as good as, or the amount itself. */
function nearestSize(tuned: readonly MeasuredPoint[], amount: number): number {
  const distance = (size: number): number => Math.abs(size - amount);
  const sizes = tuned.map((point) => point.domainTokens).sort((a, b) => distance(a) - distance(b));
  const [nearest] = sizes;
  return nearest !== undefined && distance(nearest) <= NEAR_SIZE * nearest ? nearest : amount;
}

function measured({ perplexity, pretrainingTokens, domainTokens, ...rest }: MeasuredPoint): Estimate {
  const { genericFlops, genericSeconds, specializationFlops, specializationSeconds } = rest;
  return {
    basis: 'measured',
    perplexity: perplexity.mean,
    low: perplexity.min,
    high: perplexity.max,
    seeds: perplexity.n,
    pretrainingTokens,
    domainTokens,
    cost: { genericFlops, genericSeconds, specializationFlops, specializationSeconds },
  };
}

/** The points at a size, or between two sizes that were measured at the same budget; above the largest, the largest. */
function atSize(tuned: readonly MeasuredPoint[], domainTokens: number): readonly Estimate[] {
  const sizes = [...new Set(tuned.map((point) => point.domainTokens))].sort((a, b) => a - b);
  const target = Math.min(domainTokens, sizes.at(-1) ?? 0);
  const exact = tuned.filter((point) => Math.abs(point.domainTokens - target) <= SAME_SIZE * target);
  if (exact.length > 0) return exact.map(measured);
  const below = sizes.findLast((size) => size < target);
  const above = sizes.find((size) => size > target);
  if (below === undefined || above === undefined) return [];
  return tuned.flatMap((point) => {
    const other = tuned.find(
      ({ domainTokens: size, pretrainingTokens }) =>
        size === above && pretrainingTokens === point.pretrainingTokens,
    );
    if (point.domainTokens !== below || other === undefined) return [];
    return [between(measured(point), measured(other), 'domainTokens', target)];
  });
}

/** The largest affordable point; where the next one is too dear, the place between them that uses up a budget. */
function alongBudgets(level: readonly Estimate[], limits: Limits): Estimate | undefined {
  const ordered = [...level].sort((a, b) => a.pretrainingTokens - b.pretrainingTokens);
  const best = largestAffordable(ordered, limits);
  if (best === undefined) return undefined;
  const next = ordered.find((one) => one.pretrainingTokens > best.pretrainingTokens);
  if (next === undefined || best.pretrainingTokens === 0) return best;
  const share = affordableShare(best.cost, next.cost, limits);
  const tokens = best.pretrainingTokens + share * (next.pretrainingTokens - best.pretrainingTokens);
  return tokens > 1.01 * best.pretrainingTokens ? between(best, next, 'pretrainingTokens', tokens) : best;
}

function largestAffordable(level: readonly Estimate[], limits: Limits): Estimate | undefined {
  return level
    .filter(({ cost }) => isAffordable(cost, limits))
    .sort((a, b) => b.pretrainingTokens - a.pretrainingTokens || b.domainTokens - a.domainTokens)
    .at(0);
}

/** How far from one cost to a dearer one the limits allow, from 0 to 1: costs are linear in tokens. */
function affordableShare(from: PointCost, to: PointCost, { pretraining, specialization }: Limits): number {
  const share = (limit: Amount | undefined, part: 'generic' | 'specialization'): number => {
    if (limit === undefined) return 1;
    const [a, b] = [costIn(limit.unit, from)[part], costIn(limit.unit, to)[part]];
    return b <= limit.value ? 1 : (limit.value - a) / (b - a);
  };
  return Math.min(share(pretraining, 'generic'), share(specialization, 'specialization'));
}

function between(
  a: Estimate,
  b: Estimate,
  along: 'pretrainingTokens' | 'domainTokens',
  place: number,
): Estimate {
  const read = (key: 'perplexity' | 'low' | 'high'): number =>
    interpolateLog({ cost: a[along], perplexity: a[key] }, { cost: b[along], perplexity: b[key] }, place);
  const share = (place - a[along]) / (b[along] - a[along]);
  const mixed = (key: keyof PointCost): number => (1 - share) * a.cost[key] + share * b.cost[key];
  return {
    ...a,
    basis: 'interpolated',
    perplexity: read('perplexity'),
    low: read('low'),
    high: read('high'),
    [along]: place,
    between: [a[along], b[along]],
    cost: {
      genericFlops: mixed('genericFlops'),
      genericSeconds: mixed('genericSeconds'),
      specializationFlops: mixed('specializationFlops'),
      specializationSeconds: mixed('specializationSeconds'),
    },
  };
}

function predicted(
  tuned: readonly MeasuredPoint[],
  domainTokens: number,
  limits: Limits,
  law: PowerLaw,
): Estimate | undefined {
  if (tuned.length === 0) return undefined;
  const sizes = tuned.map((point) => point.domainTokens);
  const size = Math.min(domainTokens, Math.max(...sizes));
  if (size < SMALLEST_SHARE * Math.min(...sizes)) return undefined;
  const budgets = tuned.map(({ pretrainingTokens }) => pretrainingTokens);
  const cost = costModel(tuned);
  const budget = affordableTokens(cost, size, limits, [
    SMALLEST_SHARE * Math.min(...budgets),
    Math.max(...budgets),
  ]);
  return budget === undefined
    ? undefined
    : predictedAt(law, cost, { group: tuned[0].method, budget, domainTokens: size });
}

/** A model that was only pretrained; one whose data were chosen for the domain has used in-domain text. */
function withoutTuning(
  points: readonly MeasuredPoint[],
  domainTokens: number,
  limits: Limits,
): Estimate | undefined {
  const usable = points.filter(
    (point) => point.domainTokens === 0 && (domainTokens > 0 || point.specializationFlops === 0),
  );
  return largestAffordable(usable.map(measured), limits);
}
