/**
 * Graphs on TensorFlow.js, as a second oracle: its own differentiation is independent of ours. Each primitive
 * operation is written with TensorFlow.js operations that have gradients there; composites are expanded.
 */
import '@tensorflow/tfjs-backend-cpu';
// The package for Node.js leaves out the gradients.
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import * as tf from '@tensorflow/tfjs-core';
import { type Expansion, expansions } from '../../src/graph/expansions.ts';
import { topologicalOrder } from '../../src/graph/passes.ts';
import type { Node, OperationName, Tensor } from '../../src/graph/tensor.ts';
import type { Values } from './reference.ts';

/** The float32 gradients of a scalar `loss` with respect to some of the inputs. */
export async function tensorFlowGradients(
  loss: Tensor,
  parameters: readonly Tensor[],
  values: Values,
): Promise<Float32Array[]> {
  await tf.setBackend('cpu');
  const points = parameters.map((parameter) => leaf(parameter, values));
  const gradients = tf.grads((...xs: tf.Tensor[]) => {
    const known = new Map(parameters.map((parameter, i) => [parameter, xs[i]]));
    return run(loss, known, values);
  })(points);
  return Promise.all(gradients.map(async (gradient) => Float32Array.from(await gradient.data())));
}

function leaf(tensor: Tensor, values: Values): tf.Tensor {
  if (tensor.operation === 'constant') {
    return tf.tensor(tensor.attributes.data, [...tensor.shape], tensor.dtype);
  }
  if (tensor.operation !== 'input') throw new Error(`${tensor.operation} is not a leaf`);
  return tf.tensor(Array.from(values[tensor.attributes.name]), [...tensor.shape], tensor.dtype);
}

function run(output: Tensor, known: Map<Tensor, tf.Tensor>, values: Values): tf.Tensor {
  for (const tensor of topologicalOrder([output])) {
    if (!known.has(tensor)) known.set(tensor, runNode(tensor, known, values));
  }
  return valueIn(known, output);
}

function valueIn(known: ReadonlyMap<Tensor, tf.Tensor>, tensor: Tensor): tf.Tensor {
  const value = known.get(tensor);
  if (value === undefined) throw new Error(`${tensor.operation} has no value yet`);
  return value;
}

function runNode<Name extends OperationName>(
  node: Node<Name> & Tensor,
  known: Map<Tensor, tf.Tensor>,
  values: Values,
): tf.Tensor {
  if (node.inputs.length === 0) return leaf(node, values);
  const expand: Expansion<Name> | undefined = expansions[node.operation];
  const expanded = expand?.(node);
  if (expanded !== undefined) return run(expanded, known, values);
  const rule: Run<Name> | undefined = table[node.operation];
  if (rule === undefined) throw new Error(`${node.operation} is neither primitive nor expanded`);
  return rule(
    node,
    node.inputs.map((input) => valueIn(known, input)),
  );
}

type Run<Name extends OperationName> = (node: Node<Name>, inputs: readonly tf.Tensor[]) => tf.Tensor;

const binary =
  (compute: (x: tf.Tensor, y: tf.Tensor) => tf.Tensor): Run<OperationName> =>
  (_, [x, y]) =>
    compute(x, y);
const unary =
  (compute: (x: tf.Tensor) => tf.Tensor): Run<OperationName> =>
  (_, [x]) =>
    compute(x);

/** For operations whose gradient TensorFlow.js does not sum over broadcast axes (also matmul, below). */
const broadcastBefore =
  (compute: (x: tf.Tensor, y: tf.Tensor) => tf.Tensor): Run<OperationName> =>
  ({ shape }, [x, y]) =>
    compute(tf.broadcastTo(x, [...shape]), tf.broadcastTo(y, [...shape]));

/** tf.oneHot refuses a single column. */
const oneHot = (indices: tf.Tensor, columns: number): tf.Tensor =>
  tf.cast(tf.equal(tf.reshape(indices, [-1, 1]), tf.range(0, columns, 1, 'int32')), 'float32');

const table: { readonly [Name in OperationName]?: Run<Name> } = {
  add: binary(tf.add),
  subtract: binary(tf.sub),
  multiply: binary(tf.mul),
  divide: binary(tf.div),
  maximum: broadcastBefore(tf.maximum),
  minimum: broadcastBefore(tf.minimum),
  negate: unary(tf.neg),
  exponential: unary(tf.exp),
  logarithm: unary(tf.log),
  squareRoot: unary(tf.sqrt),
  sigmoid: unary(tf.sigmoid),
  step: unary((x) => tf.step(x)),
  matmul: ({ shape, inputs, attributes: { transposeA, transposeB, scale } }, factors) => {
    const [x, y] = factors.map((factor, i) =>
      tf.broadcastTo(factor, [...shape.slice(0, -2), ...inputs[i].shape.slice(-2)]),
    );
    return tf.mul(tf.matMul(x, y, transposeA, transposeB), scale);
  },
  reduceSum: ({ attributes: { axes, keepAxes } }, [x]) => tf.sum(x, [...axes], keepAxes),
  reduceMax: ({ attributes: { axes, keepAxes } }, [x]) =>
    axes.length === 0 ? tf.clone(x) : tf.max(x, [...axes], keepAxes),
  softmax: unary((x) => tf.softmax(x)),
  reshape: ({ shape }, [x]) => tf.reshape(x, [...shape]),
  transpose: ({ attributes: { permutation } }, [x]) => tf.transpose(x, [...permutation]),
  broadcast: ({ shape }, [x]) => tf.mul(x, tf.ones([...shape])),
  slice: ({ shape, attributes: { axis, start } }, [x]) =>
    tf.slice(
      x,
      shape.map((_, i) => (i === axis ? start : 0)),
      [...shape],
    ),
  concatenate: ({ attributes: { axis } }, parts) => tf.concat([...parts], axis),
  gather: binary((rows, indices) => tf.gather(rows, tf.cast(indices, 'int32'))),
  scatterAdd: ({ attributes: { rows } }, [values, indices]) =>
    tf.unsortedSegmentSum(values, tf.cast(tf.reshape<tf.Rank.R1>(indices, [-1]), 'int32'), rows),
  pick: ({ inputs: [{ shape }] }, [x, indices]) => tf.sum(tf.mul(x, oneHot(indices, shape[1])), 1),
  place: ({ attributes: { columns } }, [values, indices]) =>
    tf.mul(tf.reshape(values, [-1, 1]), oneHot(indices, columns)),
};
