/**
 * Where the transformer's weights come from. The forward pass asks a parameterization for each weight and does
 * not know whether it is stored (dense), a combination of slabs chosen by a cluster (projected network), or a
 * frozen matrix with a low-rank correction (LoRA, Hu et al. 2021). Every one ends as the same plain small model.
 */

import type { ModelSize } from '../common/model-size.ts';
import { Random } from '../common/random.ts';
import type { HostTensor } from '../engines/engine.ts';
import { add, input, matmul } from '../graph/build.ts';
import { type Shape, sizeOf, type Tensor } from '../graph/tensor.ts';
import { type WeightRole, type WeightSpecification, weightSpecifications } from './size.ts';

/** A tensor that training changes. */
export interface TrainableTensor {
  readonly name: string;
  readonly role: WeightRole;
  readonly tensor: Tensor;
}

export interface Parameterization {
  readonly trainable: readonly TrainableTensor[];
  /** The weight with this Hugging Face name, as the forward pass uses it. */
  weight(name: string): Tensor;
  /** x W^T for a matrix between the embeddings, where the weight need not be made for it. */
  product?(name: string, x: Tensor): Tensor;
  /** In how many groups a batch's rows are, where each has weights of its own. */
  readonly groups?: number;
  /** The weights as micro-batch `index` of `count` uses them, where these differ. */
  part?(index: number, count: number): Parameterization;
}

/** Every weight is a stored tensor, and all are trained. */
export function denseParameterization(size: ModelSize): Parameterization {
  const trainable = weightSpecifications(size).map(({ name, shape, role }) => ({
    name,
    role,
    tensor: input(name, shape, 'state'),
  }));
  return { trainable, weight: weightLookup(new Map(trainable.map(({ name, tensor }) => [name, tensor]))) };
}

/** The weights of a second model that is not trained, stored under `prefix` and their names. */
export function frozenParameterization(size: ModelSize, prefix: string): Parameterization {
  const weights = weightSpecifications(size).map(({ name, shape }): [string, Tensor] => [
    name,
    input(prefix + name, shape, 'state'),
  ]);
  return { trainable: [], weight: weightLookup(new Map(weights)) };
}

export interface LowRankSettings {
  readonly rank: number;
  /** The correction is multiplied by alpha / rank. */
  readonly alpha: number;
}

/**
 * Frozen weights; each matrix between the embeddings gets a trained correction (alpha / rank) B A. Rows go through the
 * factors beside the matrix: neither the corrected weight nor a gradient of its size is ever made.
 */
export function lowRankParameterization(size: ModelSize, settings: LowRankSettings): Parameterization {
  const trainable: TrainableTensor[] = [];
  const weights = new Map<string, Tensor>();
  const products = new Map<string, (x: Tensor) => Tensor>();
  const scale = settings.alpha / settings.rank;
  for (const specification of weightSpecifications(size)) {
    const frozen = input(specification.name, specification.shape, 'state');
    if (specification.role !== 'matrix') {
      weights.set(specification.name, frozen);
      continue;
    }
    const factors = lowRankFactors(specification, settings.rank).map(({ name, shape }) => ({
      name,
      role: 'factor' as const,
      tensor: input(name, shape, 'state'),
    }));
    trainable.push(...factors);
    const [a, b] = factors.map(({ tensor }) => tensor);
    weights.set(specification.name, add(frozen, matmul(b, a, { scale })));
    products.set(specification.name, (x) => {
      const correction = matmul(matmul(x, a, { transposeB: true }), b, { transposeB: true, scale });
      return add(matmul(x, frozen, { transposeB: true }), correction);
    });
  }
  return {
    trainable,
    weight: weightLookup(weights),
    product(name, x) {
      const product = products.get(name);
      if (product === undefined) throw new Error(`the model has no matrix ${name}`);
      return product(x);
    },
  };
}

/** A [rank, inputs] starts random and B [outputs, rank] at zero, so that the model starts as it was. */
export function lowRankFactors({ name, shape }: WeightSpecification, rank: number) {
  const [outputs, inputs] = shape;
  return [
    { name: `${name}.lora_A`, shape: [rank, inputs], standardDeviation: 1 / Math.sqrt(inputs) },
    { name: `${name}.lora_B`, shape: [outputs, rank], standardDeviation: 0 },
  ] as const;
}

/** Numbers in all factors. */
export function lowRankElements(size: ModelSize, rank: number): number {
  return weightSpecifications(size)
    .filter(({ role }) => role === 'matrix')
    .reduce((sum, { shape: [outputs, inputs] }) => sum + rank * (outputs + inputs), 0);
}

/** Random weights for training from scratch. */
export function initialWeights(size: ModelSize, seed: number): Record<string, HostTensor> {
  const random = Random.fromSeed(seed, 'weights');
  const entries = weightSpecifications(size).map(({ name, shape, initialization }): [string, HostTensor] => [
    name,
    initialization === 'ones'
      ? { shape, data: new Float32Array(sizeOf(shape)).fill(1) }
      : normalTensor(shape, initialization.standardDeviation, random),
  ]);
  return Object.fromEntries(entries);
}

/** Random low-rank factors for every matrix. */
export function initialLowRankFactors(
  size: ModelSize,
  rank: number,
  seed: number,
): Record<string, HostTensor> {
  const random = Random.fromSeed(seed, 'low-rank factors');
  const entries = weightSpecifications(size)
    .filter(({ role }) => role === 'matrix')
    .flatMap((specification) => lowRankFactors(specification, rank))
    .map(({ name, shape, standardDeviation }): [string, HostTensor] => [
      name,
      normalTensor(shape, standardDeviation, random),
    ]);
  return Object.fromEntries(entries);
}

export function normalTensor(shape: Shape, standardDeviation: number, random: Random): HostTensor {
  return {
    shape,
    data: Float32Array.from({ length: sizeOf(shape) }, () => standardDeviation * random.normal()),
  };
}

/** Weights by name. */
export function weightLookup(weights: ReadonlyMap<string, Tensor>): Parameterization['weight'] {
  return (name) => {
    const tensor = weights.get(name);
    if (tensor === undefined) throw new Error(`the model has no weight ${name}`);
    return tensor;
  };
}
