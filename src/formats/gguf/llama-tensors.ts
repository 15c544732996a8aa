/**
 * The weights of a Llama as llama.cpp has them: under its names, queries and keys with the two halves of each head
 * interleaved, because it turns neighbouring pairs where transformers turns halves.
 *
 * Source: https://github.com/ggml-org/llama.cpp, conversion/llama.py (`permute`), gguf-py/gguf/constants.py.
 */
import { blockOf, type ModelSize } from '../../common/model-size.ts';

/** Stretches of rotary positions, one a pair of a head; there for the scaling that no key can tell. */
export const ROTARY_FACTORS = 'rope_freqs.weight';

const WHOLE_MODEL: ReadonlyMap<string, string> = new Map([
  ['model.embed_tokens.weight', 'token_embd.weight'],
  ['model.norm.weight', 'output_norm.weight'],
  ['lm_head.weight', 'output.weight'],
]);

const OF_LAYER: ReadonlyMap<string, string> = new Map([
  ['input_layernorm', 'attn_norm'],
  ['self_attn.q_proj', 'attn_q'],
  ['self_attn.k_proj', 'attn_k'],
  ['self_attn.v_proj', 'attn_v'],
  ['self_attn.o_proj', 'attn_output'],
  ['post_attention_layernorm', 'ffn_norm'],
  ['mlp.gate_proj', 'ffn_gate'],
  ['mlp.up_proj', 'ffn_up'],
  ['mlp.down_proj', 'ffn_down'],
]);

/** Throws RangeError for a name that no Llama has. */
export function ggufName(name: string): string {
  const [, layer, part] = /^model\.layers\.(\d+)\.(.+)\.weight$/.exec(name) ?? [];
  const short = OF_LAYER.get(part);
  const found = short === undefined ? WHOLE_MODEL.get(name) : `blk.${layer}.${short}.weight`;
  if (found !== undefined) return found;
  throw new RangeError(`"${name}" is no weight of a Llama.`);
}

/** The values of a weight [outputs, inputs] in llama.cpp's order of rows. */
export function inGgufOrder(name: string, values: Float32Array, size: ModelSize): Float32Array {
  if (!/\.self_attn\.[qk]_proj\.weight$/.test(name)) return values;
  const { headSize } = blockOf(size);
  return interleaved(values, headSize, size.width);
}

/** Row 2i + p of each head is its row i of half p. */
function interleaved(values: Float32Array, headSize: number, inputs: number): Float32Array {
  const result = new Float32Array(values.length);
  const rows = values.length / inputs;
  for (let row = 0; row < rows; row++) {
    const within = row % headSize;
    const from = row - within + (within % 2) * (headSize / 2) + Math.floor(within / 2);
    result.set(values.subarray(from * inputs, (from + 1) * inputs), row * inputs);
  }
  return result;
}
