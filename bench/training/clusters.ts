/**
 * `npm run bench:clusters -- --generic <path> --work <folder> [--tokens <n>]`: what clusters can give at a model's size.
 * Networks are pretrained on generic text with equal tokens; then each held-out window is scored by the model of its own
 * cluster: the plain small model, the experts of the mixture, and the projected network in variants. The numbers behind
 * docs/decisions/projected-network.md. What is measured lies in the work folder; given again, the rest is.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readTextIfThere, writeFileAtomic } from '../../src/common/files.ts';
import { EvaluationBatches } from '../../src/corpus/windows/evaluation-batches.ts';
import { SubsetWindows } from '../../src/corpus/windows/window-lists.ts';
import type { HostTensor } from '../../src/engines/engine.ts';
import { OnnxRuntimeEngine } from '../../src/engines/onnxruntime/engine.ts';
import { DECAY_SHARE, WARMUP_SHARE } from '../../src/methods/stages/pretrain.ts';
import { denseParameterization, initialWeights } from '../../src/models/parameterization.ts';
import {
  expertVector,
  initialProjectedWeights,
  type ProjectionShape,
  projectedParameterization,
  projectWeights,
} from '../../src/models/projected.ts';
import { Evaluator } from '../../src/training/evaluate.ts';
import { groupStream } from '../../src/training/group-stream.ts';
import { PRETRAINING } from '../../src/training/recipe.ts';
import { windowStream } from '../../src/training/stream.ts';
import { train } from '../../src/training/trainer.ts';
import { type ClusteredText, type ClusterText, clusteredText } from './cluster-data.ts';

/** Near the paper's proportions: 445 tokens a parameter at 25.2M tokens. */
const SIZE = { layers: 3, width: 32, heads: 2, feedForward: 96, context: 128, vocabulary: 512 };
const BATCH_TOKENS = 2048;
const ROWS = BATCH_TOKENS / SIZE.context;
const EVALUATION_ROWS = 16;
const SEED = 1;

interface NetworkVariant {
  readonly name: string;
  readonly shape: ProjectionShape;
  readonly groups: number;
  readonly commonShare?: number;
  readonly coefficientShare?: number;
  readonly matrixRate?: number;
}

const SHAPE: ProjectionShape = { experts: 16, slabs: 8, expertWidth: 8 };
const base = { shape: SHAPE, groups: 16 };
const networks: readonly NetworkVariant[] = [
  { name: 'network: h = m = 8', ...base },
  { name: 'network: a coefficient rate of a hundredth', ...base, coefficientShare: 0.01 },
  { name: 'network: a coefficient rate as embeddings', ...base, coefficientShare: 1 },
  { name: 'network: half of it common', ...base, commonShare: 0.5 },
  { name: 'network: half of it common, coefficients fixed', ...base, commonShare: 0.5, coefficientShare: 0 },
  { name: 'network: as many slabs as experts', ...base, shape: { experts: 16, slabs: 17, expertWidth: 17 } },
  {
    name: 'network: as many slabs as experts, half of it common',
    ...base,
    shape: { experts: 16, slabs: 17, expertWidth: 17 },
    commonShare: 0.5,
  },
  { name: 'network: 32 experts', ...base, shape: { ...SHAPE, experts: 32 } },
];

interface Found {
  readonly name: string;
  readonly perplexity: number;
  /** Of the feed-forward energy, what an expert does not share with the mean of all; in the mean over layers. */
  readonly ownShare?: number;
  readonly seconds: number;
}

const { values: options } = parseArgs({
  options: {
    generic: { type: 'string', default: 'samples/.assembled/generic' },
    work: { type: 'string', default: join('.parlance', 'bench-clusters') },
    tokens: { type: 'string', default: '25165824' },
    threads: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
});
const tokens = Number(options.tokens);
const work = resolve(options.work);
const resultsFile = join(work, `results-${tokens}.json`);
const engine = new OnnxRuntimeEngine({ threads: Number(options.threads) });

type Weights = Readonly<Record<string, HostTensor>>;

async function pretrain(
  name: string,
  network: Pick<Parameters<typeof train>[0], 'weights' | 'stream'> & { recipe?: Partial<typeof PRETRAINING> },
  initial: () => Weights,
  share = 1,
): Promise<{ weights: Weights; seconds: number }> {
  const steps = Math.round((tokens * share) / BATCH_TOKENS);
  const scratch = join(work, name.replaceAll(/\W+/g, '-'));
  await mkdir(scratch, { recursive: true });
  const { progress, best } = await train(
    {
      size: SIZE,
      weights: network.weights,
      recipe: { ...PRETRAINING, ...network.recipe },
      schedule: {
        warmupSteps: Math.max(1, Math.round(steps * WARMUP_SHARE)),
        stableUntil: Math.round(steps * (1 - DECAY_SHARE)),
        end: steps,
      },
      steps,
      rows: ROWS,
      microBatches: 1,
      stream: network.stream,
    },
    { weights: async () => initial() },
    { engine, scratch, signal: new AbortController().signal, onProgress: () => {} },
  );
  await rm(scratch, { recursive: true });
  return { weights: best, seconds: progress.spent.seconds };
}

/** Of all held-out windows, each by the weights of its cluster. */
async function perplexityByCluster(
  text: ClusteredText,
  clusters: readonly Pick<ClusterText, 'heldout'>[],
  weightsOf: (cluster: number) => Weights,
): Promise<number> {
  const batch = { rows: EVALUATION_ROWS, length: SIZE.context };
  const evaluator = await Evaluator.compile(engine, SIZE, denseParameterization(SIZE), batch);
  let [loss, count] = [0, 0];
  for (const [cluster, { heldout }] of clusters.entries()) {
    if (heldout.length === 0) continue;
    const state = engine.createState(weightsOf(cluster));
    const own = new EvaluatedSubset(text, heldout);
    const found = await evaluator.evaluate(state, new EvaluationBatches(own, EVALUATION_ROWS));
    loss += found.negativeLogLikelihood;
    count += found.tokens;
    state.dispose();
  }
  await evaluator.dispose();
  return Math.exp(loss / count);
}

/** Some held-out windows, evaluated each by itself. */
class EvaluatedSubset extends SubsetWindows {
  readonly bytes = undefined;
  readonly #text: ClusteredText;
  readonly #numbers: Uint32Array;

  constructor(text: ClusteredText, numbers: Uint32Array) {
    super(text.heldout, numbers);
    this.#text = text;
    this.#numbers = numbers;
  }

  document(window: number): number {
    return this.#text.heldout.document(this.#numbers[window]);
  }
}

/** The plain model of one expert. */
function expertWeights(shape: ProjectionShape, weights: Weights, at: number): Weights {
  const only = Float32Array.from({ length: shape.experts }, (_, i) => (i === at ? 1 : 0));
  return projectWeights(SIZE, weights, expertVector(shape, weights, only));
}

/** sum_i |W_i - mean|^2 / sum_i |W_i|^2 over the experts, all feed-forward matrices together. */
function ownShareOf(shape: ProjectionShape, weights: Weights): number {
  const experts = Array.from({ length: shape.experts }, (_, i) => expertWeights(shape, weights, i));
  let [own, all] = [0, 0];
  for (const name of Object.keys(experts[0]).filter((one) => one.includes('.mlp.'))) {
    const { data } = experts[0][name];
    for (let j = 0; j < data.length; j++) {
      const values = experts.map((expert) => expert[name].data[j]);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      for (const value of values) {
        own += (value - mean) ** 2;
        all += value ** 2;
      }
    }
  }
  return own / all;
}

async function plain(text: ClusteredText): Promise<Omit<Found, 'name'>> {
  const { weights, seconds } = await pretrain(
    'plain',
    { weights: denseParameterization(SIZE), stream: windowStream(text.training, SEED) },
    () => initialWeights(SIZE, SEED),
  );
  const all = { heldout: Uint32Array.from({ length: text.heldout.count }, (_, i) => i) };
  return { perplexity: await perplexityByCluster(text, [all], () => weights), seconds };
}

async function mixture(text: ClusteredText, experts: number): Promise<Omit<Found, 'name'>> {
  const clusters = await text.byCluster(experts);
  const trained: Weights[] = [];
  let seconds = 0;
  for (const [cluster, { training }] of clusters.entries()) {
    const one = await pretrain(
      `expert ${cluster} of ${experts}`,
      { weights: denseParameterization(SIZE), stream: windowStream(training, SEED) },
      () => initialWeights(SIZE, SEED),
      1 / experts,
    );
    trained.push(one.weights);
    seconds += one.seconds;
  }
  return { perplexity: await perplexityByCluster(text, clusters, (i) => trained[i]), seconds };
}

async function network(text: ClusteredText, variant: NetworkVariant): Promise<Omit<Found, 'name'>> {
  const { name, shape, groups, commonShare, coefficientShare, matrixRate } = variant;
  const clusters = await text.byCluster(shape.experts);
  const windows = clusters.map(({ training }) => training);
  const { weights, seconds } = await pretrain(
    name,
    {
      weights: projectedParameterization(SIZE, shape, groups),
      stream: groupStream({
        windowsByCluster: windows,
        shares: windows.map((own) => own.tokens),
        groups,
        seed: SEED,
      }),
      recipe: {
        ...(coefficientShare !== undefined && { coefficientShare }),
        ...(matrixRate && { matrixRate }),
      },
    },
    () => initialProjectedWeights(SIZE, shape, SEED, undefined, commonShare),
  );
  const of = (cluster: number) => expertWeights(shape, weights, cluster);
  const perplexity = await perplexityByCluster(text, clusters, of);
  return { perplexity, ownShare: ownShareOf(shape, weights), seconds };
}

const tasks: Readonly<Record<string, (text: ClusteredText) => Promise<Omit<Found, 'name'>>>> = {
  'plain model': plain,
  ...Object.fromEntries(networks.map((one) => [one.name, (text: ClusteredText) => network(text, one)])),
  'mixture of 8 experts': (text) => mixture(text, 8),
};

await mkdir(work, { recursive: true });
const found: Found[] = JSON.parse((await readTextIfThere(resultsFile)) ?? '[]');
const left = Object.keys(tasks).filter(
  (name) => name.includes(options.only) && found.every((one) => one.name !== name),
);
if (left.length > 0) {
  const { vocabulary, context } = SIZE;
  const text = await clusteredText(resolve(options.generic), work, { vocabulary, context, engine });
  for (const name of left) {
    const one = { name, ...(await tasks[name](text)) };
    found.push(one);
    console.log(JSON.stringify(one));
    await writeFileAtomic(resultsFile, `${JSON.stringify(found, null, 2)}\n`);
  }
}
await engine.dispose();
console.log(
  `| after ${tokens} tokens | held-out perplexity | an expert's own share | seconds |\n|---|---:|---:|---:|`,
);
for (const { name, perplexity, ownShare, seconds } of found) {
  const share = ownShare === undefined ? '' : `${(100 * ownShare).toFixed(1)} %`;
  console.log(`| ${name} | ${perplexity.toFixed(2)} | ${share} | ${seconds.toFixed(0)} |`);
}
