/**
 * `npm run bench:recipe`: what each choice of the recipe is worth, one varied at a time: held-out perplexity after
 * the same tokens, and the time that training took. The table behind docs/decisions.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { selectDocuments, WindowSet } from '../../src/corpus/windows/windows.ts';
import { OnnxRuntimeEngine } from '../../src/engines/onnxruntime/engine.ts';
import { DECAY_SHARE, WARMUP_SHARE } from '../../src/methods/stages/pretrain.ts';
import { denseParameterization, initialWeights } from '../../src/models/parameterization.ts';
import { PRETRAINING, type Recipe } from '../../src/training/recipe.ts';
import { windowStream } from '../../src/training/stream.ts';
import { train } from '../../src/training/trainer.ts';
import { type BenchTokens, prepareTokens } from '../bench-tokens.ts';
import { heldoutPerplexity } from './our-curve.ts';

const CORPUS = fileURLToPath(new URL('../../samples/.assembled/generic', import.meta.url));
const SIZE = { layers: 3, width: 96, heads: 3, feedForward: 256, context: 128, vocabulary: 1024 };
const TOKENS = 409_600;
const SEEDS = [1, 2, 3];
const HELDOUT_TOKENS = 40 * 8 * SIZE.context + 1;

interface Variant {
  readonly name: string;
  readonly recipe?: Partial<Recipe>;
  readonly batchTokens?: number;
  readonly decayShare?: number;
}

const variants: readonly Variant[] = [
  { name: 'the recipe' },
  {
    name: 'AdamW everywhere, one rate of 0.002',
    recipe: { matrices: 'adamw', matrixRate: 0.002, adamRate: 0.002 },
  },
  {
    name: 'AdamW everywhere, one rate of 0.004',
    recipe: { matrices: 'adamw', matrixRate: 0.004, adamRate: 0.004 },
  },
  {
    name: 'AdamW everywhere, 0.004 and embeddings 0.03',
    recipe: { matrices: 'adamw', matrixRate: 0.004, adamRate: 0.03 },
  },
  { name: 'embeddings at 0.008', recipe: { adamRate: 0.008 } },
  { name: 'matrices at twice the rate', recipe: { matrixRate: 2 * PRETRAINING.matrixRate } },
  { name: 'matrices at half the rate', recipe: { matrixRate: PRETRAINING.matrixRate / 2 } },
  { name: 'weight decay 0.1', recipe: { weightDecay: 0.1 } },
  { name: 'decay over the last fifth', decayShare: 0.2 },
  { name: 'decay from the first step', decayShare: 1 },
  { name: 'batch of 2048 tokens', batchTokens: 2048 },
  { name: 'Muon', recipe: { matrices: 'muon' } },
];

async function measure(
  variant: Variant,
  seed: number,
  data: BenchTokens,
  engine: OnnxRuntimeEngine,
  scratch: string,
) {
  const { batchTokens = 1024, decayShare = DECAY_SHARE } = variant;
  const rows = batchTokens / SIZE.context;
  const steps = TOKENS / batchTokens;
  const schedule = {
    warmupSteps: Math.round(steps * WARMUP_SHARE),
    stableUntil: Math.round(steps * (1 - decayShare)),
    end: steps,
  };
  const { progress, best } = await train(
    {
      size: SIZE,
      weights: denseParameterization(SIZE),
      recipe: { ...PRETRAINING, ...variant.recipe },
      schedule,
      steps,
      rows,
      microBatches: 1,
      stream: windowStream(
        new WindowSet(data.store, selectDocuments(data.store, 'train'), SIZE.context),
        seed,
      ),
    },
    { weights: async () => initialWeights(SIZE, seed) },
    {
      engine,
      scratch,
      signal: new AbortController().signal,
      checkpointSeconds: Number.POSITIVE_INFINITY,
      onProgress: () => {},
    },
  );
  const perplexity = await heldoutPerplexity(engine, { size: SIZE, rows: 8 }, best, data.heldout);
  return { perplexity, seconds: progress.spent.seconds };
}

const folder = await mkdtemp(join(tmpdir(), 'parlance-recipe-'));
try {
  const data = await prepareTokens(CORPUS, folder, SIZE.vocabulary, HELDOUT_TOKENS);
  const engine = new OnnxRuntimeEngine({ threads: 2 });
  console.log(
    `| recipe | held-out perplexity | of ${SEEDS.length} seeds | training seconds |\n|---|---:|---|---:|`,
  );
  for (const variant of variants) {
    const found: { perplexity: number; seconds: number }[] = [];
    for (const seed of SEEDS) found.push(await measure(variant, seed, data, engine, folder));
    const perplexities = found.map(({ perplexity }) => perplexity);
    const mean = Math.exp(perplexities.reduce((sum, one) => sum + Math.log(one), 0) / SEEDS.length);
    const each = perplexities.map((one) => one.toFixed(2)).join(', ');
    const seconds = found.reduce((sum, one) => sum + one.seconds, 0) / SEEDS.length;
    console.log(`| ${variant.name} | ${mean.toFixed(2)} | ${each} | ${seconds.toFixed(1)} |`);
  }
  await engine.dispose();
} finally {
  await rm(folder, { recursive: true, force: true });
}
