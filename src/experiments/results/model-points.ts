/**
 * Measured models by point: those that differ in nothing but the seed together, and the points in the order in which the
 * answer ranks them. Pure.
 */

import { sizeOf } from '../../budget/in-domain-size.ts';
import type { MeasuredPoint } from '../../budget/measured-point.ts';
import type { Measurement } from '../../budget/measurement.ts';
import { geometricMean } from '../../common/means.ts';
import { type Answer, notSetApart } from './answer.ts';
import type { Standing } from './answer-facts.ts';
import type { MeasuredModel } from './experiment-models.ts';

/** What the answer says of a method: the one to use, or one that no measurement sets apart from the lowest. */
export function standingOf(method: string, answer: Answer | undefined): 'chosen' | 'tie' | undefined {
  if (answer?.choice === undefined) return undefined;
  if (answer.choice.chosen.method.id === method) return 'chosen';
  return notSetApart(answer.choice).some((one) => one.method.id === method) ? 'tie' : undefined;
}

/** Places of points, lowest first: the answer's order of methods, and of a method the point that it rests on. */
function rankOf(answer: Answer | undefined): (models: readonly MeasuredModel[]) => readonly number[] {
  const order = answer?.choice === undefined ? [] : inOrder(answer.choice);
  const standing = new Map(answer?.standings.map(({ point }) => [point.method, pointKey(point, true)]));
  return (models) => {
    const [{ measurement, isCurrent }] = models;
    const place = order.findIndex(({ method }) => method.id === measurement.method);
    const isStanding = standing.get(measurement.method) === pointKey(measurement, isCurrent);
    return [place < 0 ? order.length : place, isStanding ? 0 : 1, isCurrent ? 0 : 1, meanValidation(models)];
  };
}

function inOrder(choice: NonNullable<Answer['choice']>): readonly Standing[] {
  const rest = choice.others.map(({ contender }) => contender);
  return [...new Set([choice.chosen, ...notSetApart(choice), ...rest])];
}

/** Measurements that differ in nothing but the seed, in the order of their rank; a model that several runs measured once. */
export function byPoint(
  measured: readonly MeasuredModel[],
  answer: Answer | undefined,
): readonly (readonly MeasuredModel[])[] {
  const points = new Map<string, Map<number, MeasuredModel>>();
  for (const one of measured) {
    const key = pointKey(one.measurement, one.isCurrent);
    const seeds = points.get(key) ?? new Map<number, MeasuredModel>();
    points.set(key, seeds.set(one.measurement.seed, one));
  }
  const groups = [...points.values()].map((seeds) =>
    [...seeds.values()].sort((a, b) => a.measurement.seed - b.measurement.seed),
  );
  const rank = rankOf(answer);
  const ranked = groups.map((models) => ({ models, rank: rank(models) }));
  return ranked.sort((a, b) => compareRanks(a.rank, b.rank)).map(({ models }) => models);
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at < 0 ? 0 : a[at] - b[at];
}

/** What tells points apart; of a cell of the answer, or of a measurement. */
type PointFacts = Pick<
  MeasuredPoint,
  'method' | 'pretrainingTokens' | 'domainTokens' | 'requestedDomainTokens'
> &
  Pick<Measurement, 'phase'>;

/** The sets that two seeds draw differ in length; what was asked for tells that they are one size. */
export function pointKey(point: PointFacts, isCurrent: boolean): string {
  const { method, phase, pretrainingTokens } = point;
  return JSON.stringify([method, phase, pretrainingTokens, sizeOf(point), isCurrent]);
}

/** Geometric, as everywhere: `exp` of the mean of the log perplexities. */
export function meanOf(models: readonly MeasuredModel[], of: (one: Measurement) => number): number {
  return geometricMean(models.map(({ measurement }) => of(measurement)));
}

export const meanValidation = (models: readonly MeasuredModel[]): number =>
  meanOf(models, ({ validationPerplexity }) => validationPerplexity);
