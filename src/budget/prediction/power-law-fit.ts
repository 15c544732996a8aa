/**
 * Fitting the saturating power law. For given exponents the rest is linear least squares, so the search is over the
 * exponents alone: a fixed grid, then steps that halve. Outliers are weighed down as Huber does.
 */
import { geometricMean } from '../../common/means.ts';
import { dot, nonNegativeLeastSquares, type Row } from './least-squares.ts';
import {
  type Exponents,
  type GroupLaw,
  type GroupShape,
  type Pair,
  type PowerLaw,
  type Refusal,
  type Sample,
  TYPICAL_INTERPLAY,
  termsAt,
} from './power-law.ts';

const GRID: readonly number[] = [0.05, 0.1, 0.18, 0.3, 0.5, 0.8, 1.2, 2];
const SMALLEST_EXPONENT = 0.02;
const LARGEST_EXPONENT = 4;
/** Steps in the logarithm of an exponent. */
const FIRST_STEP = 0.25;
const LAST_STEP = 2e-4;
const REWEIGHTINGS = 4;
/** Residuals of more than this many (robust) standard deviations lose weight. */
const HUBER_LIMIT = 2.5;

/**
 * Fits the law to points that differ in method, budget or size; refuses when they are too few to judge it. From `start`
 * the exponents are searched nearby, and gamma is kept where no point tells it.
 */
export function fitPowerLaw(samples: readonly Sample[], start?: Exponents): PowerLaw | Refusal {
  if (samples.length === 0) return { kind: 'refused', reason: 'no point is measured' };
  const budgets = samples.map(({ budget }) => budget).filter((budget) => budget > 0);
  const reference = {
    budget: budgets.length === 0 ? 1 : geometricMean(budgets),
    domain: geometricMean(samples.map(({ domainTokens }) => domainTokens)),
  };
  const shapes = groupShapes(samples);
  const varies = {
    budget: shapes.some(({ hasBudget }) => hasBudget),
    domain: shapes.some(({ hasDomain }) => hasDomain),
    interplay: shapes.some(({ members }) => tellsInterplay(members.map((index) => samples[index]))),
  };
  const parameters =
    shapes.reduce((sum, shape) => sum + termsOf(shape), 0) +
    Number(varies.budget) +
    Number(varies.domain) +
    Number(varies.interplay);
  const degreesOfFreedom = samples.length - parameters;
  if (!(varies.budget || varies.domain) || degreesOfFreedom < 1) {
    const needed = Math.max(parameters + 1, samples.length + 1);
    return {
      kind: 'refused',
      reason: `${samples.length} measured ${samples.length === 1 ? 'point is' : 'points are'} too few for a curve; ${needed} or more are needed, at different budgets or sizes`,
    };
  }
  let weights: readonly number[] = samples.map(() => 1);
  let exponents = start ?? searchGrid((at) => lossAt(at, weights), varies);
  let solution = solveAt(exponents, weights);
  for (let round = 0; round < REWEIGHTINGS; round++) {
    exponents = descend((at) => lossAt(at, weights), exponents, varies);
    solution = solveAt(exponents, weights);
    const next = huberWeights(solution.residuals, degreesOfFreedom);
    const settled = next.every((weight, index) => Math.abs(weight - weights[index]) < 1e-3);
    weights = next;
    if (settled) break;
  }
  return {
    kind: 'fitted',
    exponents,
    knows: {
      budget: shapes.some(({ budgets }) => budgets.length > 2) && isWithinBounds(exponents.budget),
      domain: shapes.some(({ domainTokens: sizes }) => sizes.length > 2) && isWithinBounds(exponents.domain),
      interplay: varies.interplay,
    },
    shared: Number(varies.budget) + Number(varies.domain) + Number(varies.interplay),
    reference,
    groups: solution.groups,
    samples,
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
      const coefficients = nonNegativeLeastSquares(rows, termsOf(shape));
      rows.forEach((row, i) => {
        const residual = row.value - dot(row.features, coefficients);
        residuals[shape.members[i]] = residual;
        loss += row.weight * residual * residual;
      });
      return groupLaw(shape, coefficients);
    });
    return { groups, residuals, loss };
  }
}

interface MeasuredGroup extends GroupShape {
  readonly group: string;
  readonly members: readonly number[];
}

interface Solution {
  readonly groups: readonly GroupLaw[];
  readonly residuals: readonly number[];
  readonly loss: number;
}

/** The law with a group's own coefficients fitted to these points alone, and everything that groups share kept. */
export function refitGroup(law: PowerLaw, own: readonly Sample[]): PowerLaw {
  const [shape] = groupShapes(own);
  const rows = own.map(
    (sample): Row => ({
      features: featuresOf(sample, shape, law.exponents, law.reference),
      value: sample.nats,
      weight: 1,
    }),
  );
  const group = groupLaw(shape, nonNegativeLeastSquares(rows, termsOf(shape)));
  return { ...law, groups: law.groups.map((one) => (one.group === group.group ? group : one)) };
}

const termsOf = ({ hasBudget, hasDomain }: GroupShape): number => 1 + Number(hasBudget) + Number(hasDomain);

function groupLaw(shape: MeasuredGroup, coefficients: readonly number[]): GroupLaw {
  return {
    group: shape.group,
    floor: coefficients[0],
    budgetFactor: shape.hasBudget ? coefficients[1] : undefined,
    domainFactor: shape.hasDomain ? coefficients[shape.hasBudget ? 2 : 1] : undefined,
    budgets: shape.budgets,
    domainTokens: shape.domainTokens,
  };
}

/** Which terms each group has: a term needs two values to be told from the floor. */
function groupShapes(samples: readonly Sample[]): readonly MeasuredGroup[] {
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

/** Whether points tell how pretraining and in-domain text play together: two budgets at the same two sizes do. */
function tellsInterplay(own: readonly Sample[]): boolean {
  const sizesOf = (budget: number): readonly number[] =>
    own.filter((one) => one.budget === budget).map(({ domainTokens }) => domainTokens);
  const budgets = [...new Set(own.map(({ budget }) => budget))].filter((budget) => budget > 0);
  return budgets.some((a) =>
    budgets.some((b) => b > a && sizesOf(a).filter((size) => sizesOf(b).includes(size)).length > 1),
  );
}

function featuresOf(
  sample: Sample,
  shape: GroupShape,
  exponents: Exponents,
  reference: Pair,
): readonly number[] {
  const { budget, domain } = termsAt(sample, shape, exponents, reference);
  return [1, ...(shape.hasBudget ? [budget] : []), ...(shape.hasDomain ? [domain] : [])];
}

function huberWeights(residuals: readonly number[], degreesOfFreedom: number): readonly number[] {
  const sizes = residuals.map(Math.abs).sort((a, b) => a - b);
  const inflation = Math.sqrt(residuals.length / degreesOfFreedom);
  const deviation = 1.4826 * sizes[Math.floor(sizes.length / 2)] * inflation;
  const limit = HUBER_LIMIT * Math.max(deviation, 1e-9);
  return residuals.map((residual) => Math.min(1, limit / Math.max(Math.abs(residual), 1e-12)));
}

function searchGrid(loss: Loss, varies: Varies): Exponents {
  let best: Exponents = { budget: 1, domain: 1, interplay: TYPICAL_INTERPLAY };
  let lowest = Number.POSITIVE_INFINITY;
  for (const budget of varies.budget ? GRID : [1]) {
    for (const domain of varies.domain ? GRID : [1]) {
      for (const interplay of varies.interplay ? GRID : [TYPICAL_INTERPLAY]) {
        const at = { budget, domain, interplay };
        const found = loss(at);
        if (found < lowest) [best, lowest] = [at, found];
      }
    }
  }
  return best;
}

type Loss = (at: Exponents) => number;
type Varies = Readonly<Record<keyof Exponents, boolean>>;

/** Steps to the best neighbour on a log scale; where there is none, the step is halved. */
function descend(loss: Loss, start: Exponents, varies: Varies): Exponents {
  let best = start;
  let lowest = loss(start);
  for (let step = FIRST_STEP; step > LAST_STEP; ) {
    const from = best;
    for (const key of ['budget', 'domain', 'interplay'] as const) {
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

const isWithinBounds = (exponent: number): boolean =>
  exponent > SMALLEST_EXPONENT && exponent < LARGEST_EXPONENT;

function moved(exponent: number, step: number): number {
  return Math.min(LARGEST_EXPONENT, Math.max(SMALLEST_EXPONENT, exponent * Math.exp(step)));
}
