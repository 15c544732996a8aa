/**
 * The primitive operations in TensorFlow.js, one entry each; composites are expanded before. Only kernels that the
 * native (CUDA), WebAssembly and plain backends all have are used: scattering goes through ScatterNd, which adds up
 * rows of equal index, because UnsortedSegmentSum is missing from WebAssembly.
 */
import type * as TensorFlow from '@tensorflow/tfjs-core';
import { type Node, type OperationName, type Shape, sameShape, sizeOf } from '../../graph/tensor.ts';

export type Tf = typeof TensorFlow;
type Value = TensorFlow.Tensor;
type Rule<Name extends OperationName> = (node: Node<Name>, inputs: readonly Value[], tf: Tf) => Value;

const unary =
  (name: 'neg' | 'exp' | 'log' | 'sqrt' | 'sigmoid' | 'softmax'): Rule<OperationName> =>
  (_, [x], tf) =>
    tf[name](x);

const binary =
  (name: 'add' | 'sub' | 'mul' | 'div' | 'maximum' | 'minimum'): Rule<OperationName> =>
  (_, [x, y], tf) =>
    tf[name](x, y);

function leaf(name: OperationName): Rule<OperationName> {
  return () => {
    throw new Error(`${name} has its value before the graph is run`);
  };
}

function expandedBefore(name: OperationName): Rule<OperationName> {
  return () => {
    throw new Error(`${name} is expanded before it is run`);
  };
}

/** The kernel of the native backend takes equal leading axes only. */
function withLeadingAxes(x: Value, leading: Shape, tf: Tf): Value {
  const shape = [...leading, ...x.shape.slice(-2)];
  return sameShape(x.shape, shape) ? x : tf.broadcastTo(x, shape);
}

const flat = (x: Value, tf: Tf): TensorFlow.Tensor1D => tf.reshape<TensorFlow.Rank.R1>(x, [-1]);

/** Places in a flattened [rows, columns] of one column in each row. */
function flatPlaces(columns: Value, width: number, tf: Tf): TensorFlow.Tensor1D {
  const rows = tf.range(0, columns.shape[0], 1, 'int32');
  return flat(tf.add(tf.mul(rows, tf.scalar(width, 'int32')), columns), tf);
}

const rules: { readonly [Name in OperationName]: Rule<Name> } = {
  input: leaf('input'),
  constant: leaf('constant'),
  add: binary('add'),
  subtract: binary('sub'),
  multiply: binary('mul'),
  divide: binary('div'),
  maximum: binary('maximum'),
  minimum: binary('minimum'),
  negate: unary('neg'),
  exponential: unary('exp'),
  logarithm: unary('log'),
  squareRoot: unary('sqrt'),
  sigmoid: unary('sigmoid'),
  step: (_, [x], tf) => tf.cast(tf.greater(x, tf.scalar(0)), 'float32'),
  matmul: ({ shape, attributes: { transposeA, transposeB, scale } }, [a, b], tf) => {
    const leading = shape.slice(0, -2);
    const [x, y] = [a, b].map((factor) => withLeadingAxes(factor, leading, tf));
    const product = tf.matMul(x, y, transposeA, transposeB);
    return scale === 1 ? product : tf.mul(product, tf.scalar(scale));
  },
  reduceSum: ({ attributes: { axes, keepAxes } }, [x], tf) =>
    axes.length === 0 ? tf.clone(x) : tf.sum(x, [...axes], keepAxes),
  reduceMax: ({ attributes: { axes, keepAxes } }, [x], tf) =>
    axes.length === 0 ? tf.clone(x) : tf.max(x, [...axes], keepAxes),
  softmax: unary('softmax'),
  reshape: ({ shape }, [x], tf) => tf.reshape(x, [...shape]),
  transpose: ({ attributes: { permutation } }, [x], tf) => tf.transpose(x, [...permutation]),
  broadcast: ({ shape }, [x], tf) => tf.broadcastTo(x, [...shape]),
  slice: ({ shape, attributes: { axis, start } }, [x], tf) =>
    tf.slice(
      x,
      shape.map((_, i) => (i === axis ? start : 0)),
      [...shape],
    ),
  concatenate: ({ attributes: { axis } }, parts, tf) =>
    parts.length === 1 ? tf.clone(parts[0]) : tf.concat([...parts], axis),
  gather: (_, [rows, indices], tf) => tf.gather(rows, flat(indices, tf)),
  scatterAdd: ({ shape }, [values, indices], tf) =>
    tf.scatterND(tf.reshape(indices, [-1, 1]), values, [...shape]),
  pick: (_, [x, columns], tf) => tf.gather(flat(x, tf), flatPlaces(columns, x.shape[1] ?? 1, tf)),
  place: ({ shape }, [values, columns], tf) => {
    const places = tf.reshape(flatPlaces(columns, shape[1], tf), [-1, 1]);
    return tf.reshape(tf.scatterND(places, flat(values, tf), [sizeOf(shape)]), [...shape]);
  },
  silu: expandedBefore('silu'),
  rmsNorm: expandedBefore('rmsNorm'),
  rotary: expandedBefore('rotary'),
  causalAttention: expandedBefore('causalAttention'),
  causalAttentionGradient: expandedBefore('causalAttentionGradient'),
  linearCrossEntropy: expandedBefore('linearCrossEntropy'),
  sumOverDevices: expandedBefore('sumOverDevices'),
};

/** The value of a node that is neither an input nor a constant, from those of its inputs. */
export function compute<Name extends OperationName>(
  node: Node<Name>,
  inputs: readonly Value[],
  tf: Tf,
): Value {
  const rule: Rule<Name> = rules[node.operation];
  return tf.tidy(() => rule(node, inputs, tf));
}
