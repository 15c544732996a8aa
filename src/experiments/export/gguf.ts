/**
 * A model as one GGUF file for llama.cpp and what is built on it, each weight in the type that llama.cpp's own converter gives it.
 *
 * Source of the keys: https://github.com/ggml-org/llama.cpp, conversion/llama.py, src/models/llama.cpp.
 */
import { join } from 'node:path';
import { blockOf, type ModelSize } from '../../common/model-size.ts';
import type { GgufMetadata, GgufValue } from '../../formats/gguf/format.ts';
import { ggufName, inGgufOrder, ROTARY_FACTORS } from '../../formats/gguf/llama-tensors.ts';
import { type GgufTensor, writeGguf } from '../../formats/gguf/write.ts';
import { TOKENIZER_FILE } from '../../formats/model-folder.ts';
import { rotaryFrequencies } from '../../models/rotary.ts';
import { ggufVocabulary } from '../../tokenizer/gguf-vocabulary.ts';
import type { WeightType } from './formats.ts';
import { ggufType, type KeptWeights } from './kept-weights.ts';
import type { ModelSource } from './model-source.ts';

/** llama.cpp's numbers for a file of mostly these. */
const FILE_TYPES: Readonly<Record<WeightType, number>> = { f32: 0, f16: 1, q8_0: 7 };

/** Writes the file whole or not at all. Throws InputError when llama.cpp has no such tokenizer. */
export async function writeGgufModel(
  path: string,
  source: ModelSource,
  { kept, name }: { readonly kept: KeptWeights; readonly name: string },
): Promise<void> {
  const { size } = source;
  const { file, begin } = source.tokenizer;
  const vocabulary = ggufVocabulary(file, join(source.folder, TOKENIZER_FILE), {
    rows: size.vocabulary,
    beginOfText: begin ?? source.beginOfText,
    endOfText: source.endsOfText.at(0),
    addsBegin: begin !== undefined,
  });
  const metadata = new Map([...modelKeys(size, kept, name), ...vocabulary]);
  const tensors = source.weights.map(({ name, shape, values }): GgufTensor => {
    return {
      name: ggufName(name),
      type: ggufType(shape, kept.type),
      shape,
      values: async () => inGgufOrder(name, await values(), size),
    };
  });
  await writeGguf(path, metadata, [...rotaryFactors(size), ...tensors]);
}

function modelKeys(size: ModelSize, { type, halfShare }: KeptWeights, name: string): GgufMetadata {
  const { keyValueHeads, headSize, normEpsilon, rotaryBase, rotaryScaling } = blockOf(size);
  return new Map<string, GgufValue>([
    ['general.architecture', { type: 'string', value: 'llama' }],
    ['general.type', { type: 'string', value: 'model' }],
    ['general.name', { type: 'string', value: name }],
    ['general.file_type', uint32(FILE_TYPES[halfShare > 0.5 ? 'f16' : type])],
    ['general.quantization_version', uint32(2)],
    ['llama.vocab_size', uint32(size.vocabulary)],
    ['llama.context_length', uint32(size.context)],
    ['llama.embedding_length', uint32(size.width)],
    ['llama.block_count', uint32(size.layers)],
    ['llama.feed_forward_length', uint32(size.feedForward)],
    ['llama.attention.head_count', uint32(size.heads)],
    ['llama.attention.head_count_kv', uint32(keyValueHeads)],
    ['llama.attention.key_length', uint32(headSize)],
    ['llama.attention.value_length', uint32(headSize)],
    ['llama.attention.layer_norm_rms_epsilon', { type: 'float32', value: normEpsilon }],
    ['llama.rope.dimension_count', uint32(headSize)],
    ['llama.rope.freq_base', { type: 'float32', value: rotaryBase }],
    ...(rotaryScaling?.kind === 'linear' ? linearScaling(rotaryScaling.factor) : []),
  ]);
}

function linearScaling(factor: number): [string, GgufValue][] {
  return [
    ['llama.rope.scaling.type', { type: 'string', value: 'linear' }],
    ['llama.rope.scaling.factor', { type: 'float32', value: factor }],
  ];
}

/** What each frequency of the base is divided by. */
function rotaryFactors(size: ModelSize): readonly GgufTensor[] {
  const { rotaryBase, rotaryScaling } = blockOf(size);
  if (rotaryScaling?.kind !== 'llama3') return [];
  const scaled = rotaryFrequencies(size);
  const factors = Float32Array.from(scaled, (frequency, i) => rotaryBase ** (-i / scaled.length) / frequency);
  return [{ name: ROTARY_FACTORS, type: 'F32', shape: [factors.length], values: () => factors }];
}

const uint32 = (value: number): GgufValue => ({ type: 'uint32', value });
