/**
 * The one transformer: the Llama block (RMSNorm, rotary positions, causal attention, SwiGLU, no biases), written once over
 * a parameterization. Exports stay plain Llama, so nothing is added that its readers do not know (no query-key norm, no
 * value residuals).
 */

import { blockOf, type ModelSize } from '../common/model-size.ts';
import {
  add,
  broadcast,
  causalAttention,
  constant,
  gather,
  linearCrossEntropy,
  matmul,
  multiply,
  reshape,
  rmsNorm,
  rotary,
  silu,
  transpose,
} from '../graph/build.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Parameterization } from './parameterization.ts';
import { rotaryAngles } from './rotary.ts';
import { EMBEDDING, FINAL_NORM, layerWeight, outputHead } from './size.ts';

/** A batch: `rows` sequences of `length` tokens. */
export interface BatchShape {
  readonly rows: number;
  readonly length: number;
  /** A zero: nothing of the batch is computed before it is there. */
  readonly after?: Tensor;
}

/** The last hidden states [rows * length, width] for token ids int32[rows * length]. */
export function hiddenStates(
  size: ModelSize,
  weights: Parameterization,
  ids: Tensor,
  batch: BatchShape,
): Tensor {
  const { normEpsilon } = blockOf(size);
  const angles = angleTables(size, batch.length);
  const embedded = gather(weights.weight(EMBEDDING), ids);
  let x = batch.after === undefined ? embedded : add(embedded, batch.after);
  for (let layer = 0; layer < size.layers; layer++) {
    const weight = (part: string) => weights.weight(layerWeight(layer, part));
    const product = (part: string, of: Tensor) => linear(weights, layerWeight(layer, part), of);
    const attended = attention(rmsNorm(x, weight('input_layernorm'), normEpsilon), product, size, {
      ...batch,
      ...angles,
    });
    x = add(x, attended);
    const transformed = feedForward(rmsNorm(x, weight('post_attention_layernorm'), normEpsilon), product);
    x = add(x, transformed);
  }
  return rmsNorm(x, weights.weight(FINAL_NORM), normEpsilon);
}

/** A text: int32[rows * length], with the next token of each in `targets`. */
export interface TokenBatch {
  readonly ids: Tensor;
  readonly targets: Tensor;
  readonly batch: BatchShape;
}

/** Negative log-likelihood, in nats, of each target: [rows * length]. */
export function tokenLosses(
  size: ModelSize,
  weights: Parameterization,
  { ids, targets, batch }: TokenBatch,
): Tensor {
  const hidden = hiddenStates(size, weights, ids, batch);
  return linearCrossEntropy(hidden, weights.weight(outputHead(size)), targets);
}

/** The product of a layer's matrix and rows. */
type LayerProduct = (part: string, x: Tensor) => Tensor;

/** y = x W^T for W [outputs, inputs], or with W [groups, outputs, inputs] for as many equal groups of rows. */
function linear(weights: Parameterization, name: string, x: Tensor): Tensor {
  if (weights.product !== undefined) return weights.product(name, x);
  const weight = weights.weight(name);
  if (weight.shape.length === 2) return matmul(x, weight, { transposeB: true });
  const [groups, outputs, inputs] = weight.shape;
  const [rows] = x.shape;
  const grouped = reshape(x, [groups, rows / groups, inputs]);
  return reshape(matmul(grouped, weight, { transposeB: true }), [rows, outputs]);
}

function attention(
  x: Tensor,
  product: LayerProduct,
  model: ModelSize,
  { rows, length, cosine, sine }: BatchShape & RotaryTables,
): Tensor {
  const { heads } = model;
  const { headSize, keyValueHeads } = blockOf(model);
  const split = (part: string, count: number) =>
    transpose(reshape(product(part, x), [rows, length, count, headSize]), [0, 2, 1, 3]);
  const shared = (of: Tensor) => repeatHeads(of, heads / keyValueHeads);
  const q = rotary(split('self_attn.q_proj', heads), cosine, sine);
  const k = shared(rotary(split('self_attn.k_proj', keyValueHeads), cosine, sine));
  const v = shared(split('self_attn.v_proj', keyValueHeads));
  const o = causalAttention(q, k, v, { scale: 1 / Math.sqrt(headSize), blocks: attentionBlocks(length) });
  const joined = reshape(transpose(o, [0, 2, 1, 3]), [rows * length, heads * headSize]);
  return product('self_attn.o_proj', joined);
}

/** Each head [rows, heads, length, size] for `times` heads of queries, one after the other (arXiv 2305.13245). */
function repeatHeads(x: Tensor, times: number): Tensor {
  if (times === 1) return x;
  const [rows, heads, length, size] = x.shape;
  const repeated = broadcast(reshape(x, [rows, heads, 1, length, size]), [rows, heads, times, length, size]);
  return reshape(repeated, [rows, heads * times, length, size]);
}

/** down(silu(gate(x)) * up(x)) (Shazeer 2020) */
function feedForward(x: Tensor, product: LayerProduct): Tensor {
  const gate = silu(product('mlp.gate_proj', x));
  const up = product('mlp.up_proj', x);
  return product('mlp.down_proj', multiply(gate, up));
}

/** Blocks of 64 rows save most of the masked half; shorter ones make the products too small. */
function attentionBlocks(length: number): number {
  return length % 64 === 0 ? length / 64 : 1;
}

interface RotaryTables {
  readonly cosine: Tensor;
  readonly sine: Tensor;
}

/** cos and sin of each position's angles: [length, size / 2]. */
function angleTables(model: ModelSize, length: number): RotaryTables {
  const angles = rotaryAngles(model, length);
  const shape = [length, angles.length / length];
  return {
    cosine: constant(Float32Array.from(angles, Math.cos), shape),
    sine: constant(Float32Array.from(angles, Math.sin), shape),
  };
}
