/**
 * The projected network (section 2.5): k experts, one for each cluster, that are trained jointly and share everything
 * but their feed-forward matrices. Matrix l of expert i is a combination of h slabs,
 *
 *     W^(l,i) = sum_q sum_r E_iq M^(l)_qr T^(l)_r     (E [k, m] for all layers, M^(l) [m, h], T^(l) [h, outputs, inputs])
 *
 * so that an expert costs m numbers and a deployed one is a plain small model. A batch holds groups of equal numbers
 * of rows, each of one cluster; the weights of all groups are computed together.
 *
 * The paper gives neither h and m nor how E, M and T start; both are ours here. An expert starts with the coefficients
 * (c, s u) of its slabs, c^2 + s^2 = 1 and |u| near 1: slab 0 is common to all and trained by all, u differs.
 */

import type { ModelSize } from '../common/model-size.ts';
import { Random } from '../common/random.ts';
import { type Flops, flops } from '../common/units.ts';
import type { HostTensor } from '../engines/engine.ts';
import { constant, gather, input, matmul, reshape, slice } from '../graph/build.ts';
import { type Shape, sizeOf, type Tensor } from '../graph/tensor.ts';
import { initialWeights, normalTensor, type Parameterization, weightLookup } from './parameterization.ts';
import {
  trainingFlopsPerToken,
  type WeightRole,
  type WeightSpecification,
  weightSpecifications,
} from './size.ts';

export interface ProjectionShape {
  /** k: one expert for each cluster. */
  readonly experts: number;
  /** h: weight matrices that each projected matrix is a combination of. */
  readonly slabs: number;
  /** m: numbers that belong to one expert alone. */
  readonly expertWidth: number;
}

/** The tensor E [experts, expertWidth]. */
export const EXPERTS = 'projection.experts';
/** The tensors T [slabs, outputs, inputs] and M [expertWidth, slabs] of a projected matrix. */
export const slabsName = (weight: string): string => weight.replace(/\.weight$/, '.slabs');
export const mixingName = (weight: string): string => weight.replace(/\.weight$/, '.mixing');

/** c^2: the share of a starting weight's variance that all experts have in common (docs/decisions/projected-network.md). */
const COMMON_SHARE = 0.9;

const isProjected = ({ name }: WeightSpecification): boolean => name.includes('.mlp.');

interface StoredTensor {
  readonly name: string;
  readonly shape: Shape;
  readonly role: WeightRole;
}

/** Every tensor of the network, in the order of the plain model's weights, E last. */
function storedTensors(size: ModelSize, { experts, slabs, expertWidth }: ProjectionShape): StoredTensor[] {
  const stored = weightSpecifications(size).flatMap((specification): StoredTensor[] => {
    const { name, shape, role } = specification;
    if (!isProjected(specification)) return [{ name, shape, role }];
    return [
      { name: slabsName(name), shape: [slabs, ...shape], role: 'slabs' },
      { name: mixingName(name), shape: [expertWidth, slabs], role: 'coefficients' },
    ];
  });
  return [...stored, { name: EXPERTS, shape: [experts, expertWidth], role: 'coefficients' }];
}

/**
 * The network on a batch of `groups` groups; batch input `clusters` int32[groups], their clusters in the order of the
 * rows. Groups and micro-batches go together when one number divides the other: a micro-batch has either several
 * whole groups or a part of one.
 *
 * The last `blended` groups have vectors between that of their cluster and the mean of the batch's, up to that mean itself, so
 * that what lies between the experts is trained too, as Soup-of-Experts does with random mixtures (arXiv 2502.01804).
 */
export function projectedParameterization(
  size: ModelSize,
  shape: ProjectionShape,
  groups: number,
  blended = 0,
): Parameterization {
  const trainable = storedTensors(size, shape).map(({ name, shape: own, role }) => ({
    name,
    role,
    tensor: input(name, own, 'state'),
  }));
  const stored = weightLookup(new Map(trainable.map(({ name, tensor }) => [name, tensor])));
  const own = gather(stored(EXPERTS), input('clusters', [groups], 'batch', 'int32'));
  const coefficients = blended === 0 ? own : matmul(blend(groups, blended), own);
  const parts = new Map<string, Parameterization>();
  /** Micro-batches of the same groups share the weights, so that these are computed once. */
  const part = (index: number, count: number): Parameterization => {
    const [first, end] = groupRange(groups, index, count);
    const key = `${first}-${end}`;
    const known = parts.get(key);
    if (known !== undefined) return known;
    const weight = weightLookup(projectedWeights(size, stored, slice(coefficients, 0, first, end)));
    const made = { trainable, weight };
    parts.set(key, made);
    return made;
  };
  return { trainable, weight: part(0, 1).weight, groups, part };
}

/** [groups, groups]: rows that sum to one, of the identity and for the last groups ever more of the mean. */
function blend(groups: number, blended: number): Tensor {
  const values = new Float32Array(groups * groups);
  for (let group = 0; group < groups; group++) {
    const share = Math.max(0, group + 1 - (groups - blended)) / blended;
    for (let other = 0; other < groups; other++)
      values[group * groups + other] = share / groups + (other === group ? 1 - share : 0);
  }
  return constant(values, [groups, groups]);
}

function groupRange(groups: number, index: number, count: number): [number, number] {
  if (groups % count === 0) return [(index * groups) / count, ((index + 1) * groups) / count];
  if (count % groups !== 0) {
    throw new RangeError(`${groups} groups and ${count} micro-batches: neither number divides the other.`);
  }
  const group = Math.floor((index * groups) / count);
  return [group, group + 1];
}

/**
 * The network as a plain model for one expert vector, batch input `expert` [1, expertWidth]; nothing of it is trained, and its
 * own experts E are not read.
 */
export function expertParameterization(size: ModelSize, shape: ProjectionShape): Parameterization {
  const stored = storedTensors(size, shape)
    .filter(({ name }) => name !== EXPERTS)
    .map(({ name, shape: own }): [string, Tensor] => [name, input(name, own, 'state')]);
  const expert = input('expert', [1, shape.expertWidth], 'batch');
  const weight = weightLookup(projectedWeights(size, weightLookup(new Map(stored)), expert));
  return { trainable: [{ name: 'expert', role: 'coefficients', tensor: expert }], weight, groups: 1 };
}

/** The weights for expert vectors [groups, expertWidth]: [groups, outputs, inputs] where projected. */
function projectedWeights(
  size: ModelSize,
  stored: Parameterization['weight'],
  experts: Tensor,
): Map<string, Tensor> {
  const [groups] = experts.shape;
  return new Map(
    weightSpecifications(size).map((specification) => {
      const { name, shape } = specification;
      if (!isProjected(specification)) return [name, stored(name)];
      const alpha = matmul(experts, stored(mixingName(name)));
      const slabs = stored(slabsName(name));
      const flat = matmul(alpha, reshape(slabs, [slabs.shape[0], sizeOf(shape)]));
      return [name, reshape(flat, [groups, ...shape])];
    }),
  );
}

/**
 * What training begins with. From scratch, random tensors: a projected matrix starts with the standard deviation of the
 * plain model's (in the mean over experts). A model that was given is the common slab, and the others are zero: every
 * expert begins as that model, and differs by what it learns.
 */
export function initialProjectedWeights(
  size: ModelSize,
  shape: ProjectionShape,
  seed: number,
  given?: Readonly<Record<string, HostTensor>>,
  commonShare = given === undefined ? COMMON_SHARE : 1,
): Record<string, HostTensor> {
  const random = Random.fromSeed(seed, 'projected weights');
  const plain = given ?? initialWeights(size, seed);
  const tensors: Record<string, HostTensor> = { [EXPERTS]: initialExperts(shape, random) };
  for (const specification of weightSpecifications(size)) {
    const { name, initialization } = specification;
    if (!isProjected(specification) || initialization === 'ones') {
      tensors[name] = plain[name];
      continue;
    }
    const slabs = [shape.slabs, ...specification.shape];
    tensors[slabsName(name)] =
      given === undefined
        ? normalTensor(slabs, initialization.standardDeviation, random)
        : commonSlab(given[name], slabs);
    tensors[mixingName(name)] = initialMixing(shape, commonShare, random);
  }
  return tensors;
}

function commonSlab({ data }: HostTensor, shape: Shape): HostTensor {
  const slabs = new Float32Array(sizeOf(shape));
  slabs.set(data);
  return { shape, data: slabs };
}

/** E_i = (1, v_i), v_i a random unit vector. */
function initialExperts({ experts, expertWidth }: ProjectionShape, random: Random): HostTensor {
  const tensor = normalTensor([experts, expertWidth], 1, random);
  for (let i = 0; i < experts; i++) {
    const row = tensor.data.subarray(i * expertWidth, (i + 1) * expertWidth);
    const own = row.subarray(1);
    const norm = Math.sqrt(own.reduce((sum, x) => sum + x * x, 0));
    row.set(
      own.map((x) => x / norm),
      1,
    );
    row[0] = 1;
  }
  return tensor;
}

/**
 * The first row is (c, 0, ...), the others are (0, s z / sqrt(h - 1)), c^2 the common share: only the common slab when h or
 * m is 1. `s` is that of training from scratch, also where c is 1.
 */
function initialMixing(
  { slabs, expertWidth }: ProjectionShape,
  commonShare: number,
  random: Random,
): HostTensor {
  const hasOwn = slabs > 1 && expertWidth > 1;
  const own = Math.sqrt((1 - Math.min(commonShare, COMMON_SHARE)) / Math.max(1, slabs - 1));
  const tensor = normalTensor([expertWidth, slabs], own, random);
  for (let q = 0; q < expertWidth; q++) tensor.data[q * slabs] = 0;
  tensor.data.fill(0, 0, slabs);
  tensor.data[0] = hasOwn ? Math.sqrt(commonShare) : 1;
  return tensor;
}

/**
 * The vector for a mixture of clusters, `mixture` [experts]: that of one expert (hard, the paper's) when all but one of its
 * values are zero, and for a whole histogram P(i | domain) sum_i P(i | domain) E_i (soft, as in Soup-of-Experts, arXiv
 * 2502.01804).
 */
export function expertVector(
  { experts }: ProjectionShape,
  state: Readonly<Record<string, HostTensor>>,
  mixture: Float32Array,
): Float64Array {
  if (mixture.length !== experts) {
    throw new RangeError(`A mixture of ${mixture.length} clusters does not fit ${experts} experts.`);
  }
  return combine(mixture, state[EXPERTS].data);
}

/** The plain small model of an expert vector [expertWidth]. */
export function projectWeights(
  size: ModelSize,
  state: Readonly<Record<string, HostTensor>>,
  expert: Float64Array,
): Record<string, HostTensor> {
  const entries = weightSpecifications(size).map((specification): [string, HostTensor] => {
    const { name, shape: own } = specification;
    if (!isProjected(specification)) return [name, state[name]];
    const alpha = combine(expert, state[mixingName(name)].data);
    const data = Float32Array.from(combine(alpha, state[slabsName(name)].data));
    return [name, { shape: own, data }];
  });
  return Object.fromEntries(entries);
}

/** Of projecting: two operations for each element of E, of every M and of every slab. */
export function projectionFlops(size: ModelSize, shape: ProjectionShape): number {
  const { experts, slabs, expertWidth } = shape;
  const matrices = weightSpecifications(size).filter(isProjected);
  const elements = matrices.reduce((sum, { shape: own }) => sum + slabs * (expertWidth + sizeOf(own)), 0);
  return 2 * (experts * expertWidth + elements);
}

/** sum_i weights[i] rows[i], in float64. */
function combine(weights: ArrayLike<number>, rows: HostTensor['data']): Float64Array {
  const width = rows.length / weights.length;
  const sum = new Float64Array(width);
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue;
    for (let j = 0; j < width; j++) sum[j] += weights[i] * rows[i * width + j];
  }
  return sum;
}

/** All parameters of the network; a projected model has as many as the plain one. */
export function projectedParameterCount(size: ModelSize, shape: ProjectionShape): number {
  return storedTensors(size, shape).reduce((sum, { shape: own }) => sum + sizeOf(own), 0);
}

/**
 * Training one token: the plain model's work, and its share of building the weights of every group, forward and
 * backward (three times two operations for each slab's and each mixing's element, once a group and batch).
 */
export function projectedTrainingFlopsPerToken(
  size: ModelSize,
  { slabs, expertWidth }: ProjectionShape,
  batch: { readonly groups: number; readonly tokens: number },
): Flops {
  const elements = weightSpecifications(size)
    .filter(isProjected)
    .reduce((sum, { shape }) => sum + slabs * sizeOf(shape) + expertWidth * slabs, 0);
  return flops(trainingFlopsPerToken(size) + (6 * elements * batch.groups) / batch.tokens);
}
