/**
 * `npm run bench:recipe`: what each choice of the recipe is worth, one varied at a time: held-out perplexity after
 * the same tokens, and the time that training took. The table behind docs/decisions.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OnnxRuntimeEngine } from '../../src/engines/onnxruntime/engine.ts';
import { PRETRAINING, type Recipe } from '../../src/training/recipe.ts';
import { prepareTokens } from '../bench-tokens.ts';
import { trainFromScratch } from './from-scratch.ts';

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

const folder = await mkdtemp(join(tmpdir(), 'parlance-recipe-'));
try {
  const data = await prepareTokens(CORPUS, folder, SIZE.vocabulary, HELDOUT_TOKENS);
  const engine = new OnnxRuntimeEngine({ threads: 2 });
  console.log(
    `| recipe | held-out perplexity | of ${SEEDS.length} seeds | training seconds |\n|---|---:|---|---:|`,
  );
  for (const variant of variants) {
    const found: { perplexity: number; seconds: number }[] = [];
    for (const seed of SEEDS) {
      const { name, batchTokens = 1024, ...changes } = variant;
      const what = { size: SIZE, tokens: TOKENS, batchTokens, seed, ...changes };
      found.push(await trainFromScratch(what, data, { engine, scratch: folder }));
    }
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
