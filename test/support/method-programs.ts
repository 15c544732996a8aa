/**
 * Every program that methods train with, small, and the programs that only compute: run on two engines from the same
 * weights and batches, to see how far the two are apart.
 */
import { Random } from '../../src/common/random.ts';
import type { Engine, HostArray, HostTensor, OperationTime, Program } from '../../src/engines/engine.ts';
import { input, matmul, reduceMax, reshape, subtract } from '../../src/graph/build.ts';
import {
  denseParameterization,
  initialLowRankFactors,
  initialWeights,
  lowRankParameterization,
  normalTensor,
  type Parameterization,
} from '../../src/models/parameterization.ts';
import { initialProjectedWeights, projectedParameterization } from '../../src/models/projected.ts';
import { weightSpecifications } from '../../src/models/size.ts';
import { distillation, teacherState } from '../../src/training/distillation.ts';
import { evaluationProgram } from '../../src/training/evaluate.ts';
import { zeroMoments } from '../../src/training/optimizers/optimizer.ts';
import {
  FINE_TUNING,
  LOW_RANK_FINE_TUNING,
  optimizers,
  PRETRAINING,
  type Recipe,
} from '../../src/training/recipe.ts';
import { shares } from '../../src/training/shares.ts';
import { type Objective, trainingStep } from '../../src/training/step.ts';

const small = { layers: 1, width: 16, heads: 2, feedForward: 24, context: 8, vocabulary: 48 };
const large = { ...small, layers: 2, width: 32, feedForward: 48 };
const batch = { rows: 8, length: small.context };
const projection = { experts: 3, slabs: 3, expertWidth: 2 };
const lowRank = { rank: 4, alpha: 8 };

interface Training {
  readonly program: Program;
  readonly state: Readonly<Record<string, HostTensor>>;
}

interface Options {
  /** Those of the engine. */
  readonly devices: number;
  readonly size?: typeof small;
  readonly losses?: Objective;
  readonly microBatches?: number;
}

function training(
  weights: Parameterization,
  start: Readonly<Record<string, HostTensor>>,
  recipe: Recipe,
  { devices, size = small, losses, microBatches = 1 }: Options,
): Training {
  const optimizerFor = optimizers(recipe);
  return {
    program: trainingStep({
      size,
      weights,
      losses,
      batch,
      ...shares({ rows: batch.rows, microBatches, groups: weights.groups }, devices),
      clipNorm: recipe.clipNorm,
      optimizerFor,
    }),
    state: { ...start, ...zeroMoments(weights.trainable, optimizerFor) },
  };
}

const dense = initialWeights(small, 1);
const trainings = (devices = 1): Readonly<Record<string, Training>> => ({
  'dense small, from scratch': training(denseParameterization(small), dense, PRETRAINING, {
    devices,
    microBatches: 2,
  }),
  'dense large, fine-tuned': training(denseParameterization(large), initialWeights(large, 2), FINE_TUNING, {
    devices,
    size: large,
  }),
  projected: training(
    projectedParameterization(small, projection, 4),
    initialProjectedWeights(small, projection, 3),
    PRETRAINING,
    { devices, microBatches: 2 },
  ),
  distilled: training(
    denseParameterization(small),
    { ...dense, ...teacherState(initialWeights(large, 4)) },
    FINE_TUNING,
    { devices, losses: distillation(small, large, { weight: 0.5, temperature: 2 }) },
  ),
  'low-rank': training(
    lowRankParameterization(small, lowRank),
    { ...dense, ...initialLowRankFactors(small, lowRank.rank, 5) },
    LOW_RANK_FINE_TUNING,
    { devices },
  ),
});

const merged = lowRankParameterization(small, lowRank);
const computations: Readonly<Record<string, Training>> = {
  evaluation: { program: evaluationProgram(small, denseParameterization(small), batch), state: dense },
  'merged weights': {
    program: {
      name: 'merge weights',
      updates: Object.fromEntries(weightSpecifications(small).map(({ name }) => [name, merged.weight(name)])),
      metrics: {},
    },
    state: { ...dense, ...initialLowRankFactors(small, lowRank.rank, 5) },
  },
  'distances to centroids': {
    program: distances(),
    state: {
      vectors: normalTensor([20, 6], 1, Random.fromSeed(6, 'vectors')),
      centroids: normalTensor([32, 6], 1, Random.fromSeed(7, 'centroids')),
      // As the one centroid that fills up a block has it.
      norms: { shape: [32], data: new Float32Array(32).fill(1).fill(Number.POSITIVE_INFINITY, 31) },
    },
  },
};

/** The graph of src/selection/clustering/distances.ts, small. */
function distances(): Program {
  const [vectors, centroids] = [input('vectors', [20, 6], 'state'), input('centroids', [32, 6], 'state')];
  const products = matmul(vectors, centroids, { transposeB: true, scale: 2 });
  const nearness = subtract(products, input('norms', [32], 'state'));
  const largest = reduceMax(reshape(nearness, [20, 2, 16]), [2]);
  return { name: 'distances', updates: {}, metrics: { largest } };
}

interface Trace {
  readonly metrics: readonly Readonly<Record<string, Float32Array>>[];
  readonly state: Readonly<Record<string, HostTensor>>;
  readonly times: readonly OperationTime[];
}

async function trace(
  engine: Engine,
  { program, state: start }: Training,
  steps: number,
  { profile = true, first = 1 }: { readonly profile?: boolean; readonly first?: number } = {},
): Promise<Trace> {
  const executable = await engine.compile(program, { profile });
  const state = engine.createState(start);
  const random = Random.fromSeed(9, 'batches');
  const metrics: Record<string, Float32Array>[] = [];
  for (let step = 1; step <= steps; step++) {
    const tokens = Int32Array.from({ length: batch.rows * batch.length + 1 }, () =>
      random.below(small.vocabulary),
    );
    if (step < first) continue;
    const scalars: Record<string, number> = {
      rate: 1 - step / 20,
      correction1: 1 - 0.9 ** step,
      correction2: 1 - 0.95 ** step,
    };
    const feeds = executable.batchInputs.map(({ name }): [string, HostArray] => {
      if (name === 'ids') return [name, tokens.slice(0, -1)];
      if (name === 'targets') return [name, tokens.slice(1)];
      return [name, name === 'clusters' ? Int32Array.of(2, 0, 1, 2) : Float32Array.of(scalars[name])];
    });
    const result = await executable.step(state, Object.fromEntries(feeds));
    metrics.push(Object.fromEntries(Object.entries(result).map(([name, value]) => [name, value.slice()])));
  }
  const values = await state.read();
  state.dispose();
  return { metrics, state: values, times: await executable.dispose() };
}

/** |a - b| / |b| of vectors. */
function relativeError(actual: Float32Array, expected: Float32Array): number {
  let [difference, norm] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    // Infinity stands where a place is to be passed over; it has no difference from itself.
    if (actual[i] === expected[i] && !Number.isFinite(expected[i])) continue;
    difference += (actual[i] - expected[i]) ** 2;
    norm += expected[i] ** 2;
  }
  return norm === 0 ? Math.sqrt(difference) : Math.sqrt(difference / norm);
}

export interface Comparison {
  /** The largest relative error of a state tensor after the steps, and of a metric in any step. */
  readonly stateError: number;
  readonly worstTensor: string;
  readonly metricsError: number;
  readonly firstLoss: number | undefined;
  readonly lastLoss: number | undefined;
  /** Where the first engine's kernels ran. */
  readonly times: readonly OperationTime[];
}

export const trainingNames: readonly string[] = Object.keys(trainings());
export const programNames: readonly string[] = [...trainingNames, ...Object.keys(computations)];

/** A training as it is, which may overwrite its state, and the same with two sets of it. */
export async function withAndWithoutOverwriting(
  name: string,
  engine: Engine,
  steps: number,
): Promise<[Trace, Trace]> {
  const { program, state } = trainings()[name];
  const twoSets = { ...program, overwrites: false };
  return [
    await trace(engine, { program, state }, steps),
    await trace(engine, { program: twoSets, state }, steps),
  ];
}

/** The largest relative error of the state of a training that one engine began and another went on with. */
export async function errorWhenContinued(
  name: string,
  engines: { readonly begins: Engine; readonly goesOn: Engine; readonly reference: Engine },
  steps: number,
): Promise<number> {
  const middle = Math.floor(steps / 2);
  const trainingOf = ({ devices }: Engine): Training => trainings(devices)[name];
  const begun = await trace(engines.begins, trainingOf(engines.begins), middle);
  const onward = { ...trainingOf(engines.goesOn), state: begun.state };
  const actual = await trace(engines.goesOn, onward, steps, { first: middle + 1 });
  const expected = await trace(engines.reference, trainingOf(engines.reference), steps);
  return Math.max(...stateErrors(actual, expected).map(({ error }) => error));
}

function stateErrors(actual: Trace, expected: Trace): { key: string; error: number }[] {
  return Object.keys(expected.state).map((key) => ({
    key,
    error: relativeError(actual.state[key].data, expected.state[key].data),
  }));
}

/** Runs a program on both engines: some steps of a training, one of a computation; `profile` times its kernels. */
export async function compareEngines(
  name: string,
  engine: Engine,
  reference: Engine,
  trainingSteps: number,
  profile = true,
): Promise<Comparison> {
  const programFor = ({ devices }: Engine): Training => trainings(devices)[name] ?? computations[name];
  const steps = trainingNames.includes(name) ? trainingSteps : 1;
  const actual = await trace(engine, programFor(engine), steps, { profile });
  const expected = await trace(reference, programFor(reference), steps, { profile });
  const states = stateErrors(actual, expected);
  const metrics = expected.metrics.flatMap((step, i) =>
    Object.keys(step).map((key) => relativeError(actual.metrics[i][key], step[key])),
  );
  const worst = states.reduce((a, b) => (b.error > a.error || Number.isNaN(b.error) ? b : a));
  return {
    stateError: worst.error,
    worstTensor: worst.key,
    metricsError: Math.max(0, ...metrics),
    firstLoss: expected.metrics[0].loss?.[0],
    lastLoss: expected.metrics.at(-1)?.loss?.[0],
    times: actual.times,
  };
}
