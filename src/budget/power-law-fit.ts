/**
 * Fitting the saturating power law. For given exponents the rest is linear least squares, so the search is over the
 * exponents alone: a fixed grid, then steps that halve. Outliers are weighed down as Huber does.
 */
import { dot, invertSymmetric, nonNegativeLeastSquares, type Row } from './least-squares.ts';
import {
  type Exponents,
  featuresOf,
  type GroupLaw,
  type PowerLaw,
  predict,
  type Refusal,
  type Sample,
  slopes,
  type Terms,
} from './power-law.ts';

const GRID: readonly number[] = [0.05, 0.1, 0.18, 0.3, 0.5, 0.8, 1.2, 2];
const SMALLEST_EXPONENT = 0.02;
const LARGEST_EXPONENT = 4;
/** Steps in the logarithm of an exponent. */
interface Steps {
  readonly first: number;
  readonly last: number;
}
const SEARCH: Steps = { first: 0.25, last: 2e-4 };
/** Leaving one point out moves the exponents little. */
const ADJUSTMENT: Steps = { first: 0.1, last: 5e-3 };
const REWEIGHTINGS = 4;
/** Residuals of more than this many (robust) standard deviations lose weight. */
const HUBER_LIMIT = 2.5;

/**
 * Fits the law to points that differ in method, budget or size; refuses when they are too few to judge it.
 * From `start` the exponents are only adjusted.
 */
export function fitPowerLaw(samples: readonly Sample[], start?: Exponents): PowerLaw | Refusal {
  if (samples.length === 0) return { kind: 'refused', reason: 'no point is measured' };
  const reference = {
    budget: geometricMean(samples.map(({ budget }) => budget).filter((budget) => budget > 0)),
    domain: geometricMean(samples.map(({ domainTokens }) => domainTokens)),
  };
  const shapes = groupShapes(samples);
  const varies = {
    budget: shapes.some(({ hasBudget }) => hasBudget),
    domain: shapes.some(({ hasDomain }) => hasDomain),
  };
  const parameters =
    shapes.reduce((sum, { hasBudget, hasDomain }) => sum + 1 + Number(hasBudget) + Number(hasDomain), 0) +
    Number(varies.budget) +
    Number(varies.domain);
  const degreesOfFreedom = samples.length - parameters;
  if (!(varies.budget || varies.domain) || degreesOfFreedom < 1) {
    const needed = Math.max(parameters + 1, samples.length + 1);
    return {
      kind: 'refused',
      reason: `${samples.length} measured points are too few for a curve; ${needed} or more are needed, at different budgets or sizes`,
    };
  }
  let weights: readonly number[] = samples.map(() => 1);
  let exponents = start ?? searchGrid((at) => lossAt(at, weights), varies);
  let solution = solveAt(exponents, weights);
  for (let round = 0; round < REWEIGHTINGS; round++) {
    exponents = descend(
      (at) => lossAt(at, weights),
      exponents,
      varies,
      start === undefined ? SEARCH : ADJUSTMENT,
    );
    solution = solveAt(exponents, weights);
    const next = huberWeights(solution.residuals, degreesOfFreedom);
    const settled = next.every((weight, index) => Math.abs(weight - weights[index]) < 1e-3);
    weights = next;
    if (settled) break;
  }
  return {
    kind: 'fitted',
    exponents,
    reference,
    groups: solution.groups,
    samples,
    degreesOfFreedom,
    residual: Math.sqrt(solution.loss / degreesOfFreedom),
    covariance: covarianceOf(samples, solution.groups, exponents, reference, weights),
  };

  function lossAt(at: Exponents, weighed: readonly number[]): number {
    return solveAt(at, weighed).loss;
  }

  function solveAt(at: Exponents, weighed: readonly number[]): Solution {
    const residuals = new Array<number>(samples.length).fill(0);
    let loss = 0;
    const groups = shapes.map((shape): GroupLaw => {
      const rows = shape.members.map(
        (index): Row => ({
          features: featuresOf(samples[index], shape, at, reference),
          value: samples[index].nats,
          weight: weighed[index],
        }),
      );
      const coefficients = nonNegativeLeastSquares(
        rows,
        1 + Number(shape.hasBudget) + Number(shape.hasDomain),
      );
      rows.forEach((row, i) => {
        const residual = row.value - dot(row.features, coefficients);
        residuals[shape.members[i]] = residual;
        loss += row.weight * residual * residual;
      });
      return {
        group: shape.group,
        floor: coefficients[0],
        budgetFactor: shape.hasBudget ? coefficients[1] : undefined,
        domainFactor: shape.hasDomain ? coefficients[shape.hasBudget ? 2 : 1] : undefined,
        budgets: shape.budgets,
        domainTokens: shape.domainTokens,
      };
    });
    return { groups, residuals, loss };
  }
}

/** How well the law foretells points that it was not fitted to, each left out in turn. */
export interface LeaveOneOut {
  /** Points that the others allow a prediction of. */
  readonly points: number;
  /** Root mean square of the relative error in perplexity, and the largest. */
  readonly relativeError: number;
  readonly largestRelativeError: number;
  /** How many lay inside their interval. */
  readonly inside: number;
}

/** `undefined` when the other points never allow a prediction of the one left out. */
export function leaveOneOut(law: PowerLaw): LeaveOneOut | undefined {
  const errors = law.samples.flatMap((sample) => {
    const others = law.samples.filter((other) => other !== sample);
    const fitted = fitPowerLaw(others, law.exponents);
    const foretold = fitted.kind === 'fitted' ? predict(fitted, sample) : undefined;
    if (foretold === undefined) return [];
    const nats = Math.abs(foretold.nats - sample.nats);
    return [{ relative: Math.expm1(nats), isInside: nats <= foretold.halfWidth }];
  });
  if (errors.length === 0) return undefined;
  const squares = errors.reduce((sum, { relative }) => sum + relative * relative, 0);
  return {
    points: errors.length,
    relativeError: Math.sqrt(squares / errors.length),
    largestRelativeError: Math.max(...errors.map(({ relative }) => relative)),
    inside: errors.filter(({ isInside }) => isInside).length,
  };
}

interface GroupShape extends Terms {
  readonly group: string;
  readonly members: readonly number[];
  readonly budgets: readonly number[];
  readonly domainTokens: readonly number[];
}

interface Solution {
  readonly groups: readonly GroupLaw[];
  readonly residuals: readonly number[];
  readonly loss: number;
}

/** Which terms each group has: a term needs two values to be told from the floor. */
function groupShapes(samples: readonly Sample[]): readonly GroupShape[] {
  return [...new Set(samples.map(({ group }) => group))].map((group) => {
    const members = samples.flatMap((sample, index) => (sample.group === group ? [index] : []));
    const budgets = [...new Set(members.map((index) => samples[index].budget))];
    const domainTokens = [...new Set(members.map((index) => samples[index].domainTokens))];
    return {
      group,
      members,
      hasBudget: budgets.length > 1 && budgets.every((budget) => budget > 0),
      hasDomain: domainTokens.length > 1,
      budgets,
      domainTokens,
    };
  });
}

function covarianceOf(
  samples: readonly Sample[],
  groups: readonly GroupLaw[],
  exponents: Exponents,
  reference: Exponents,
  weights: readonly number[],
): number[][] {
  const rows = samples.map((sample) => slopes(sample, groups, exponents, reference));
  const size = rows[0].length;
  const normal = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_unused, j) =>
      rows.reduce((sum, row, index) => sum + weights[index] * row[i] * row[j], 0),
    ),
  );
  return invertSymmetric(normal);
}

function huberWeights(residuals: readonly number[], degreesOfFreedom: number): readonly number[] {
  const sizes = residuals.map(Math.abs).sort((a, b) => a - b);
  const inflation = Math.sqrt(residuals.length / degreesOfFreedom);
  const deviation = 1.4826 * sizes[Math.floor(sizes.length / 2)] * inflation;
  const limit = HUBER_LIMIT * Math.max(deviation, 1e-9);
  return residuals.map((residual) => Math.min(1, limit / Math.max(Math.abs(residual), 1e-12)));
}

function searchGrid(loss: Loss, varies: Varies): Exponents {
  let best: Exponents = { budget: 1, domain: 1 };
  let lowest = Number.POSITIVE_INFINITY;
  for (const budget of varies.budget ? GRID : [1]) {
    for (const domain of varies.domain ? GRID : [1]) {
      const found = loss({ budget, domain });
      if (found < lowest) [best, lowest] = [{ budget, domain }, found];
    }
  }
  return best;
}

type Loss = (at: Exponents) => number;
type Varies = Readonly<Record<keyof Exponents, boolean>>;

/** Steps to the best neighbour on a log scale; where there is none, the step is halved. */
function descend(loss: Loss, start: Exponents, varies: Varies, { first, last }: Steps): Exponents {
  let best = start;
  let lowest = loss(start);
  for (let step = first; step > last; ) {
    const from = best;
    for (const key of ['budget', 'domain'] as const) {
      for (const direction of varies[key] ? [-1, 1] : []) {
        const at = { ...from, [key]: moved(from[key], direction * step) };
        const found = loss(at);
        if (found < lowest) [best, lowest] = [at, found];
      }
    }
    if (best === from) step /= 2;
  }
  return best;
}

function moved(exponent: number, step: number): number {
  return Math.min(LARGEST_EXPONENT, Math.max(SMALLEST_EXPONENT, exponent * Math.exp(step)));
}

function geometricMean(values: readonly number[]): number {
  if (values.length === 0) return 1;
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
