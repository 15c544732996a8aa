/**
 * Saturating power laws: what a method would reach at a point of its budgets that was not measured,
 *
 *     L = L_inf + A * C_0^-alpha + A * (C^-alpha - C_0^-alpha) * w(D) / w(D_0) + B * D^-beta
 *     w(D) = 1 / (1 + (gamma * D / D_1)^2)
 *
 * with L the log perplexity in nats, C the pretraining tokens and D the in-domain tokens. L_inf, A and B are the
 * method's own and not negative; the exponents are shared by the methods of one fit, because an experiment has three
 * or so budgets for each and a method alone would leave nothing to judge the fit by. The paper gives no such law; its
 * form is the usual one of scaling laws but for w, the worth of pretraining, which fades once in-domain text is plenty
 * (docs/decisions/power-law.md). C_0 is the method's largest budget, D_0 and D_1 are its smallest and largest size. On
 * the axes at C_0 and D_0 gamma has no say, so it is fitted only where two budgets were measured at the same two sizes.
 */

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

/** A budget and a size. */
export interface Pair {
  readonly budget: number;
  readonly domain: number;
}

/** alpha, beta and gamma. */
export interface Exponents extends Pair {
  readonly interplay: number;
}

/** gamma where no point tells, and the ends of what was seen: worths at the largest size of 0.70, 0.98 and 0.14. */
export const TYPICAL_INTERPLAY = 0.66;
export const EXTREME_INTERPLAY: readonly number[] = [0.15, 2.5];

/** How abruptly pretraining loses its worth: between 1 and 2 in what was seen. */
const FADING = 2;

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
  readonly exponents: Exponents;
  /**
   * Which exponents the points tell. alpha and beta take three budgets and three sizes of one method, and a value within
   * the bounds of the search: with two any exponent goes through both.
   */
  readonly knows: Readonly<Record<keyof Exponents, boolean>>;
  /** How many exponents were fitted. */
  readonly shared: number;
  /** The geometric means of C and D, where A and B are given. */
  readonly reference: Pair;
  readonly groups: readonly GroupLaw[];
  readonly samples: readonly Sample[];
}

export interface Refusal {
  readonly kind: 'refused';
  readonly reason: string;
}

/** What a group was measured at, and which terms it has besides its floor. */
export interface GroupShape {
  readonly budgets: readonly number[];
  readonly domainTokens: readonly number[];
  readonly hasBudget: boolean;
  readonly hasDomain: boolean;
}

/** Nats at a place; `undefined` for a method, budget or size that nothing measured tells about. */
export function natsAt(law: PowerLaw, place: Place): number | undefined {
  const group = law.groups.find((one) => one.group === place.group);
  if (group === undefined || !(place.domainTokens > 0)) return undefined;
  if (group.budgetFactor === undefined && !group.budgets.includes(place.budget)) return undefined;
  if (group.domainFactor === undefined && !group.domainTokens.includes(place.domainTokens)) return undefined;
  if (group.budgetFactor !== undefined && !(place.budget > 0)) return undefined;
  const { budget, domain } = termsAt(place, group, law.exponents, law.reference);
  return group.floor + (group.budgetFactor ?? 0) * budget + (group.domainFactor ?? 0) * domain;
}

/** The law's terms at a place, so that nats are the floor and each times the group's factor. */
export function termsAt(
  { budget, domainTokens }: Omit<Place, 'group'>,
  { budgets, domainTokens: sizes }: Pick<GroupShape, 'budgets' | 'domainTokens'>,
  exponents: Exponents,
  reference: Pair,
): Pair {
  const power = (tokens: number): number => (tokens / reference.budget) ** -exponents.budget;
  const most = power(Math.max(...budgets));
  const fading = (tokens: number): number =>
    1 + ((exponents.interplay * tokens) / Math.max(...sizes)) ** FADING;
  const worth = fading(Math.min(...sizes)) / fading(domainTokens);
  return {
    budget: budget > 0 ? most + (power(budget) - most) * worth : 0,
    domain: (domainTokens / reference.domain) ** -exponents.domain,
  };
}
