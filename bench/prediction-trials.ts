/**
 * Predictions put to the test as they are asked for: from parts of a measured grid, such as an experiment measures, to
 * the points that the part leaves out. Every window of three budgets and three sizes is taken as two axes that cross
 * at the largest budget and the smallest or the largest size, and whole; and each point is left out of all others.
 */
import type { Sample } from '../src/budget/prediction/power-law.ts';
import { predict, predictorOf } from '../src/budget/prediction/predictor.ts';

export interface Trial {
  readonly design: string;
  /** Steps of the grid outside of what was measured, 0 inside. */
  readonly steps: number;
  /** Predicted less measured, in nats. */
  readonly error: number;
  readonly halfWidth: number;
}

interface Design {
  readonly name: string;
  readonly measured: readonly Sample[];
}

const WINDOW = 3;

export function trialsOf(samples: readonly Sample[]): readonly Trial[] {
  return designsOf(samples).flatMap(({ name, measured }) => {
    const predictor = predictorOf(measured);
    if (predictor.kind === 'refused') return [];
    return samples
      .filter((sample) => !measured.includes(sample))
      .flatMap((sample): readonly Trial[] => {
        const found = predict(predictor, sample);
        if (found === undefined) return [];
        const { steps, halfWidth, nats } = found;
        return [{ design: name, steps, error: nats - sample.nats, halfWidth }];
      });
  });
}

function designsOf(samples: readonly Sample[]): readonly Design[] {
  const budgets = rising(samples.map(({ budget }) => budget));
  const sizes = rising(samples.map(({ domainTokens }) => domainTokens));
  const windows = windowsOf(budgets).flatMap((ofBudgets) =>
    windowsOf(sizes).map((ofSizes) => ({ ofBudgets, ofSizes })),
  );
  const parts = windows.flatMap(({ ofBudgets, ofSizes }): readonly Design[] => {
    const within = samples.filter(
      ({ budget, domainTokens }) => ofBudgets.includes(budget) && ofSizes.includes(domainTokens),
    );
    const [least, most] = [ofSizes[0], ofSizes[ofSizes.length - 1]];
    const measuredAt = (...at: readonly number[]): readonly Sample[] =>
      within.filter(({ budget, domainTokens }) => budget === ofBudgets.at(-1) || at.includes(domainTokens));
    return [
      { name: 'budgets at the smallest size', measured: measuredAt(least) },
      { name: 'budgets at the largest size', measured: measuredAt(most) },
      { name: 'budgets at both', measured: measuredAt(least, most) },
      { name: 'whole window', measured: within },
    ];
  });
  const leftOut = samples.map((sample) => ({
    name: 'all but one',
    measured: samples.filter((other) => other !== sample),
  }));
  return [...parts, ...leftOut];
}

function windowsOf(values: readonly number[]): readonly (readonly number[])[] {
  if (values.length <= WINDOW) return [values];
  return values.slice(WINDOW - 1).map((_, i) => values.slice(i, i + WINDOW));
}

function rising(values: readonly number[]): readonly number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}
