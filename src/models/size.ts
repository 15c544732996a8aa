/** The sizes of a model, and what follows from them: parameters and floating-point operations. */
import { blockOf, type ModelSize } from '../common/model-size.ts';
import { type Flops, flops } from '../common/units.ts';
import { type Shape, sizeOf } from '../graph/tensor.ts';

/** How a weight starts: normal with a standard deviation, or all ones (norms). */
export type Initialization = { readonly standardDeviation: number } | 'ones';

/**
 * What a tensor is for; optimizers treat them differently. Factors are those of low-rank corrections; slabs and
 * coefficients are what a projected network combines its matrices from.
 */
export type WeightRole = 'embedding' | 'matrix' | 'norm' | 'factor' | 'slabs' | 'coefficients';

export interface WeightSpecification {
  /** The Hugging Face Llama name. Matrices are [outputs, inputs], as there. */
  readonly name: string;
  readonly shape: Shape;
  readonly role: WeightRole;
  readonly initialization: Initialization;
}

export const EMBEDDING = 'model.embed_tokens.weight';
export const UNTIED_HEAD = 'lm_head.weight';
/** The matrix that turns the last hidden state into logits [vocabulary, width]: with tied embeddings the embedding. */
export const outputHead = (size: ModelSize): string => (blockOf(size).tied ? EMBEDDING : UNTIED_HEAD);
export const FINAL_NORM = 'model.norm.weight';
export const layerWeight = (layer: number, part: string): string => `model.layers.${layer}.${part}.weight`;

/**
 * Every weight of a model, in the order of the Hugging Face files. Matrices start with standard deviation
 * 0.4 / sqrt(inputs); those that write to the residual stream are divided by sqrt(2 layers) as in GPT-2.
 */
export function weightSpecifications(size: ModelSize): WeightSpecification[] {
  const { layers, width, heads, feedForward, vocabulary } = size;
  const { headSize, keyValueHeads, tied } = blockOf(size);
  const matrix = (name: string, outputs: number, inputs: number, scale = 1): WeightSpecification => ({
    name,
    shape: [outputs, inputs],
    role: 'matrix',
    initialization: { standardDeviation: (0.4 * scale) / Math.sqrt(inputs) },
  });
  const norm = (name: string): WeightSpecification => ({
    name,
    shape: [width],
    role: 'norm',
    initialization: 'ones',
  });
  const residual = 1 / Math.sqrt(2 * layers);
  const embedding = (name: string): WeightSpecification => ({
    name,
    shape: [vocabulary, width],
    role: 'embedding',
    initialization: { standardDeviation: 0.02 },
  });
  const weights: WeightSpecification[] = [embedding(EMBEDDING)];
  for (let layer = 0; layer < layers; layer++) {
    const named = (part: string) => layerWeight(layer, part);
    weights.push(
      norm(named('input_layernorm')),
      matrix(named('self_attn.q_proj'), heads * headSize, width),
      matrix(named('self_attn.k_proj'), keyValueHeads * headSize, width),
      matrix(named('self_attn.v_proj'), keyValueHeads * headSize, width),
      matrix(named('self_attn.o_proj'), width, heads * headSize, residual),
      norm(named('post_attention_layernorm')),
      matrix(named('mlp.gate_proj'), feedForward, width),
      matrix(named('mlp.up_proj'), feedForward, width),
      matrix(named('mlp.down_proj'), width, feedForward, residual),
    );
  }
  return [...weights, norm(FINAL_NORM), ...(tied ? [] : [embedding(UNTIED_HEAD)])];
}

/** The number of parameters; a tied embedding counts once. */
export function parameterCount(size: ModelSize): number {
  return weightSpecifications(size).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/**
 * Floating-point operations to predict one token, averaged over a full context: two for each weight of a matrix
 * product (the output head included, the embedding look-up not), and for attention four times the width of all heads for
 * each of the (context + 1) / 2 positions that a token sees on average. Element-wise work is not counted.
 */
export function inferenceFlopsPerToken(size: ModelSize): Flops {
  const { layers, heads, context } = size;
  const attention = layers * 4 * heads * blockOf(size).headSize * ((context + 1) / 2);
  return flops(2 * multipliedWeights(size) + attention);
}

/** Elements of all matrices that a token is multiplied with, the output head included. */
function multipliedWeights(size: ModelSize): number {
  const { layers, width, heads, feedForward, vocabulary } = size;
  const { headSize, keyValueHeads } = blockOf(size);
  const projections = 2 * (heads + keyValueHeads) * headSize * width;
  return layers * (projections + 3 * width * feedForward) + vocabulary * width;
}

/** Forward and backward: three times the forward pass (each product has two gradients of its own size). */
export function trainingFlopsPerToken(size: ModelSize): Flops {
  return flops(3 * inferenceFlopsPerToken(size));
}

/**
 * With low-rank factors of `factorElements` numbers beside frozen weights: these have no gradients of their own, and the
 * factors are products like any other.
 */
export function lowRankTrainingFlopsPerToken(size: ModelSize, factorElements: number): Flops {
  return flops(trainingFlopsPerToken(size) - 2 * multipliedWeights(size) + 6 * factorElements);
}
