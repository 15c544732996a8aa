/**
 * The one transformer: the Llama block (RMSNorm, rotary positions, causal attention, SwiGLU, no biases, tied
 * embeddings), written once over a parameterization. Exports stay plain Llama, so nothing is added that its
 * readers do not know (no query-key norm, no value residuals).
 */

import type { ModelSize } from '../common/model-size.ts';
import {
  add,
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
import { EMBEDDING, FINAL_NORM, layerWeight } from './size.ts';

export const NORM_EPSILON = 1e-5;
export const ROTARY_BASE = 10000;

/** A batch: `rows` sequences of `length` tokens. */
export interface BatchShape {
  readonly rows: number;
  readonly length: number;
}

/** The last hidden states [rows * length, width] for token ids int32[rows * length]. */
export function hiddenStates(
  size: ModelSize,
  weights: Parameterization,
  ids: Tensor,
  batch: BatchShape,
): Tensor {
  const angles = rotaryAngles(size, batch.length);
  let x = gather(weights.weight(EMBEDDING), ids);
  for (let layer = 0; layer < size.layers; layer++) {
    const weight = (part: string) => weights.weight(layerWeight(layer, part));
    const attended = attention(rmsNorm(x, weight('input_layernorm'), NORM_EPSILON), weight, size, {
      ...batch,
      ...angles,
    });
    x = add(x, attended);
    const transformed = feedForward(rmsNorm(x, weight('post_attention_layernorm'), NORM_EPSILON), weight);
    x = add(x, transformed);
  }
  return rmsNorm(x, weights.weight(FINAL_NORM), NORM_EPSILON);
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
  return linearCrossEntropy(hidden, weights.weight(EMBEDDING), targets);
}

type LayerWeight = (part: string) => Tensor;

/** y = x W^T for W [outputs, inputs], or with W [groups, outputs, inputs] for as many equal groups of rows. */
function linear(x: Tensor, weight: Tensor): Tensor {
  if (weight.shape.length === 2) return matmul(x, weight, { transposeB: true });
  const [groups, outputs, inputs] = weight.shape;
  const [rows] = x.shape;
  const grouped = reshape(x, [groups, rows / groups, inputs]);
  return reshape(matmul(grouped, weight, { transposeB: true }), [rows, outputs]);
}

function attention(
  x: Tensor,
  weight: LayerWeight,
  { width, heads }: ModelSize,
  { rows, length, cosine, sine }: BatchShape & RotaryAngles,
): Tensor {
  const size = width / heads;
  const split = (part: string) =>
    transpose(reshape(linear(x, weight(part)), [rows, length, heads, size]), [0, 2, 1, 3]);
  const q = rotary(split('self_attn.q_proj'), cosine, sine);
  const k = rotary(split('self_attn.k_proj'), cosine, sine);
  const v = split('self_attn.v_proj');
  const o = causalAttention(q, k, v, { scale: 1 / Math.sqrt(size), blocks: attentionBlocks(length) });
  const joined = reshape(transpose(o, [0, 2, 1, 3]), [rows * length, width]);
  return linear(joined, weight('self_attn.o_proj'));
}

/** down(silu(gate(x)) * up(x)) (Shazeer 2020) */
function feedForward(x: Tensor, weight: LayerWeight): Tensor {
  const gate = silu(linear(x, weight('mlp.gate_proj')));
  const up = linear(x, weight('mlp.up_proj'));
  return linear(multiply(gate, up), weight('mlp.down_proj'));
}

/** Blocks of 64 rows save most of the masked half; shorter ones make the products too small. */
function attentionBlocks(length: number): number {
  return length % 64 === 0 ? length / 64 : 1;
}

interface RotaryAngles {
  readonly cosine: Tensor;
  readonly sine: Tensor;
}

/** cos and sin of position * base^(-2i / size): [length, size / 2]. */
function rotaryAngles({ width, heads }: ModelSize, length: number): RotaryAngles {
  const half = width / heads / 2;
  const angles = Float64Array.from({ length: length * half }, (_, at) => {
    const [position, i] = [Math.floor(at / half), at % half];
    return position * ROTARY_BASE ** (-i / half);
  });
  return {
    cosine: constant(Float32Array.from(angles, Math.cos), [length, half]),
    sine: constant(Float32Array.from(angles, Math.sin), [length, half]),
  };
}
