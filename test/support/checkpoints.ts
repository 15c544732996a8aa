/** Small checkpoints made for tests, as Hugging Face folders. */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelSize } from '../../src/common/model-size.ts';
import { Random } from '../../src/common/random.ts';
import { llamaConfiguration } from '../../src/formats/llama.ts';
import { type TensorToWrite, writeSafetensors } from '../../src/formats/safetensors.ts';
import { weightSpecifications } from '../../src/models/size.ts';
import type { Tokenizer } from '../../src/tokenizer/tokenizer.ts';

export const smallSize: ModelSize = {
  layers: 1,
  width: 8,
  heads: 2,
  feedForward: 12,
  context: 16,
  vocabulary: 300,
};

/** Weights whose values every type of 16 bits holds exactly. */
export function madeWeights(size: ModelSize): Map<string, { shape: readonly number[]; data: Float32Array }> {
  const random = Random.fromSeed(1, 'weights');
  return new Map(
    weightSpecifications(size).map(({ name, shape }) => {
      const count = shape.reduce((product, length) => product * length, 1);
      return [
        name,
        { shape, data: Float32Array.from({ length: count }, () => (random.below(255) - 127) / 64) },
      ];
    }),
  );
}

/** The upper halves of the float32 values: BF16. */
export function asBfloat16(data: Float32Array): Uint16Array {
  return Uint16Array.from(new Uint32Array(data.buffer, data.byteOffset, data.length), (word) => word >>> 16);
}

export async function writeCheckpointFolder(
  folder: string,
  size: ModelSize,
  tokenizer: Tokenizer,
  tensors: readonly TensorToWrite[],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await tokenizer.save(folder);
  const bounds = { begin: tokenizer.beginOfText, ends: [tokenizer.endOfText] };
  await writeFile(join(folder, 'config.json'), JSON.stringify(llamaConfiguration(size, bounds)));
  await writeSafetensors(join(folder, 'model.safetensors'), tensors);
}

/** The same model with its weights in two files and an index. */
export async function shardFolder(
  from: string,
  to: string,
  tensors: readonly TensorToWrite[],
): Promise<void> {
  await cp(from, to, { recursive: true, filter: (path) => !path.endsWith('model.safetensors') });
  const weight_map: Record<string, string> = {};
  for (const half of [0, 1]) {
    const file = `model-0000${half + 1}-of-00002.safetensors`;
    const own = tensors.filter((_, i) => i % 2 === half);
    await writeSafetensors(join(to, file), own);
    for (const { name } of own) weight_map[name] = file;
  }
  await writeFile(join(to, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map }));
}
