/**
 * Saturating power laws: what a method would reach at a point of its budgets that was not measured,
 *
 *     L = L_inf + A * C^-alpha + B * D^-beta
 *
 * with L the log perplexity in nats, C the pretraining tokens and D the in-domain tokens. L_inf, A and B are the
 * method's own and not negative; the exponents are shared by the methods of one fit, because an experiment has three
 * or so budgets for each and a method alone would leave nothing to judge the fit by. The paper gives no such law; its
 * form is the usual one of scaling laws. Weighed: a product of the two terms. It needs points off the axes of the grid.
 */
import { dot } from './least-squares.ts';

/** One measured point. */
export interface Sample {
  /** The method. */
  readonly group: string;
  /** Pretraining tokens; 0 without pretraining. */
  readonly budget: number;
  /** In-domain tokens, more than 0. */
  readonly domainTokens: number;
  /** Log perplexity. */
  readonly nats: number;
}

export type Place = Pick<Sample, 'group' | 'budget' | 'domainTokens'>;

export interface Exponents {
  readonly budget: number;
  readonly domain: number;
}

export interface GroupLaw {
  readonly group: string;
  /** L_inf in nats. */
  readonly floor: number;
  /** A and B in nats at the reference budget and size; `undefined` where nothing was measured that tells. */
  readonly budgetFactor: number | undefined;
  readonly domainFactor: number | undefined;
  /** Where the group was measured, for a term that is `undefined`: it can be predicted there only. */
  readonly budgets: readonly number[];
  readonly domainTokens: readonly number[];
}

export interface PowerLaw {
  readonly kind: 'fitted';
  /** alpha and beta. */
  readonly exponents: Exponents;
  /** The geometric means of C and D, where A and B are given. */
  readonly reference: Exponents;
  readonly groups: readonly GroupLaw[];
  readonly samples: readonly Sample[];
  /** Points beyond those that the parameters use up. */
  readonly degreesOfFreedom: number;
  /** Standard deviation of the residuals in nats. */
  readonly residual: number;
  /** Inverse of the normal matrix, for the width of intervals. */
  readonly covariance: readonly (readonly number[])[];
}

export interface Refusal {
  readonly kind: 'refused';
  readonly reason: string;
}

export interface Prediction {
  readonly nats: number;
  /** Half the width of the interval of 90 % for a new measurement, from the residuals. */
  readonly halfWidth: number;
}

/** Which terms a group has besides its floor. */
export interface Terms {
  readonly hasBudget: boolean;
  readonly hasDomain: boolean;
}

/** What the law says of a place; `undefined` for a method, budget or size that nothing measured tells about. */
export function predict(law: PowerLaw, place: Place): Prediction | undefined {
  const group = law.groups.find((one) => one.group === place.group);
  if (group === undefined || !(place.domainTokens > 0)) return undefined;
  if (group.budgetFactor === undefined && !group.budgets.includes(place.budget)) return undefined;
  if (group.domainFactor === undefined && !group.domainTokens.includes(place.domainTokens)) return undefined;
  if (group.budgetFactor !== undefined && !(place.budget > 0)) return undefined;
  const slope = slopes(place, law.groups, law.exponents, law.reference);
  const leverage = dot(
    slope,
    law.covariance.map((row) => dot(row, slope)),
  );
  const width = tQuantile(law.degreesOfFreedom) * law.residual * Math.sqrt(1 + Math.max(0, leverage));
  return { nats: natsAt(group, place, law.exponents, law.reference), halfWidth: width };
}

/** The law's terms at a place, so that nats are their sum by the group's coefficients. */
export function featuresOf(
  { budget, domainTokens }: Place,
  { hasBudget, hasDomain }: Terms,
  exponents: Exponents,
  reference: Exponents,
): readonly number[] {
  return [
    1,
    ...(hasBudget ? [(budget / reference.budget) ** -exponents.budget] : []),
    ...(hasDomain ? [(domainTokens / reference.domain) ** -exponents.domain] : []),
  ];
}

function natsAt(group: GroupLaw, place: Place, exponents: Exponents, reference: Exponents): number {
  const { budgetFactor = 0, domainFactor = 0, floor } = group;
  const budgetTerm = budgetFactor === 0 ? 0 : (place.budget / reference.budget) ** -exponents.budget;
  const domainTerm = (place.domainTokens / reference.domain) ** -exponents.domain;
  return floor + budgetFactor * budgetTerm + domainFactor * domainTerm;
}

/** The derivative of a prediction in every parameter: each group's coefficients, then the two exponents. */
export function slopes(
  place: Place,
  groups: readonly GroupLaw[],
  exponents: Exponents,
  reference: Exponents,
): readonly number[] {
  const own = groups.find(({ group }) => group === place.group);
  const byGroup = groups.flatMap((group) => {
    const shape = { hasBudget: isFree(group.budgetFactor), hasDomain: isFree(group.domainFactor) };
    const features = featuresOf(place, shape, exponents, reference);
    return group === own ? features : features.map(() => 0);
  });
  const budget = place.budget / reference.budget;
  const domain = place.domainTokens / reference.domain;
  return [
    ...byGroup,
    isFree(own?.budgetFactor) ? -own.budgetFactor * Math.log(budget) * budget ** -exponents.budget : 0,
    isFree(own?.domainFactor) ? -own.domainFactor * Math.log(domain) * domain ** -exponents.domain : 0,
  ];
}

/** A coefficient that the fit could move; one held at zero has no say in the width of an interval. */
function isFree(factor: number | undefined): factor is number {
  return factor !== undefined && factor > 0;
}

/** The 95 % quantile of Student's t, so that 90 % lie within: exact for 1 and 2, else by Cornish and Fisher. */
function tQuantile(degreesOfFreedom: number): number {
  if (degreesOfFreedom === 1) return 6.314;
  if (degreesOfFreedom === 2) return 2.92;
  const z = 1.6449;
  const v = degreesOfFreedom;
  return z + (z ** 3 + z) / (4 * v) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * v * v);
}
