/**
 * The Llama block as an ONNX graph that keeps keys and values of the tokens it has seen, so that each token is computed
 * once: what generation runs here, and what an export writes for `@huggingface/transformers`, whose names for inputs and
 * outputs it has. The operators are those of exported models on the Hugging Face hub (ONNX Runtime's own
 * GroupQueryAttention rotates queries and keys and masks by itself).
 *
 * Weights keep their Hugging Face names and layout; ONNX Runtime joins and packs them once, when it loads the
 * graph. GroupQueryAttention rotates only heads of a multiple of 16; others are filled up with zeros, in the graph and
 * its caches.
 *
 * One text at a time: GroupQueryAttention takes the tokens of a mask to stand at its beginning, so that a batch
 * padded on the left is not computed right.
 */
import { blockOf, type ModelSize } from '../common/model-size.ts';
import type { HostTensor } from '../engines/engine.ts';
import type {
  AttributeValue,
  OnnxConstant,
  OnnxGraph,
  OnnxNode,
  OnnxValue,
} from '../engines/onnxruntime/onnx.ts';
import { rotaryAngles } from '../models/rotary.ts';
import { EMBEDDING, FINAL_NORM, layerWeight, outputHead, weightSpecifications } from '../models/size.ts';

interface CacheNames {
  /** Of the input. */
  readonly past: string;
  /** Of the output. */
  readonly present: string;
}

/** Of all layers, one after the other. */
export function allCaches(layers: number): readonly CacheNames[] {
  return Array.from({ length: layers }, (_, layer) => cacheNames(layer)).flat();
}

/** The caches of a layer: keys and values. */
function cacheNames(layer: number): readonly [CacheNames, CacheNames] {
  const named = (part: string): CacheNames => ({
    past: `past_key_values.${layer}.${part}`,
    present: `present.${layer}.${part}`,
  });
  return [named('key'), named('value')];
}

/**
 * What comes out beside the logits: the whole caches with the new tokens in them (`present`, what other programs read), or
 * one tensor of the new tokens' keys and values alone, for who keeps the caches.
 */
export type CacheOutput = 'present' | 'new';

/** The name of that tensor: [2 layers, key-value heads, new, head size], each layer's keys before its values. */
export const NEW_ROWS = 'new_keys_values';

/**
 * Inputs: `input_ids` int64[batch, new]; `attention_mask` int64[batch, past + new], all ones; `num_logits_to_keep`
 * int64[], for how many last positions there are logits (0: all); and for each layer N `past_key_values.N.key` and
 * `.value` [batch, key-value heads, past, head size], which may be longer than what the mask counts. Outputs: `logits`
 * [batch, kept, vocabulary], and the caches with the new tokens in them, `present.N.key` and `.value`, or `NEW_ROWS`.
 */
export function llamaOnnxGraph(
  size: ModelSize,
  weights: Readonly<Record<string, HostTensor>>,
  output: CacheOutput,
): OnnxGraph {
  const writer = new GraphWriter();
  const epsilon = { float: blockOf(size).normEpsilon };
  const lengths = cacheLengths(writer);
  let residual = writer.add('Gather', [EMBEDDING, 'input_ids'], { axis: 0 });
  let normed = writer.add('SimplifiedLayerNormalization', [residual, layerWeight(0, 'input_layernorm')], {
    axis: -1,
    epsilon,
  });
  const addAndNorm = (added: string, weight: string): void => {
    const [sum, result] = [writer.name(), writer.name()];
    writer.contrib('SkipSimplifiedLayerNormalization', [residual, added, weight], [result, '', '', sum], {
      epsilon,
    });
    [residual, normed] = [sum, result];
  };
  for (let layer = 0; layer < size.layers; layer++) {
    addAndNorm(
      attention(writer, size, layer, normed, lengths),
      layerWeight(layer, 'post_attention_layernorm'),
    );
    const isLast = layer + 1 === size.layers;
    addAndNorm(
      feedForward(writer, layer, normed),
      isLast ? FINAL_NORM : layerWeight(layer + 1, 'input_layernorm'),
    );
  }
  writer.contrib('FusedMatMul', [lastPositions(writer, normed), outputHead(size)], ['logits'], { transB: 1 });
  if (output === 'new') newRows(writer, size);
  return {
    name: 'llama',
    nodes: writer.nodes,
    constants: [...writer.constants, ...rotaryTables(size), ...weightConstants(size, weights)],
    inputs: graphInputs(size),
    outputs: graphOutputs(size, output),
  };
}

interface CacheLengths {
  /** int32[batch]: the index of each text's last token. */
  readonly last: string;
  /** int32[1]: how many tokens the longest has. */
  readonly total: string;
}

function cacheLengths(writer: GraphWriter): CacheLengths {
  const narrowed = (name: string): string => writer.add('Cast', [name], { to: INT32 });
  const counts = writer.add('ReduceSum', ['attention_mask', writer.integers([1])], { keepdims: 0 });
  return {
    last: narrowed(writer.add('Sub', [counts, writer.integers([1])])),
    total: narrowed(writer.add('Shape', ['attention_mask'], { start: 1, end: 2 })),
  };
}

function attention(
  writer: GraphWriter,
  size: ModelSize,
  layer: number,
  x: string,
  { last, total }: CacheLengths,
): string {
  const { keyValueHeads, headSize } = blockOf(size);
  const weight = (part: string, heads: number): string => {
    const name = layerWeight(layer, `self_attn.${part}_proj`);
    return headSize === cachedHeadSize(size) ? name : filledUp(writer, name, size, heads);
  };
  const parts = [weight('q', size.heads), weight('k', keyValueHeads), weight('v', keyValueHeads)];
  const packed = linear(writer, x, writer.add('Concat', parts, { axis: 0 }));
  const [key, value] = cacheNames(layer);
  const attended = writer.name();
  writer.contrib(
    'GroupQueryAttention',
    [packed, '', '', key.past, value.past, last, total, COSINE, SINE],
    [attended, key.present, value.present],
    {
      num_heads: size.heads,
      kv_num_heads: keyValueHeads,
      scale: { float: 1 / Math.sqrt(headSize) },
      do_rotary: 1,
      rotary_interleaved: 0,
    },
  );
  return linear(writer, attended, weight('o', size.heads));
}

/** Of keys and values in the caches. */
export function cachedHeadSize(size: ModelSize): number {
  return Math.ceil(blockOf(size).headSize / 16) * 16;
}

/** A projection to or from heads, with zeros behind both halves of each head, so that rotated pairs stay pairs. */
function filledUp(writer: GraphWriter, weight: string, { width, ...size }: ModelSize, heads: number): string {
  const isOutput = weight.includes('o_proj');
  const half = blockOf({ width, ...size }).headSize / 2;
  const cached = cachedHeadSize({ width, ...size });
  const split = isOutput ? [width, heads * 2, half] : [heads * 2, half, width];
  const joined = isOutput ? [width, heads * cached] : [heads * cached, width];
  const behind = isOutput ? [0, 0, cached / 2 - half] : [0, cached / 2 - half, 0];
  const halves = writer.add('Reshape', [weight, writer.integers(split)]);
  const filled = writer.add('Pad', [halves, writer.integers([0, 0, 0, ...behind])]);
  return writer.add('Reshape', [filled, writer.integers(joined)]);
}

/** down(silu(gate(x)) * up(x)); with alpha 1 QuickGelu is SiLU. */
function feedForward(writer: GraphWriter, layer: number, x: string): string {
  const gate = writer.name();
  const projected = linear(writer, x, layerWeight(layer, 'mlp.gate_proj'));
  writer.contrib('QuickGelu', [projected], [gate], { alpha: { float: 1 } });
  const up = linear(writer, x, layerWeight(layer, 'mlp.up_proj'));
  return linear(writer, writer.add('Mul', [gate, up]), layerWeight(layer, 'mlp.down_proj'));
}

/** The rows of all caches that came last, in one tensor. */
function newRows(writer: GraphWriter, { layers }: ModelSize): void {
  const total = writer.add('Shape', ['attention_mask'], { start: 1, end: 2 });
  const start = writer.add('Sub', [total, writer.add('Shape', ['input_ids'], { start: 1, end: 2 })]);
  const axis = writer.integers([2]);
  const rows = allCaches(layers).map(({ present }) => writer.add('Slice', [present, start, total, axis]));
  writer.node('Concat', rows, [NEW_ROWS], { axis: 0 });
}

/** x W^T for a weight [outputs, inputs]. */
function linear(writer: GraphWriter, x: string, weight: string): string {
  const product = writer.name();
  writer.contrib('FusedMatMul', [x, weight], [product], { transB: 1 });
  return product;
}

/** The last `num_logits_to_keep` positions; from -0 on for 0, which is all of them. */
function lastPositions(writer: GraphWriter, x: string): string {
  const start = writer.add('Neg', [writer.add('Reshape', ['num_logits_to_keep', writer.integers([1])])]);
  return writer.add('Slice', [x, start, writer.integers([Number.MAX_SAFE_INTEGER]), writer.integers([1])]);
}

const COSINE = 'rotary.cosine';
const SINE = 'rotary.sine';

function rotaryTables(size: ModelSize): OnnxConstant[] {
  const angles = rotaryAngles(size, size.context);
  const [own, cached] = [angles.length / size.context, cachedHeadSize(size) / 2];
  const table = (name: string, of: (angle: number) => number): OnnxConstant => {
    const data = new Float32Array(size.context * cached);
    for (const [at, angle] of angles.entries()) {
      data[Math.floor(at / own) * cached + (at % own)] = of(angle);
    }
    return { name, shape: [size.context, cached], data };
  };
  return [table(COSINE, Math.cos), table(SINE, Math.sin)];
}

function weightConstants(size: ModelSize, weights: Readonly<Record<string, HostTensor>>): OnnxConstant[] {
  return weightSpecifications(size).map(({ name, shape }) => ({ name, shape, data: weights[name].data }));
}

function graphInputs(size: ModelSize): OnnxValue[] {
  return [
    { name: 'input_ids', dtype: 'int64', shape: ['batch_size', 'sequence_length'] },
    { name: 'attention_mask', dtype: 'int64', shape: ['batch_size', 'total_sequence_length'] },
    { name: 'num_logits_to_keep', dtype: 'int64', shape: [] },
    ...cacheValues(size, 'past', 'past_sequence_length'),
  ];
}

function graphOutputs(size: ModelSize, output: CacheOutput): OnnxValue[] {
  const logits: OnnxValue = {
    name: 'logits',
    dtype: 'float32',
    shape: ['batch_size', 'kept_length', size.vocabulary],
  };
  if (output === 'present') return [logits, ...cacheValues(size, 'present', 'total_sequence_length')];
  return [logits, { name: NEW_ROWS, dtype: 'float32' }];
}

/** Readers make an empty cache from these shapes: all but batch and length are numbers. */
function cacheValues(size: ModelSize, kind: keyof CacheNames, length: string): OnnxValue[] {
  const { keyValueHeads } = blockOf(size);
  return allCaches(size.layers).map((names) => ({
    name: names[kind],
    dtype: 'float32',
    shape: ['batch_size', keyValueHeads, length, cachedHeadSize(size)],
  }));
}

/** Of the element type in ONNX. */
const INT32 = 6;

/** Collects nodes and constants, and gives what stands between them names. */
class GraphWriter {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxConstant[] = [];
  #names = 0;

  name(): string {
    this.#names += 1;
    return `value.${this.#names}`;
  }

  /** A node with one output; the output's name. */
  add(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): string {
    const output = this.name();
    this.node(type, inputs, [output], attributes);
    return output;
  }

  node(
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): void {
    this.nodes.push({ type, inputs, outputs, attributes });
  }

  /** One of ONNX Runtime's own operators. */
  contrib(
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>>,
  ): void {
    this.nodes.push({ type, inputs, outputs, attributes, domain: 'com.microsoft' });
  }

  integers(values: readonly number[]): string {
    const name = this.name();
    this.constants.push({ name, shape: [values.length], data: BigInt64Array.from(values, BigInt) });
    return name;
  }
}
