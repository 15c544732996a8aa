/**
 * `npm run bench:batch-size -- --generic <path> --work <folder>`: which batch is best for which pretraining budget: held-out
 * perplexity of the preset `paper`'s small model after equal tokens, by batch. What was measured lies in the work folder; given
 * again, the rest is.
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

const { models, vocabulary, context } = presets.paper;
const SIZE = { ...models.small, context, vocabulary };
const HELDOUT_TOKENS = 80 * 8 * context + 1;
const BATCHES = [512, 1024, 2048, 4096];
/** Tokens, and seeds: the longer ones take minutes each. */
const BUDGETS = [
  { tokens: 409_600, seeds: [1, 2, 3] },
  { tokens: 3_145_728, seeds: [1, 2, 3] },
  { tokens: 25_165_824, seeds: [1] },
];

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
    generic: { type: 'string', default: 'samples/.assembled/generic' },
    work: { type: 'string', default: join('.parlance', 'bench-batch-size') },
    threads: { type: 'string', default: '1' },
  },
});
const work = resolve(options.work);
await mkdir(work, { recursive: true });
// Of another corpus nothing is taken for this one's.
const file = join(work, `results-${sha256(resolve(options.generic)).slice(0, 8)}.json`);
const found = foundSchema.parse(JSON.parse((await readTextIfThere(file)) ?? '[]'));
const left = BUDGETS.flatMap(({ tokens, seeds }) =>
  BATCHES.flatMap((batchTokens) => seeds.map((seed) => ({ tokens, batchTokens, seed }))),
).filter(
  (one) =>
    !found.some(
      ({ tokens, batchTokens, seed }) =>
        tokens === one.tokens && batchTokens === one.batchTokens && seed === one.seed,
    ),
);
if (left.length > 0) {
  const engine = new OnnxRuntimeEngine({ threads: Number(options.threads) });
  const data = await prepareTokens(resolve(options.generic), work, vocabulary, HELDOUT_TOKENS);
  for (const one of left) {
    const measured = await trainFromScratch({ size: SIZE, ...one }, data, { engine, scratch: work });
    found.push({ ...one, ...measured });
    console.log(JSON.stringify(found.at(-1)));
    await writeFileAtomic(file, `${JSON.stringify(found, null, 2)}\n`);
  }
  await engine.dispose();
}

console.log(`| pretraining tokens, seeds | ${BATCHES.map((one) => `batch of ${one}`).join(' | ')} |`);
console.log(`|---|${BATCHES.map(() => '---:|').join('')}`);
for (const { tokens, seeds } of BUDGETS) {
  const cells = BATCHES.map((batch) => {
    const own = found.filter((one) => one.tokens === tokens && one.batchTokens === batch);
    const mean = Math.exp(own.reduce((sum, one) => sum + Math.log(one.perplexity), 0) / own.length);
    return mean.toFixed(2);
  });
  console.log(`| ${formatCompact(tokens)}, ${seeds.length} | ${cells.join(' | ')} |`);
}
