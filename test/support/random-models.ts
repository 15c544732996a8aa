/** Small models with random weights, one of each variant that is supported, saved as folders. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LlamaVariant, ModelSize } from '../../src/common/model-size.ts';
import { llamaConfiguration } from '../../src/formats/llama.ts';
import { CONFIGURATION_FILE, WEIGHTS_FILE } from '../../src/formats/model-folder.ts';
import type { Tokenizer } from '../../src/tokenizer/tokenizer.ts';
import { writeWeights } from '../../src/training/checkpoint.ts';
import { randomWeights } from './random-model.ts';

const size: ModelSize = {
  layers: 2,
  width: 64,
  heads: 4,
  feedForward: 96,
  context: 64,
  vocabulary: 300,
};
const variant: LlamaVariant = {
  keyValueHeads: 4,
  headSize: 16,
  tied: true,
  normEpsilon: 1e-5,
  rotaryBase: 10_000,
  vocabulary: 300,
  positions: 64,
};

/** Rows of the embedding that no token has are part of each but the first. */
export const modelVariants: Readonly<Record<string, ModelSize>> = {
  plain: size,
  'grouped queries': { ...size, variant: { ...variant, keyValueHeads: 2, headSize: 24, normEpsilon: 1e-6 } },
  untied: { ...size, variant: { ...variant, tied: false, rotaryBase: 500_000 } },
  'linear scaling': {
    ...size,
    variant: { ...variant, rotaryScaling: { kind: 'linear', factor: 2 } },
  },
  'llama3 scaling': {
    ...size,
    variant: {
      ...variant,
      rotaryScaling: {
        kind: 'llama3',
        factor: 8,
        lowFrequencyFactor: 1,
        highFrequencyFactor: 4,
        originalContext: 32,
      },
    },
  },
};

export async function saveRandomModel(folder: string, size: ModelSize, tokenizer: Tokenizer): Promise<void> {
  await mkdir(folder, { recursive: true });
  await tokenizer.save(folder);
  await writeWeights(join(folder, WEIGHTS_FILE), randomWeights(size));
  const bounds = { begin: tokenizer.beginOfText, ends: [tokenizer.endOfText] };
  await writeFile(join(folder, CONFIGURATION_FILE), JSON.stringify(llamaConfiguration(size, bounds)));
}
