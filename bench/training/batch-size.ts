/**
 * `npm run bench:batch-size -- --preset <name> --generic <path> --work <folder>`: which batch is best for which pretraining
 * budget: held-out perplexity of a preset's small model after equal tokens, by batch, and in brackets the seconds that the
 * steps took. What was measured lies in the work folder; given again, the rest is.
 */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { readTextIfThere, writeFileAtomic } from '../../src/common/files.ts';
import { formatCompact } from '../../src/common/format.ts';
import { sha256 } from '../../src/common/hash.ts';
import { OnnxRuntimeEngine } from '../../src/engines/onnxruntime/engine.ts';
import { presets } from '../../src/experiments/config/presets.ts';
import { prepareTokens } from '../bench-tokens.ts';
import { trainFromScratch } from './from-scratch.ts';

/** Batches that need more steps than this are left out: they would take half an hour. */
const MOST_STEPS = 50_000;
const BATCHES = [256, 512, 1024, 2048, 4096];
/** Tokens, and seeds: the longest take minutes each. */
const BUDGETS = {
  tiny: [
    { tokens: 65_536, seeds: [1, 2, 3] },
    { tokens: 262_144, seeds: [1, 2, 3] },
  ],
  small: [{ tokens: 2_097_152, seeds: [1, 2] }],
  paper: [
    { tokens: 409_600, seeds: [1, 2, 3] },
    { tokens: 3_145_728, seeds: [1, 2, 3] },
    { tokens: 25_165_824, seeds: [1] },
  ],
} as const;
type Preset = keyof typeof BUDGETS;
const isPreset = (name: string): name is Preset => name in BUDGETS;

const foundSchema = z.array(
  z.object({
    tokens: z.number(),
    batchTokens: z.number(),
    seed: z.number(),
    perplexity: z.number(),
    seconds: z.number(),
  }),
);

const { values: options } = parseArgs({
  options: {
    preset: { type: 'string', default: 'paper' },
    generic: { type: 'string', default: 'samples/.assembled/generic' },
    work: { type: 'string', default: join('.parlance', 'bench-batch-size') },
    threads: { type: 'string', default: '1' },
  },
});
const { preset } = options;
if (!isPreset(preset)) throw new RangeError(`Of "${preset}" there are no budgets here.`);
const { models, vocabulary, context } = presets[preset];
const size = { ...models.small, context, vocabulary };
const heldoutTokens = 80 * 8 * context + 1;
const budgets = BUDGETS[preset];
const work = join(resolve(options.work), preset);
await mkdir(work, { recursive: true });
// Of another corpus nothing is taken for this one's.
const file = join(work, `results-${sha256(resolve(options.generic)).slice(0, 8)}.json`);
const found = foundSchema.parse(JSON.parse((await readTextIfThere(file)) ?? '[]'));
const isFound = (one: Pick<(typeof found)[number], 'tokens' | 'batchTokens' | 'seed'>): boolean =>
  found.some(
    ({ tokens, batchTokens, seed }) =>
      tokens === one.tokens && batchTokens === one.batchTokens && seed === one.seed,
  );
const left = budgets
  .flatMap(({ tokens, seeds }) =>
    BATCHES.flatMap((batchTokens) => seeds.map((seed) => ({ tokens, batchTokens, seed }))),
  )
  .filter((one) => one.tokens <= MOST_STEPS * one.batchTokens && !isFound(one));
if (left.length > 0) {
  const engine = new OnnxRuntimeEngine({ threads: Number(options.threads) });
  const data = await prepareTokens(resolve(options.generic), work, vocabulary, heldoutTokens);
  for (const one of left) {
    const measured = await trainFromScratch({ size, ...one }, data, { engine, scratch: work });
    found.push({ ...one, ...measured });
    console.log(JSON.stringify(found.at(-1)));
    await writeFileAtomic(file, `${JSON.stringify(found, null, 2)}\n`);
  }
  await engine.dispose();
}

console.log(`| pretraining tokens, seeds | ${BATCHES.map((one) => `batch of ${one}`).join(' | ')} |`);
console.log(`|---|${BATCHES.map(() => '---:|').join('')}`);
for (const { tokens, seeds } of budgets) {
  const cells = BATCHES.map((batch) => {
    const own = found.filter((one) => one.tokens === tokens && one.batchTokens === batch);
    if (own.length === 0) return '';
    const mean = Math.exp(own.reduce((sum, one) => sum + Math.log(one.perplexity), 0) / own.length);
    const took = own.reduce((sum, one) => sum + one.seconds, 0) / own.length;
    return `${mean.toFixed(2)} (${took.toFixed(1)})`;
  });
  console.log(`| ${formatCompact(tokens)}, ${seeds.length} | ${cells.join(' | ')} |`);
}
