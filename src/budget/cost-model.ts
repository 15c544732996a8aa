/**
 * What a method costs at budgets that were not run: each cost as a fixed part and parts in proportion to the pretraining
 * and the in-domain tokens. Pretraining is so by construction; fine-tuning nearly, for early stopping sets its length.
 */

import type { MeasuredPoint, PointCost } from './measured-point.ts';
import { dot, nonNegativeLeastSquares } from './prediction/least-squares.ts';

export type CostModel = (pretrainingTokens: number, domainTokens: number) => PointCost;

/** What a place costs. */
export interface KnownCost {
  readonly pretrainingTokens: number;
  readonly domainTokens: number;
  readonly cost: PointCost;
}

/**
 * The model, scaled to the costs that are known with the same in-domain text: at the nearest pretraining budget it gives
 * those. Fine-tuning after little pretraining takes longer than after much, which no term of the model says.
 */
export function anchoredAt(cost: CostModel, known: readonly KnownCost[]): CostModel {
  return (pretraining, domain) => {
    const distance = (one: KnownCost): number => Math.abs(one.pretrainingTokens - pretraining);
    const [nearest] = [...known].sort((a, b) => distance(a) - distance(b));
    const modelled = cost(pretraining, domain);
    if (nearest === undefined) return modelled;
    const there = cost(nearest.pretrainingTokens, nearest.domainTokens);
    const scaled = (key: keyof PointCost): number =>
      there[key] > 0 ? (modelled[key] * nearest.cost[key]) / there[key] : nearest.cost[key];
    return {
      genericFlops: scaled('genericFlops'),
      genericSeconds: scaled('genericSeconds'),
      specializationFlops: scaled('specializationFlops'),
      specializationSeconds: scaled('specializationSeconds'),
    };
  };
}

/** From the measured points of one method, after fine-tuning. */
export function costModel(points: readonly MeasuredPoint[]): CostModel {
  const scale = {
    pretraining: Math.max(1, ...points.map(({ pretrainingTokens }) => pretrainingTokens)),
    domain: Math.max(1, ...points.map(({ domainTokens }) => domainTokens)),
  };
  const features = (pretraining: number, domain: number): readonly number[] => [
    1,
    pretraining / scale.pretraining,
    domain / scale.domain,
  ];
  const fit = (key: keyof PointCost): readonly number[] =>
    nonNegativeLeastSquares(
      points.map((point) => ({
        features: features(point.pretrainingTokens, point.domainTokens),
        value: point[key],
        weight: point[key] > 0 ? point[key] ** -2 : 1,
      })),
      3,
    );
  const fitted = {
    genericFlops: fit('genericFlops'),
    genericSeconds: fit('genericSeconds'),
    specializationFlops: fit('specializationFlops'),
    specializationSeconds: fit('specializationSeconds'),
  };
  return (pretraining, domain) => {
    const at = features(pretraining, domain);
    return {
      genericFlops: dot(fitted.genericFlops, at),
      genericSeconds: dot(fitted.genericSeconds, at),
      specializationFlops: dot(fitted.specializationFlops, at),
      specializationSeconds: dot(fitted.specializationSeconds, at),
    };
  };
}
