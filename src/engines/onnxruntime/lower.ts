/**
 * From a step program's graph to an ONNX graph: one entry an operation in `table`, and a few fusions that ONNX Runtime's CPU
 * kernels reward. A provider that lacks a kernel has its own entries for these operations in its `LoweringRules`.
 */
import { optimize, topologicalOrder } from '../../graph/passes.ts';
import {
  type Node,
  type OperationName,
  type Shape,
  sameShape,
  sizeOf,
  type Tensor,
} from '../../graph/tensor.ts';
import type { Program } from '../engine.ts';
import type { AttributeValue, OnnxConstant, OnnxGraph, OnnxNode } from './onnx.ts';

/** Composite operations for which ONNX Runtime has one kernel, on the CPU and on GPUs. */
export const NATIVE: ReadonlySet<OperationName> = new Set(['silu', 'rmsNorm', 'rotary']);

export interface Lowered {
  readonly graph: OnnxGraph;
  /** Outputs' ONNX names by state name and by metric name. */
  readonly updates: ReadonlyMap<string, string>;
  readonly metrics: ReadonlyMap<string, string>;
  readonly inputs: readonly Node<'input'>[];
  readonly roots: readonly Tensor[];
}

/** How a provider's graphs differ from the CPU's. */
export interface LoweringRules {
  readonly table: Partial<LoweringTable>;
}

export const CPU_RULES: LoweringRules = { table: {} };

export function lower(program: Program, rules: LoweringRules = CPU_RULES): Lowered {
  const updates = Object.entries(program.updates);
  const metrics = Object.entries(program.metrics);
  const roots = optimize(
    [...updates, ...metrics].map(([, tensor]) => tensor),
    NATIVE,
  );
  const order = topologicalOrder(roots);
  const lowering = new Lowering(order, roots, rules);
  for (const tensor of order) lowering.emit(tensor);
  const outputs = [...updates, ...metrics].map(([name], i) => {
    const output = `${i < updates.length ? 'state' : 'metric'}:${name}:out`;
    lowering.addNode('Identity', [lowering.nameOf(roots[i])], undefined, { output });
    return { name: output, shape: roots[i].shape, dtype: roots[i].dtype };
  });
  const inputs = order.filter((tensor): tensor is Node<'input'> => tensor.operation === 'input');
  return {
    graph: {
      name: program.name,
      nodes: lowering.nodes,
      constants: lowering.constants,
      inputs: inputs.map(({ attributes: { name, shape, dtype } }) => ({ name, shape, dtype })),
      outputs,
    },
    updates: new Map(updates.map(([name], i) => [name, outputs[i].name])),
    metrics: new Map(metrics.map(([name], i) => [name, outputs[updates.length + i].name])),
    inputs,
    roots,
  };
}

/** What a node's operator and inputs do not say. */
interface NodeOptions {
  /** The name of its output; absent, one that no other has. */
  readonly output?: string;
  /** The set of operators that its type is of; absent, ONNX's own. */
  readonly domain?: string;
}

export class Lowering {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxConstant[] = [];
  readonly #names = new Map<Tensor, string>();
  readonly #axes = new Map<string, string>();
  readonly #uses = new Map<Tensor, number>();
  readonly #rules: LoweringRules;

  constructor(order: readonly Tensor[], roots: readonly Tensor[], rules: LoweringRules) {
    this.#rules = rules;
    for (const tensor of [...order.flatMap(({ inputs }) => inputs), ...roots]) {
      this.#uses.set(tensor, (this.#uses.get(tensor) ?? 0) + 1);
    }
  }

  /** Adds the nodes for a tensor, unless they were added already, and returns its name in the ONNX graph. */
  nameOf(tensor: Tensor): string {
    let name = this.#names.get(tensor);
    if (name === undefined) {
      name = lowerNode(tensor, this, this.#rules);
      this.#names.set(tensor, name);
    }
    return name;
  }

  emit(tensor: Tensor): void {
    if (!this.#isLeftToItsUser(tensor)) this.nameOf(tensor);
  }

  addNode(
    type: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, AttributeValue>>,
    { output = `t${this.nodes.length}`, domain }: NodeOptions = {},
  ): string {
    this.nodes.push({ type, inputs, outputs: [output], attributes, domain });
    return output;
  }

  addConstant(data: OnnxConstant['data'], shape: Shape): string {
    const name = `c${this.constants.length}`;
    this.constants.push({ name, shape, data });
    return name;
  }

  /** The name of an int64 vector, as shapes and axes are given in ONNX. */
  integers(values: readonly number[]): string {
    const key = values.join(',');
    let name = this.#axes.get(key);
    if (name === undefined) {
      name = this.addConstant(BigInt64Array.from(values, BigInt), [values.length]);
      this.#axes.set(key, name);
    }
    return name;
  }

  /** A matrix product that only one sum uses can be computed by that sum's Gemm. */
  fusesIntoSum(tensor: Tensor, other: Tensor): tensor is Node<'matmul'> & Tensor {
    return (
      this.#isLeftToItsUser(tensor) &&
      !this.#names.has(tensor) &&
      other !== tensor &&
      sameShape(tensor.shape, other.shape)
    );
  }

  #isLeftToItsUser(tensor: Tensor): boolean {
    return tensor.operation === 'matmul' && tensor.shape.length === 2 && this.#uses.get(tensor) === 1;
  }
}

type Lower<Name extends OperationName> = (node: Node<Name>, lowering: Lowering) => string;
type LoweringTable = { readonly [Name in OperationName]: Lower<Name> };

/** An ONNX operator with the same inputs and no attributes. */
const direct =
  (type: string): Lower<OperationName> =>
  ({ inputs }, to) =>
    to.addNode(
      type,
      inputs.map((input) => to.nameOf(input)),
    );

const reduction =
  (type: string): Lower<'reduceSum' | 'reduceMax'> =>
  ({ inputs: [x], attributes: { axes, keepAxes } }, to) =>
    to.addNode(type, [to.nameOf(x), to.integers(axes)], { keepdims: keepAxes ? 1 : 0 });

function expandedBefore({ operation }: Node): never {
  throw new Error(`${operation} is expanded before lowering`);
}

export function gemm(
  { inputs: [a, b], attributes }: Node<'matmul'>,
  sum: Tensor | undefined,
  to: Lowering,
): string {
  const names = [a, b, ...(sum === undefined ? [] : [sum])].map((input) => to.nameOf(input));
  return to.addNode('Gemm', names, {
    transA: attributes.transposeA ? 1 : 0,
    transB: attributes.transposeB ? 1 : 0,
    alpha: { float: attributes.scale },
  });
}

/**
 * ScatterND's threads lose sums of rows that share an index (ONNX Runtime's issue 18048), so it may only run where it stays
 * in one thread: ONNX Runtime starts a second one for costs above 210,000, counted in bytes at most. The rows therefore come
 * in chunks of 131,072 bytes, added one after the other to the same memory. Measured for 8,192 rows onto [4096, 256] on two
 * cores: 12 ms; one racing ScatterND 3 ms; ScatterElements, which is sequential by itself, 52 ms.
 */
const SCATTER_CHUNK_ELEMENTS = 32_768;

function scatterRows({ inputs: [values, indices], shape }: Node<'scatterAdd'>, to: Lowering): string {
  const [rows, width] = values.shape;
  const wide = to.addNode('Cast', [to.nameOf(indices)], { to: 7 });
  const places = to.addNode('Reshape', [wide, to.integers([rows, 1])]);
  const step = Math.max(1, Math.floor(SCATTER_CHUNK_ELEMENTS / width));
  let sum = to.addNode('Expand', [to.addConstant(Float32Array.of(0), []), to.integers(shape)]);
  for (let start = 0; start < rows; start += step) {
    const range = [start, Math.min(start + step, rows), 0].map((value) => to.integers([value]));
    const chunk = [places, to.nameOf(values)].map((name) => to.addNode('Slice', [name, ...range]));
    sum = to.addNode('ScatterND', [sum, ...chunk], { reduction: 'add' });
  }
  return sum;
}

/** The kernel takes [batch, heads, length, size]: other numbers of axes go there and back. */
function rotatePairs(
  { inputs: [x, cosine, sine], attributes: { inverse }, shape }: Node<'rotary'>,
  to: Lowering,
): string {
  const turned = inverse ? to.addNode('Neg', [to.nameOf(sine)]) : to.nameOf(sine);
  const four = [1, sizeOf(shape.slice(0, -2)), ...shape.slice(-2)];
  const fits = shape.length === 4;
  const pairs = fits ? to.nameOf(x) : to.addNode('Reshape', [to.nameOf(x), to.integers(four)]);
  const names = [pairs, to.integers([0]), to.nameOf(cosine), turned];
  const rotated = to.addNode('RotaryEmbedding', names, { interleaved: 0 }, { domain: 'com.microsoft' });
  return fits ? rotated : to.addNode('Reshape', [rotated, to.integers(shape)]);
}

const table: LoweringTable = {
  input: ({ attributes: { name } }) => name,
  constant: ({ attributes: { data, shape } }, to) => to.addConstant(data, shape),
  add: ({ inputs: [a, b] }, to) => {
    if (to.fusesIntoSum(b, a)) return gemm(b, a, to);
    if (to.fusesIntoSum(a, b)) return gemm(a, b, to);
    return to.addNode('Add', [to.nameOf(a), to.nameOf(b)]);
  },
  subtract: direct('Sub'),
  multiply: direct('Mul'),
  divide: direct('Div'),
  maximum: direct('Max'),
  minimum: direct('Min'),
  negate: direct('Neg'),
  exponential: direct('Exp'),
  logarithm: direct('Log'),
  squareRoot: direct('Sqrt'),
  sigmoid: direct('Sigmoid'),
  step: ({ inputs: [x] }, to) => {
    const zero = to.addConstant(Float32Array.of(0), []);
    return to.addNode('Cast', [to.addNode('Greater', [to.nameOf(x), zero])], { to: 1 });
  },
  matmul: (node, to) => {
    if (node.shape.length === 2) return gemm(node, undefined, to);
    const { transposeA, transposeB, scale } = node.attributes;
    const attributes = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0, alpha: { float: scale } };
    const names = node.inputs.map((input) => to.nameOf(input));
    return to.addNode('FusedMatMul', names, attributes, { domain: 'com.microsoft' });
  },
  reduceSum: reduction('ReduceSum'),
  reduceMax: reduction('ReduceMax'),
  softmax: ({ inputs: [x] }, to) => to.addNode('Softmax', [to.nameOf(x)], { axis: -1 }),
  reshape: ({ inputs: [x], attributes: { shape } }, to) =>
    to.addNode('Reshape', [to.nameOf(x), to.integers(shape)]),
  transpose: ({ inputs: [x], attributes: { permutation } }, to) =>
    to.addNode('Transpose', [to.nameOf(x)], { perm: permutation }),
  broadcast: ({ inputs: [x], attributes: { shape } }, to) =>
    to.addNode('Expand', [to.nameOf(x), to.integers(shape)]),
  slice: ({ inputs: [x], attributes: { axis, start, end } }, to) => {
    const range = [[start], [end], [axis]].map((value) => to.integers(value));
    return to.addNode('Slice', [to.nameOf(x), ...range]);
  },
  concatenate: ({ inputs, attributes: { axis } }, to) =>
    to.addNode(
      'Concat',
      inputs.map((input) => to.nameOf(input)),
      { axis },
    ),
  gather: ({ inputs: [rows, indices] }, to) =>
    to.addNode('Gather', [to.nameOf(rows), to.nameOf(indices)], { axis: 0 }),
  scatterAdd: scatterRows,
  pick: ({ inputs: [x, indices], shape }, to) => {
    const column = to.addNode('Reshape', [to.nameOf(indices), to.integers([indices.shape[0], 1])]);
    const picked = to.addNode('GatherElements', [to.nameOf(x), column], { axis: 1 });
    return to.addNode('Reshape', [picked, to.integers(shape)]);
  },
  place: ({ inputs: [values, indices], shape }, to) => {
    const zeros = to.addNode('Expand', [to.addConstant(Float32Array.of(0), []), to.integers(shape)]);
    const [column, value] = [indices, values].map((tensor) =>
      to.addNode('Reshape', [to.nameOf(tensor), to.integers([tensor.shape[0], 1])]),
    );
    return to.addNode('ScatterElements', [zeros, column, value], { axis: 1 });
  },
  silu: ({ inputs: [x] }, to) =>
    to.addNode('QuickGelu', [to.nameOf(x)], { alpha: { float: 1 } }, { domain: 'com.microsoft' }),
  rmsNorm: ({ inputs: [x, weight], attributes: { epsilon } }, to) =>
    to.addNode('SimplifiedLayerNormalization', [to.nameOf(x), to.nameOf(weight)], {
      axis: -1,
      epsilon: { float: epsilon },
    }),
  rotary: rotatePairs,
  causalAttention: expandedBefore,
  causalAttentionGradient: expandedBefore,
  linearCrossEntropy: expandedBefore,
  sumOverDevices: expandedBefore,
};

function lowerNode<Name extends OperationName>(
  node: Node<Name> & Tensor,
  lowering: Lowering,
  { table: own }: LoweringRules,
): string {
  const rule: Lower<Name> = own[node.operation] ?? table[node.operation];
  return rule(node, lowering);
}
