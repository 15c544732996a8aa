/** The `config.json` of a Hugging Face Llama model, as transformers and llama.cpp read it. */
import * as z from 'zod';
import { CorruptionError, InputError } from '../common/errors.ts';
import type { Json } from '../common/json.ts';
import { blockOf, type LlamaVariant, type ModelSize, type RotaryScaling } from '../common/model-size.ts';
import { parseStrictJson } from '../common/strict-json.ts';

/** Token ids around a text; several may end one, and models of others may have none. */
export interface TextBounds {
  readonly begin: number | undefined;
  readonly ends: readonly number[];
}

export function llamaConfiguration(
  size: ModelSize,
  bounds: TextBounds,
  type: 'float32' | 'float16' = 'float32',
): { readonly [key: string]: Json } {
  const { keyValueHeads, headSize, tied, normEpsilon, rotaryBase, rotaryScaling } = blockOf(size);
  const scaling = rotaryScaling && scalingFields(rotaryScaling);
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: size.vocabulary,
    hidden_size: size.width,
    intermediate_size: size.feedForward,
    num_hidden_layers: size.layers,
    num_attention_heads: size.heads,
    num_key_value_heads: keyValueHeads,
    head_dim: headSize,
    max_position_embeddings: size.variant?.positions ?? size.context,
    rms_norm_eps: normEpsilon,
    // Before its version 5 transformers reads the first two, since then the third.
    rope_theta: rotaryBase,
    rope_scaling: scaling ?? null,
    rope_parameters: { rope_theta: rotaryBase, rope_type: 'default', ...scaling },
    hidden_act: 'silu',
    attention_bias: false,
    mlp_bias: false,
    tie_word_embeddings: tied,
    ...boundFields(bounds),
    torch_dtype: type,
    dtype: type,
  };
}

/** The `generation_config.json` beside it: where a generation begins and ends. */
export function generationConfiguration(bounds: TextBounds): Json {
  return { _from_model_config: true, ...boundFields(bounds) };
}

function boundFields({ begin, ends }: TextBounds) {
  return {
    bos_token_id: begin ?? null,
    eos_token_id: ends.length > 1 ? [...ends] : (ends.at(0) ?? null),
  };
}

function scalingFields(scaling: RotaryScaling): { readonly [key: string]: Json } {
  if (scaling.kind === 'linear') return { rope_type: 'linear', factor: scaling.factor };
  return {
    rope_type: 'llama3',
    factor: scaling.factor,
    low_freq_factor: scaling.lowFrequencyFactor,
    high_freq_factor: scaling.highFrequencyFactor,
    original_max_position_embeddings: scaling.originalContext,
  };
}

/** Larger ones are mistakes or attacks: a product of two stays exact. */
const MOST = 2 ** 26;
const count = z.int().min(1).max(MOST);
const positive = z.number().positive();
const tokenId = z.int().min(0).max(MOST);
const rotaryFields = {
  rope_type: z.string().optional(),
  type: z.string().optional(),
  rope_theta: positive.optional(),
  factor: positive.optional(),
  low_freq_factor: positive.optional(),
  high_freq_factor: positive.optional(),
  original_max_position_embeddings: count.optional(),
};

/** What every model of the kind states, and what makes one that is not computed as the Llama block is. */
const configurationSchema = z.looseObject({
  model_type: z.literal('llama'),
  hidden_act: z.literal('silu').default('silu'),
  attention_bias: z.literal(false).nullish(),
  mlp_bias: z.literal(false).nullish(),
  quantization_config: z.null().optional(),
  partial_rotary_factor: z.literal(1).nullish(),
  vocab_size: count,
  hidden_size: count,
  intermediate_size: count,
  num_hidden_layers: z.int().min(1).max(1024),
  num_attention_heads: count,
  num_key_value_heads: count.nullish(),
  head_dim: count.nullish(),
  max_position_embeddings: count,
  rms_norm_eps: positive.default(1e-6),
  rope_theta: positive.nullish(),
  rope_scaling: z.looseObject(rotaryFields).nullish(),
  rope_parameters: z.looseObject(rotaryFields).nullish(),
  tie_word_embeddings: z.boolean().nullish(),
  bos_token_id: tokenId.nullish(),
  eos_token_id: z.union([tokenId, z.array(tokenId)]).nullish(),
});
type Configuration = z.infer<typeof configurationSchema>;

export interface LlamaModel {
  /** Without a variant where its block is that of the models that are trained here. */
  readonly size: ModelSize;
  readonly beginOfText: number | undefined;
  readonly endsOfText: readonly number[];
}

/**
 * Reads the text of a `config.json`; `path` is the file's, for errors.
 * @throws CorruptionError when it is no JSON, InputError with the field when the model is of another kind.
 */
export function parseLlamaConfiguration(text: string, path: string): LlamaModel {
  const parsed = configurationSchema.safeParse(jsonOf(text, path));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unsupported(path, `"${issue.path.join('.')}": ${issue.message}`);
  }
  const given = parsed.data;
  const variant = variantOf(given, path);
  const size: ModelSize = {
    layers: given.num_hidden_layers,
    width: given.hidden_size,
    heads: given.num_attention_heads,
    feedForward: given.intermediate_size,
    context: given.max_position_embeddings,
    vocabulary: given.vocab_size,
  };
  return {
    size: isOwnBlock(size, variant) ? size : { ...size, variant },
    beginOfText: given.bos_token_id ?? undefined,
    endsOfText: given.eos_token_id == null ? [] : [given.eos_token_id].flat(),
  };
}

function variantOf(given: Configuration, path: string): LlamaVariant {
  const heads = given.num_attention_heads;
  const keyValueHeads = given.num_key_value_heads ?? heads;
  const headSize = given.head_dim ?? given.hidden_size / heads;
  if (heads % keyValueHeads !== 0) {
    throw unsupported(path, `"num_key_value_heads": ${keyValueHeads} does not divide ${heads} heads`);
  }
  if (headSize % 2 !== 0) throw unsupported(path, `"head_dim": ${headSize} is not a whole, even number`);
  const rotary = { ...given.rope_scaling, ...given.rope_parameters };
  return {
    keyValueHeads,
    headSize,
    tied: given.tie_word_embeddings ?? false,
    normEpsilon: given.rms_norm_eps,
    rotaryBase: rotary.rope_theta ?? given.rope_theta ?? 10_000,
    ...rotaryScalingOf(rotary, path),
    vocabulary: given.vocab_size,
    positions: given.max_position_embeddings,
  };
}

function rotaryScalingOf(
  rotary: NonNullable<Configuration['rope_scaling']>,
  path: string,
): Pick<LlamaVariant, 'rotaryScaling'> {
  const kind = rotary.rope_type ?? rotary.type ?? 'default';
  const required = (key: keyof typeof rotaryFields): number => {
    const value = rotary[key];
    if (typeof value === 'number') return value;
    throw unsupported(path, `the rotary scaling "${kind}" has no "${key}"`);
  };
  if (kind === 'default') return {};
  if (kind === 'linear') return { rotaryScaling: { kind, factor: required('factor') } };
  if (kind !== 'llama3') {
    throw unsupported(path, `the rotary scaling "${kind}" is none of default, linear, llama3`);
  }
  const [low, high] = [required('low_freq_factor'), required('high_freq_factor')];
  if (low >= high) {
    throw unsupported(path, `"low_freq_factor": ${low} is not below "high_freq_factor": ${high}`);
  }
  return {
    rotaryScaling: {
      kind,
      factor: required('factor'),
      lowFrequencyFactor: low,
      highFrequencyFactor: high,
      originalContext: required('original_max_position_embeddings'),
    },
  };
}

function isOwnBlock(size: ModelSize, block: LlamaVariant): boolean {
  const own = blockOf(size);
  return (
    block.rotaryScaling === undefined &&
    block.keyValueHeads === own.keyValueHeads &&
    block.headSize === own.headSize &&
    block.tied === own.tied &&
    block.normEpsilon === own.normEpsilon &&
    block.rotaryBase === own.rotaryBase
  );
}

function jsonOf(text: string, path: string): unknown {
  try {
    return parseStrictJson(text);
  } catch (error) {
    throw new CorruptionError(
      `${path} is damaged: it is not JSON.`,
      'Copy or download the model again.',
      error,
    );
  }
}

function unsupported(path: string, what: string): InputError {
  return new InputError(
    `${path} describes a model that cannot be used: ${what}.`,
    'Use a Hugging Face folder of the Llama layout, without biases and not quantised.',
  );
}
