/** Models with random weights, as folders: what they cost does not depend on what they have learnt. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LlamaVariant, ModelSize } from '../src/common/model-size.ts';
import { llamaConfiguration } from '../src/formats/llama.ts';
import { CONFIGURATION_FILE, WEIGHTS_FILE } from '../src/formats/model-folder.ts';
import { initialWeights } from '../src/models/parameterization.ts';
import { writeWeights } from '../src/training/checkpoint.ts';
import { byteTokenizer } from '../test/support/random-model.ts';

export const variant = (keyValueHeads: number, headSize: number, vocabulary: number): LlamaVariant => ({
  keyValueHeads,
  headSize,
  tied: true,
  normEpsilon: 1e-5,
  rotaryBase: 10_000,
  vocabulary,
  positions: 2048,
});

/** 134.5 million parameters. */
export const SMOLLM2_135M = {
  layers: 30,
  width: 576,
  heads: 9,
  feedForward: 1536,
  vocabulary: 49_152,
  variant: variant(3, 64, 49_152),
};

export async function saveRandomModel(folder: string, size: ModelSize): Promise<void> {
  // The other rows of the vocabulary are unused, and cost the same.
  await byteTokenizer.save(folder);
  await writeWeights(join(folder, WEIGHTS_FILE), initialWeights(size, 5));
  const bounds = { begin: byteTokenizer.beginOfText, ends: [byteTokenizer.endOfText] };
  await writeFile(join(folder, CONFIGURATION_FILE), JSON.stringify(llamaConfiguration(size, bounds)));
}
