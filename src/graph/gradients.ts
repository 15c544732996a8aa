/**
 * Of each operation the gradient of the loss for its inputs, given the gradient `g` of its output; the derivative stands
 * over each rule. The type asks for every name in `Attributes`: a missing entry does not compile.
 */
import { GraphError } from '../common/errors.ts';
import {
  add,
  apply,
  broadcast,
  concatenate,
  divide,
  filled,
  gather,
  matmul,
  multiply,
  negate,
  pick,
  place,
  reduceMax,
  reduceSum,
  reshape,
  rotary,
  scatterAdd,
  sigmoid,
  slice,
  softmax,
  step,
  subtract,
  sumOverDevices,
  transpose,
} from './build.ts';
import { inverseRms } from './expansions.ts';
import { type Node, type OperationName, type Shape, sameShape, type Tensor } from './tensor.ts';

/**
 * For each input its gradient, `undefined` where there is none. `value` is the node itself, for rules that are shortest
 * in terms of the output.
 */
export type GradientRule<Name extends OperationName> = (
  node: Node<Name>,
  g: Tensor,
  value: Tensor,
) => readonly (Tensor | undefined)[];

export const gradients: { readonly [Name in OperationName]: GradientRule<Name> } = {
  input: () => [],
  constant: () => [],

  /** d(a + b) = da + db */
  add: ({ inputs: [a, b] }, g) => [unbroadcast(g, a.shape), unbroadcast(g, b.shape)],

  /** d(a - b) = da - db */
  subtract: ({ inputs: [a, b] }, g) => [unbroadcast(g, a.shape), unbroadcast(negate(g), b.shape)],

  /** d(a b) = b da + a db */
  multiply: ({ inputs: [a, b] }, g) => [
    unbroadcast(multiply(g, b), a.shape),
    unbroadcast(multiply(g, a), b.shape),
  ],

  /** d(a / b) = da / b - (a / b) db / b */
  divide: ({ inputs: [a, b] }, g) => {
    const da = divide(g, b);
    return [unbroadcast(da, a.shape), unbroadcast(negate(multiply(da, divide(a, b))), b.shape)];
  },

  /** d max(a, b) = da where a > b, else db */
  maximum: ({ inputs: [a, b] }, g) => {
    const first = step(subtract(a, b));
    return [unbroadcast(multiply(g, first), a.shape), unbroadcast(multiply(g, subtract(1, first)), b.shape)];
  },

  /** d min(a, b) = da where a < b, else db */
  minimum: ({ inputs: [a, b] }, g) => {
    const first = step(subtract(b, a));
    return [unbroadcast(multiply(g, first), a.shape), unbroadcast(multiply(g, subtract(1, first)), b.shape)];
  },

  /** d(-x) = -dx */
  negate: (_, g) => [negate(g)],

  /** d exp(x) = exp(x) dx */
  exponential: (_, g, y) => [multiply(g, y)],

  /** d log(x) = dx / x */
  logarithm: ({ inputs: [x] }, g) => [divide(g, x)],

  /** d sqrt(x) = dx / (2 sqrt(x)) */
  squareRoot: (_, g, y) => [divide(multiply(g, 0.5), y)],

  /** d sigmoid(x) = s (1 - s) dx */
  sigmoid: (_, g, s) => [multiply(g, multiply(s, subtract(1, s)))],

  /** The unit step has no gradient (it is zero almost everywhere). */
  step: () => [undefined],

  /** d silu = s (1 + x (1 - s)) dx = (y + s (1 - y)) dx with y = silu(x), s = sigmoid(x) */
  silu: ({ inputs: [x] }, g, y) => [multiply(g, add(y, multiply(sigmoid(x), subtract(1, y))))],

  /**
   * C = s op(A) op(B). With G the gradient of C, and A, B untransposed: dA = s G B^T, dB = s A^T G. Each
   * transposition swaps the factors of its gradient, so that no product needs a separate transposition.
   */
  matmul: ({ inputs: [a, b], attributes: { transposeA, transposeB, scale } }, g) => {
    const da = transposeA
      ? matmul(b, g, { transposeA: transposeB, transposeB: true, scale })
      : matmul(g, b, { transposeB: !transposeB, scale });
    const db = transposeB
      ? matmul(g, a, { transposeA: true, transposeB: transposeA, scale })
      : matmul(a, g, { transposeA: !transposeA, scale });
    return [unbroadcast(da, a.shape), unbroadcast(db, b.shape)];
  },

  /** d sum(x) = dx everywhere: the gradient is broadcast. */
  reduceSum: ({ inputs: [x], attributes: { axes } }, g) => [
    broadcast(reshape(g, withAxes(x.shape, axes)), x.shape),
  ],

  /** d max(x) = dx at the largest elements, shared equally between ties. */
  reduceMax: ({ inputs: [x], attributes: { axes } }, g) => {
    const isLargest = subtract(1, step(subtract(reduceMax(x, axes, true), x)));
    const shares = divide(isLargest, reduceSum(isLargest, axes, true));
    return [multiply(reshape(g, withAxes(x.shape, axes)), shares)];
  },

  /** p = softmax(x) over the last axis; dx = p (g - sum(g p)) */
  softmax: (_, g, p) => [multiply(p, subtract(g, reduceSum(multiply(g, p), [-1], true)))],

  /** The same elements in the shape that they had. */
  reshape: ({ inputs: [x] }, g) => [reshape(g, x.shape)],

  /** The axes are taken back. */
  transpose: ({ attributes: { permutation } }, g) => [
    transpose(
      g,
      permutation.map((_, axis) => permutation.indexOf(axis)),
    ),
  ],

  /** Summed over the axes of repetition. */
  broadcast: ({ inputs: [x] }, g) => [unbroadcast(g, x.shape)],

  /** Padded with zeros. */
  slice: ({ inputs: [x], attributes: { axis, start, end } }, g) => {
    const zeros = (length: number) =>
      filled(
        x.shape.map((own, i) => (i === axis ? length : own)),
        0,
      );
    const parts = [g];
    if (start > 0) parts.unshift(zeros(start));
    if (end < x.shape[axis]) parts.push(zeros(x.shape[axis] - end));
    return [concatenate(parts, axis)];
  },

  /** Each part gets its range. */
  concatenate: ({ inputs, attributes: { axis } }, g) => {
    let start = 0;
    return inputs.map((part) => {
      const end = start + part.shape[axis];
      const own = slice(g, axis, start, end);
      start = end;
      return own;
    });
  },

  /** Every device's own part of the loss is in the sum. */
  sumOverDevices: (_, g) => [sumOverDevices(g)],

  /** Each row is added back to its place in the table. */
  gather: ({ inputs: [table, indices] }, g) => [scatterAdd(g, indices, table.shape[0]), undefined],

  /** The adjoint of gather. */
  scatterAdd: ({ inputs: [, indices] }, g) => [gather(g, indices), undefined],

  /** Zero everywhere but at the picked elements. */
  pick: ({ inputs: [x, indices] }, g) => [place(g, indices, x.shape[1]), undefined],

  /** The adjoint of pick. */
  place: ({ inputs: [, indices] }, g) => [pick(g, indices), undefined],

  /** y = x r w, r = (mean(x^2) + eps)^(-1/2); with h = g w: dx = r (h - x r^2 mean(h x)), dw = sum(g x r) */
  rmsNorm: ({ inputs: [x, weight], attributes: { epsilon } }, g) => {
    const r = inverseRms(x, epsilon);
    const h = multiply(g, weight);
    const width = weight.shape[0];
    const along = multiply(reduceSum(multiply(h, x), [-1], true), 1 / width);
    const dx = multiply(r, subtract(h, multiply(x, multiply(multiply(r, r), along))));
    const dw = reduceSum(
      multiply(g, multiply(x, r)),
      x.shape.slice(0, -1).map((_, axis) => axis),
    );
    return [dx, dw];
  },

  /** The rotation by the opposite angle. */
  rotary: ({ inputs: [, cosine, sine], attributes: { inverse } }, g) => [
    inverse ? rotary(g, cosine, sine) : apply('rotary', [g, cosine, sine], { inverse: true }),
    undefined,
    undefined,
  ],

  /** A node of its own each, so that an engine with a kernel for attention has one for its gradients too. */
  causalAttention: ({ inputs: [q, k, v], attributes }, g) =>
    (['q', 'k', 'v'] as const).map((of) =>
      apply('causalAttentionGradient', [q, k, v, g], { ...attributes, of }),
    ),

  /** No training needs a second derivative, and a silent zero would be wrong. */
  causalAttentionGradient: () => {
    throw new GraphError('The gradient of attention has no gradient.', 'Differentiate attention once only.');
  },

  /**
   * l_i = -log p_i[t_i], p = softmax(x H^T). Since dlogits = g (p - onehot(t)), the gradients need p only:
   * dx = g (p H - H[t]), dH = (p^T (g x)) - scatter(g x at t). No gradient of the logits is ever stored.
   */
  linearCrossEntropy: ({ inputs: [x, head, targets] }, g) => {
    const p = softmax(matmul(x, head, { transposeB: true }));
    const weight = reshape(g, [x.shape[0], 1]);
    const weighted = multiply(x, weight);
    return [
      multiply(weight, subtract(matmul(p, head), gather(head, targets))),
      subtract(matmul(p, weighted, { transposeA: true }), scatterAdd(weighted, targets, head.shape[0])),
      undefined,
    ];
  },
};

/** Sums a gradient over the axes along which its input was broadcast. */
function unbroadcast(gradient: Tensor, shape: Shape): Tensor {
  if (sameShape(gradient.shape, shape)) return gradient;
  const extra = gradient.shape.length - shape.length;
  const axes = gradient.shape
    .map((_, axis) => axis)
    .filter((axis) => axis < extra || (shape[axis - extra] === 1 && gradient.shape[axis] !== 1));
  return reshape(reduceSum(gradient, axes, true), shape);
}

const withAxes = (shape: Shape, axes: readonly number[]): Shape =>
  shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
