/**
 * Simplifications that keep a node's value and shape. They remove what differentiation leaves behind: factors of
 * one, sums with zero, broadcasts that the next operation does by itself, reshapes of reshapes. Each rule
 * sees a node whose inputs are simple already and returns its replacement, or nothing.
 */
import { apply, broadcast, constant, reshape, scalar, transpose } from './build.ts';
import { broadcastShapes } from './shape-rules.ts';
import { type Node, type OperationName, sameShape, sizeOf, type Tensor } from './tensor.ts';

/** The replacement of a node, or nothing when it is simple. */
export function simplify<Name extends OperationName>(node: Node<Name> & Tensor): Tensor | undefined {
  const rule: Rule<Name> | undefined = table[node.operation];
  return rule?.(node);
}

type Rule<Name extends OperationName> = (node: Node<Name>) => Tensor | undefined;
type Binary = 'add' | 'subtract' | 'multiply' | 'divide' | 'maximum' | 'minimum';

/** The first rule that has a replacement. */
const firstOf =
  <Name extends OperationName>(...rules: readonly Rule<Name>[]): Rule<Name> =>
  (node) => {
    for (const rule of rules) {
      const replacement = rule(node);
      if (replacement !== undefined) return replacement;
    }
    return undefined;
  };

/** x + broadcast(y) = x + y where the shape of the sum stays, and so for every binary operation. */
const withoutBroadcast: Rule<Binary> = ({ operation, shape, inputs: [a, b] }) => {
  const [x, y] = [a, b].map((input) => (input.operation === 'broadcast' ? input.inputs[0] : input));
  const choices = [
    [x, y],
    [x, b],
    [a, y],
  ];
  const fitting = choices.find(
    ([left, right]) =>
      (left !== a || right !== b) && sameShape(broadcastShapes(left.shape, right.shape), shape),
  );
  return fitting && apply(operation, fitting, {});
};

const scalarValue = (tensor: Tensor): number | undefined =>
  tensor.operation === 'constant' && tensor.shape.length === 0 ? tensor.attributes.data[0] : undefined;

/** x op neutral = x */
const neutralRight =
  (neutral: number): Rule<Binary> =>
  ({ shape, inputs: [a, b] }) =>
    scalarValue(b) === neutral && sameShape(a.shape, shape) ? a : undefined;

/** neutral op x = x */
const neutralLeft =
  (neutral: number): Rule<Binary> =>
  ({ shape, inputs: [a, b] }) =>
    scalarValue(a) === neutral && sameShape(b.shape, shape) ? b : undefined;

/** The product of two constants is a constant. */
const constantProduct: Rule<'multiply'> = ({ inputs: [a, b] }) => {
  const [x, y] = [scalarValue(a), scalarValue(b)];
  return x === undefined || y === undefined ? undefined : scalar(x * y);
};

/** Over no axes; engines disagree on what that means (ONNX reduces all). */
const reduceNothing: Rule<'reduceSum' | 'reduceMax'> = ({ inputs: [x], attributes: { axes } }) =>
  axes.length === 0 ? x : undefined;

/** To the shape that it has already. */
const toOwnShape: Rule<'reshape' | 'broadcast'> = ({ shape, inputs: [x] }) =>
  sameShape(x.shape, shape) ? x : undefined;

/** reshape(reshape(x)) = reshape(x) */
const reshapeTwice: Rule<'reshape'> = ({ shape, inputs: [x] }) =>
  x.operation === 'reshape' ? reshape(x.inputs[0], shape) : undefined;

/** A single value repeated has every shape by broadcasting alone, which the next operation may absorb. */
const reshapeRepeated: Rule<'reshape'> = ({ shape, inputs: [x] }) =>
  x.operation === 'broadcast' && sizeOf(x.inputs[0].shape) === 1
    ? broadcast(reshape(x.inputs[0], []), shape)
    : undefined;

/** A constant takes its shape with it. */
const reshapeConstant: Rule<'reshape'> = ({ shape, inputs: [x] }) =>
  x.operation === 'constant' ? constant(x.attributes.data, shape) : undefined;

/** broadcast(broadcast(x)) = broadcast(x) */
const broadcastTwice: Rule<'broadcast'> = ({ shape, inputs: [x] }) =>
  x.operation === 'broadcast' ? broadcast(x.inputs[0], shape) : undefined;

/** transpose(x) with every axis in its place = x */
const transposeNothing: Rule<'transpose'> = ({ inputs: [x], attributes: { permutation } }) =>
  permutation.every((axis, i) => axis === i) ? x : undefined;

/** transpose(transpose(x)) = transpose(x) */
const transposeTwice: Rule<'transpose'> = ({ inputs: [x], attributes: { permutation } }) =>
  x.operation === 'transpose'
    ? transpose(
        x.inputs[0],
        permutation.map((axis) => x.attributes.permutation[axis]),
      )
    : undefined;

const table: { readonly [Name in OperationName]?: Rule<Name> } = {
  add: firstOf(withoutBroadcast, neutralRight(0), neutralLeft(0)),
  subtract: firstOf(withoutBroadcast, neutralRight(0)),
  multiply: firstOf<'multiply'>(withoutBroadcast, neutralRight(1), neutralLeft(1), constantProduct),
  divide: firstOf(withoutBroadcast, neutralRight(1)),
  maximum: withoutBroadcast,
  minimum: withoutBroadcast,
  reduceSum: reduceNothing,
  reduceMax: reduceNothing,
  reshape: firstOf<'reshape'>(toOwnShape, reshapeTwice, reshapeRepeated, reshapeConstant),
  broadcast: firstOf<'broadcast'>(toOwnShape, broadcastTwice),
  transpose: firstOf(transposeNothing, transposeTwice),
};
