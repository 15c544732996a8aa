/** Matrix products, reductions and softmax. */
import {
  broadcast,
  divide,
  matmul,
  multiply,
  reduceMax,
  reduceSum,
  reshape,
  step,
  subtract,
} from '../build.ts';
import { formatShape, type Operation, type Shape, type Tensor } from '../tensor.ts';
import { broadcastShapes, float32, require, requireFloat, unbroadcast } from './rules.ts';

/**
 * C = s op(A) op(B). With G the gradient of C, and A, B untransposed: dA = s G B^T, dB = s A^T G. Each
 * transposition swaps the factors of its gradient, so that no product needs a separate transposition.
 */
export const matrixProduct: Operation<'matmul'> = {
  infer: ([a, b], { transposeA, transposeB }) => {
    requireFloat(a, b);
    const rank = a.shape.length;
    require(rank >= 2 && b.shape.length === rank, 'both factors need the same number of axes, at least two');
    const [rows, innerA] = lastTwo(a.shape, transposeA);
    const [innerB, columns] = lastTwo(b.shape, transposeB);
    require(innerA === innerB, `inner lengths ${innerA} and ${innerB} differ`);
    return float32([...broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns]);
  },
  gradient: ({ inputs: [a, b], attributes: { transposeA, transposeB, scale } }, g) => {
    const da = transposeA
      ? matmul(b, g, { transposeA: transposeB, transposeB: true, scale })
      : matmul(g, b, { transposeB: !transposeB, scale });
    const db = transposeB
      ? matmul(g, a, { transposeA: true, transposeB: transposeA, scale })
      : matmul(a, g, { transposeA: !transposeA, scale });
    return [unbroadcast(da, a.shape), unbroadcast(db, b.shape)];
  },
};

function lastTwo(shape: Shape, swapped: boolean): readonly [number, number] {
  const [x, y] = shape.slice(-2);
  return swapped ? [y, x] : [x, y];
}

function inferReduction(
  [x]: readonly Tensor[],
  { axes, keepAxes }: { readonly axes: readonly number[]; readonly keepAxes: boolean },
): ReturnType<typeof float32> {
  requireFloat(x);
  for (const axis of axes) {
    require(axis >= 0 && axis < x.shape.length, `axis ${axis} is not in ${formatShape(x.shape)}`);
  }
  require(new Set(axes).size === axes.length, 'an axis is named twice');
  return float32(
    keepAxes
      ? x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length))
      : x.shape.filter((_, axis) => !axes.includes(axis)),
  );
}

const withAxes = (shape: Shape, axes: readonly number[]): Shape =>
  shape.map((length, axis) => (axes.includes(axis) ? 1 : length));

/** d sum(x) = dx everywhere: the gradient is broadcast. */
export const summation: Operation<'reduceSum'> = {
  infer: inferReduction,
  gradient: ({ inputs: [x], attributes: { axes } }, g) => [
    broadcast(reshape(g, withAxes(x.shape, axes)), x.shape),
  ],
};

/** d max(x) = dx at the largest elements, shared equally between ties. */
export const largest: Operation<'reduceMax'> = {
  infer: inferReduction,
  gradient: ({ inputs: [x], attributes: { axes } }, g) => {
    const isLargest = subtract(1, step(subtract(reduceMax(x, axes, true), x)));
    const shares = divide(isLargest, reduceSum(isLargest, axes, true));
    return [multiply(reshape(g, withAxes(x.shape, axes)), shares)];
  },
};

/** p = softmax(x) over the last axis; dx = p (g - sum(g p)) */
export const normalizedExponential: Operation<'softmax'> = {
  infer: ([x]) => {
    requireFloat(x);
    require(x.shape.length > 0, 'needs at least one axis');
    return float32(x.shape);
  },
  gradient: (_, g, p) => [multiply(p, subtract(g, reduceSum(multiply(g, p), [-1], true)))],
};
