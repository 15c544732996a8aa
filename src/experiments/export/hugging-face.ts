/** A model as a folder that transformers, and what reads its layout, opens as it is. */
import { join } from 'node:path';
import { writeFileAtomic } from '../../common/files.ts';
import type { Json } from '../../common/json.ts';
import { encodeTensor } from '../../formats/gguf/quantize.ts';
import { generationConfiguration, llamaConfiguration } from '../../formats/llama.ts';
import {
  CONFIGURATION_FILE,
  GENERATION_FILE,
  TOKENIZER_CONFIG_FILE,
  TOKENIZER_FILE,
  WEIGHTS_FILE,
} from '../../formats/model-folder.ts';
import { type TensorToWrite, writeSafetensors } from '../../formats/safetensors.ts';
import type { ModelSource } from './model-source.ts';

export type FloatWeights = 'f32' | 'f16';

/** Writes into a folder that is there. Throws InputError when the weights are beyond the type. */
export async function writeHuggingFaceModel(
  folder: string,
  source: ModelSource,
  weights: FloatWeights,
): Promise<void> {
  await writeDescription(folder, source, weights);
  const type = weights === 'f32' ? 'F32' : 'F16';
  const tensors = source.weights.map(
    ({ name, shape, values }): TensorToWrite => ({
      name,
      type,
      shape,
      data: async () => encodeTensor(await values(), type, name),
    }),
  );
  await writeSafetensors(join(folder, WEIGHTS_FILE), tensors, { format: 'pt' });
}

/** All but the weights; `more` stands in the configuration too. */
export async function writeDescription(
  folder: string,
  source: ModelSource,
  weights: FloatWeights,
  more: { readonly [key: string]: Json } = {},
): Promise<void> {
  const bounds = { begin: source.beginOfText, ends: source.endsOfText };
  const type = weights === 'f32' ? 'float32' : 'float16';
  const write = (name: string, content: Json) =>
    writeFileAtomic(join(folder, name), `${JSON.stringify(content, null, 2)}\n`);
  await write(CONFIGURATION_FILE, { ...llamaConfiguration(source.size, bounds, type), ...more });
  await write(GENERATION_FILE, generationConfiguration(bounds));
  await writeFileAtomic(join(folder, TOKENIZER_FILE), source.tokenizer.file);
  await writeFileAtomic(join(folder, TOKENIZER_CONFIG_FILE), source.tokenizer.configuration);
}
