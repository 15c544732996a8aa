/** What limits on costs allow: whether a point, how many pretraining tokens, how far on the way to a dearer point. */
import type { CostModel } from '../cost-model.ts';
import type { PointCost } from '../measured-point.ts';
import { type Amount, costIn, isWithin } from '../planner/amounts.ts';

/** What may be spent; an absent budget has no limit. */
export interface Limits {
  /** Generic cost, paid once. */
  readonly pretraining?: Amount;
  /** Cost for each domain. */
  readonly specialization?: Amount;
}

export function isAffordable(cost: PointCost, { pretraining, specialization }: Limits): boolean {
  return (
    (pretraining === undefined || isWithin(costIn(pretraining.unit, cost).generic, pretraining)) &&
    (specialization === undefined ||
      isWithin(costIn(specialization.unit, cost).specialization, specialization))
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

/** How far from one cost to a dearer one the limits allow, from 0 to 1: costs are linear in tokens. */
export function affordableShare(
  from: PointCost,
  to: PointCost,
  { pretraining, specialization }: Limits,
): number {
  const share = (limit: Amount | undefined, part: 'generic' | 'specialization'): number => {
    if (limit === undefined) return 1;
    const [a, b] = [costIn(limit.unit, from)[part], costIn(limit.unit, to)[part]];
    return b <= limit.value ? 1 : (limit.value - a) / (b - a);
  };
  return Math.min(share(pretraining, 'generic'), share(specialization, 'specialization'));
}
