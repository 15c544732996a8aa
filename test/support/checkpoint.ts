/** Random models in Hugging Face folders, as if they came from elsewhere. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelSize } from '../../src/common/model-size.ts';
import { writeModel } from '../../src/methods/stages/models.ts';
import { initialWeights } from '../../src/models/parameterization.ts';
import type { Tokenizer } from '../../src/tokenizer/tokenizer.ts';

/** Grouped queries, an output head of its own and stretched positions. */
export const variantSize = {
  layers: 1,
  width: 16,
  heads: 4,
  feedForward: 32,
  context: 64,
  vocabulary: 304,
  variant: {
    keyValueHeads: 2,
    headSize: 6,
    tied: false,
    normEpsilon: 1e-6,
    rotaryBase: 50_000,
    rotaryScaling: {
      kind: 'llama3',
      factor: 8,
      lowFrequencyFactor: 1,
      highFrequencyFactor: 4,
      originalContext: 16,
    },
    vocabulary: 304,
    positions: 64,
  },
} satisfies ModelSize;

/** Writes the model of a seed; its vocabulary may be larger than the tokenizer's. */
export async function writeCheckpoint(
  folder: string,
  {
    size,
    seed,
    tokenizer,
  }: { readonly size: ModelSize; readonly seed: number; readonly tokenizer: Tokenizer },
): Promise<void> {
  const tokenizerFolder = await mkdtemp(join(tmpdir(), 'tokenizer-'));
  try {
    await tokenizer.save(tokenizerFolder);
    await mkdir(folder, { recursive: true });
    await writeModel(folder, size, initialWeights(size, seed), tokenizerFolder);
  } finally {
    await rm(tokenizerFolder, { recursive: true, force: true });
  }
}
