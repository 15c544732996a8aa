/**
 * `npm run bench:projected`: what a training step of the projected network costs over one of the plain small model
 * (the paper: 1.64 times, table 2). Both are compiled as they are trained; their steps alternate, so that a busy
 * machine slows both alike.
 */
import { availableParallelism } from 'node:os';
import type { ModelSize } from '../../src/common/model-size.ts';
import { Random } from '../../src/common/random.ts';
import type { Engine, HostTensor } from '../../src/engines/engine.ts';
import { OnnxRuntimeEngine } from '../../src/engines/onnxruntime/engine.ts';
import { batchRows } from '../../src/methods/stages/training.ts';
import {
  denseParameterization,
  initialWeights,
  type Parameterization,
} from '../../src/models/parameterization.ts';
import {
  initialProjectedWeights,
  projectedParameterization,
  projectedTrainingFlopsPerToken,
} from '../../src/models/projected.ts';
import { trainingFlopsPerToken } from '../../src/models/size.ts';
import { zeroMoments } from '../../src/training/optimizers/optimizer.ts';
import { optimizers, PRETRAINING, type Recipe } from '../../src/training/recipe.ts';
import { trainingStep } from '../../src/training/step.ts';
import { median } from '../statistics.ts';

const BATCH_TOKENS = 2048;
const WARM_UP_STEPS = 3;
const STEPS = 15;

const WIDTHS = [64, 96];
const SHAPES = [
  { experts: 8, slabs: 4, expertWidth: 4, groups: 4 },
  { experts: 8, slabs: 8, expertWidth: 8, groups: 8 },
  { experts: 8, slabs: 8, expertWidth: 8, groups: 16 },
  { experts: 16, slabs: 8, expertWidth: 8, groups: 16 },
];
const CLUSTERS = 8;

type Step = () => Promise<number>;

interface Training {
  readonly weights: Parameterization;
  readonly initial: Record<string, HostTensor>;
  readonly groups: number;
  readonly recipe: Recipe;
}

/** Compiles a training and returns its step, which gives the seconds that it took. */
async function training(
  engine: Engine,
  size: ModelSize,
  { weights, initial, groups, recipe }: Training,
): Promise<Step> {
  const { rows, microBatches } = batchRows(BATCH_TOKENS, size);
  const batch = { rows, length: size.context };
  const optimizerFor = optimizers(recipe);
  const program = trainingStep({ size, weights, batch, microBatches, clipNorm: 1, optimizerFor });
  const executable = await engine.compile(program);
  const onEngine = engine.createState({ ...initial, ...zeroMoments(weights.trainable, optimizerFor) });
  const random = Random.fromSeed(1, 'bench');
  const draw = (length: number, limit: number) => Int32Array.from({ length }, () => random.below(limit));
  const one = Float32Array.of(1);
  const names = new Set(executable.batchInputs.map(({ name }) => name));
  return async () => {
    const inputs = {
      ids: draw(rows * size.context, size.vocabulary),
      targets: draw(rows * size.context, size.vocabulary),
      ...(names.has('clusters') && { clusters: draw(groups, CLUSTERS) }),
    };
    const began = performance.now();
    await executable.step(onEngine, { ...inputs, rate: one, correction1: one, correction2: one });
    return (performance.now() - began) / 1000;
  };
}

async function alternate(steps: readonly Step[]): Promise<number[]> {
  const took = steps.map((): number[] => []);
  for (let i = 0; i < WARM_UP_STEPS + STEPS; i++) {
    for (const [at, step] of steps.entries()) {
      const seconds = await step();
      if (i >= WARM_UP_STEPS) took[at].push(seconds);
    }
  }
  return took.map((seconds) => 1000 * median(seconds));
}

const engine = new OnnxRuntimeEngine({ threads: availableParallelism() });
console.log(`| width | k | h | m | groups | plain ms | projected ms | times | FLOPs times |`);
console.log('|---:|---:|---:|---:|---:|---:|---:|---:|---:|');
for (const width of WIDTHS) {
  const size = { layers: 3, width, heads: width / 32, feedForward: 256, context: 128, vocabulary: 2048 };
  for (const { groups, ...shape } of SHAPES) {
    const [plain, projected] = await alternate([
      await training(engine, size, {
        weights: denseParameterization(size),
        initial: initialWeights(size, 1),
        groups,
        recipe: PRETRAINING,
      }),
      await training(engine, size, {
        weights: projectedParameterization(size, shape, groups),
        initial: initialProjectedWeights(size, shape, 1),
        groups,
        recipe: PRETRAINING,
      }),
    ]);
    const work =
      projectedTrainingFlopsPerToken(size, shape, { groups, tokens: BATCH_TOKENS }) /
      trainingFlopsPerToken(size);
    const cells = [width, shape.experts, shape.slabs, shape.expertWidth, groups];
    const figures = [plain.toFixed(1), projected.toFixed(1), (projected / plain).toFixed(2), work.toFixed(2)];
    console.log(`| ${[...cells, ...figures].join(' | ')} |`);
  }
}
await engine.dispose();
