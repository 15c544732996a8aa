/**
 * The reference interpreter: every primitive operation in float64, written as plainly as its definition, without
 * regard to speed. Composite operations are expanded by their own rule. It shares no code with the engines and
 * none with the passes but the order, so that it can be the oracle for both.
 */
import { input } from '../../src/graph/build.ts';
import { type Expansion, expansions } from '../../src/graph/expansions.ts';
import { topologicalOrder } from '../../src/graph/passes.ts';
import { type Node, type OperationName, type Shape, sizeOf, type Tensor } from '../../src/graph/tensor.ts';
import { allCoordinates, type Coordinates, offset } from './indexing.ts';

/** Values of inputs by name; integers are exact in float64. */
export type Values = Readonly<Record<string, ArrayLike<number>>>;

/** The values of `outputs`, in float64. */
export function evaluate(outputs: readonly Tensor[], values: Values): Float64Array[] {
  const known = new Map<Tensor, Float64Array>();
  for (const tensor of topologicalOrder(outputs)) known.set(tensor, evaluateNode(tensor, known, values));
  return outputs.map((tensor) => valueIn(known, tensor));
}

function valueIn(known: ReadonlyMap<Tensor, Float64Array>, tensor: Tensor): Float64Array {
  const value = known.get(tensor);
  if (value === undefined) throw new Error(`${tensor.operation} has no value yet`);
  return value;
}

function evaluateNode<Name extends OperationName>(
  node: Node<Name> & Tensor,
  known: ReadonlyMap<Tensor, Float64Array>,
  values: Values,
): Float64Array {
  const inputs = node.inputs.map((tensor) => valueIn(known, tensor));
  const rule: Evaluate<Name> = table[node.operation];
  return rule(node, inputs, values);
}

/** Evaluates the expansion alone: the inputs, known already, become placeholders. */
function evaluateExpansion<Name extends OperationName>(
  node: Node<Name>,
  inputs: readonly Float64Array[],
): Float64Array {
  const expand: Expansion<Name> | undefined = expansions[node.operation];
  const placeholders = node.inputs.map(({ shape, dtype }, i) => input(`input ${i}`, shape, 'batch', dtype));
  const expanded = expand?.({ ...node, inputs: placeholders });
  if (expanded === undefined) throw new Error(`${node.operation} has neither a definition nor an expansion`);
  return evaluate([expanded], Object.fromEntries(inputs.map((value, i) => [`input ${i}`, value])))[0];
}

type Evaluate<Name extends OperationName> = (
  node: Node<Name>,
  inputs: readonly Float64Array[],
  values: Values,
) => Float64Array;

/** Computes each element of the output from its coordinates. */
const elements = (shape: Shape, value: (at: Coordinates) => number): Float64Array =>
  Float64Array.from(allCoordinates(shape), value);

const binary =
  (compute: (x: number, y: number) => number): Evaluate<OperationName> =>
  ({ shape, inputs: [a, b] }, [x, y]) =>
    elements(shape, (at) => compute(x[offset(at, a.shape)], y[offset(at, b.shape)]));

const unary =
  (compute: (x: number) => number): Evaluate<OperationName> =>
  (_, [x]) =>
    x.map(compute);

function reduction(
  start: number,
  combine: (sum: number, x: number) => number,
): Evaluate<'reduceSum' | 'reduceMax'> {
  return ({ inputs: [{ shape }], attributes: { axes } }, [x]) => {
    const kept = shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
    const result = new Float64Array(sizeOf(kept)).fill(start);
    for (const [i, at] of allCoordinates(shape).entries()) {
      const to = offset(at, kept);
      result[to] = combine(result[to], x[i]);
    }
    return result;
  };
}

const replaced = (at: Coordinates, axis: number, coordinate: number): Coordinates =>
  at.map((own, i) => (i === axis ? coordinate : own));

const expanded: Evaluate<OperationName> = (node, inputs) => evaluateExpansion(node, inputs);

const table: { readonly [Name in OperationName]: Evaluate<Name> } = {
  input: ({ attributes: { name }, shape }, _, values) => {
    if (values[name]?.length !== sizeOf(shape)) throw new Error(`input ${name} has no value of its size`);
    return Float64Array.from(values[name]);
  },
  constant: ({ attributes: { data } }) => Float64Array.from(data),
  add: binary((x, y) => x + y),
  subtract: binary((x, y) => x - y),
  multiply: binary((x, y) => x * y),
  divide: binary((x, y) => x / y),
  maximum: binary(Math.max),
  minimum: binary(Math.min),
  negate: unary((x) => -x),
  exponential: unary(Math.exp),
  logarithm: unary(Math.log),
  squareRoot: unary(Math.sqrt),
  sigmoid: unary((x) => 1 / (1 + Math.exp(-x))),
  step: unary((x) => (x > 0 ? 1 : 0)),
  matmul: ({ shape, inputs: [a, b], attributes: { transposeA, transposeB, scale } }, [x, y]) => {
    const inner = a.shape[a.shape.length - (transposeA ? 2 : 1)];
    return elements(shape, (at) => {
      const batch = at.slice(0, -2);
      const [row, column] = at.slice(-2);
      let sum = 0;
      for (let k = 0; k < inner; k++) {
        const left = transposeA ? [k, row] : [row, k];
        const right = transposeB ? [column, k] : [k, column];
        sum += x[offset([...batch, ...left], a.shape)] * y[offset([...batch, ...right], b.shape)];
      }
      return scale * sum;
    });
  },
  reduceSum: reduction(0, (sum, x) => sum + x),
  reduceMax: reduction(Number.NEGATIVE_INFINITY, Math.max),
  softmax: ({ shape }, [x]) => {
    const width = shape[shape.length - 1];
    return x.map((value, i) => {
      const row = x.subarray(i - (i % width), i - (i % width) + width);
      const largest = Math.max(...row);
      return Math.exp(value - largest) / row.reduce((sum, other) => sum + Math.exp(other - largest), 0);
    });
  },
  reshape: (_, [x]) => x,
  transpose: ({ shape, inputs: [a], attributes: { permutation } }, [x]) =>
    elements(
      shape,
      (at) =>
        x[
          offset(
            a.shape.map((_, axis) => at[permutation.indexOf(axis)]),
            a.shape,
          )
        ],
    ),
  broadcast: ({ shape, inputs: [a] }, [x]) => elements(shape, (at) => x[offset(at, a.shape)]),
  slice: ({ shape, inputs: [a], attributes: { axis, start } }, [x]) =>
    elements(shape, (at) => x[offset(replaced(at, axis, at[axis] + start), a.shape)]),
  concatenate: ({ shape, inputs: parts, attributes: { axis } }, values) =>
    elements(shape, (at) => {
      let [part, own] = [0, at[axis]];
      while (own >= parts[part].shape[axis]) own -= parts[part++].shape[axis];
      return values[part][offset(replaced(at, axis, own), parts[part].shape)];
    }),
  gather: ({ shape }, [rows, indices]) => elements(shape, ([i, j]) => rows[indices[i] * shape[1] + j]),
  scatterAdd: ({ shape: [rows, width] }, [values, indices]) => {
    const sums = new Float64Array(rows * width);
    for (const [i, value] of values.entries()) {
      sums[indices[Math.floor(i / width)] * width + (i % width)] += value;
    }
    return sums;
  },
  pick: ({ inputs: [a] }, [x, indices]) => indices.map((index, i) => x[i * a.shape[1] + index]),
  place: ({ shape }, [values, indices]) => elements(shape, ([i, j]) => (indices[i] === j ? values[i] : 0)),
  silu: expanded,
  rmsNorm: expanded,
  rotary: expanded,
  causalAttention: expanded,
  causalAttentionGradient: expanded,
  linearCrossEntropy: expanded,
  sumOverDevices: expanded,
};
