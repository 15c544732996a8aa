/**
 * Composite operations of the transformer. Each stands as one node so that its gradient can be written by hand,
 * in fewer passes over memory than differentiating its parts would give; passes expand it for the engines.
 */
import {
  add,
  apply,
  causalAttention,
  concatenate,
  constant,
  divide,
  filled,
  gather,
  logarithm,
  matmul,
  maximum,
  multiply,
  negate,
  pick,
  reduceSum,
  reshape,
  rotary,
  scatterAdd,
  slice,
  softmax,
  squareRoot,
  subtract,
} from '../build.ts';
import { type Operation, sameShape, type Tensor } from '../tensor.ts';
import { float32, require, requireFloat, requireIndices } from './rules.ts';

/** 1 / sqrt(mean(x^2) + epsilon), last axis kept with length 1. */
function inverseRms(x: Tensor, epsilon: number): Tensor {
  const width = x.shape[x.shape.length - 1];
  const meanSquare = multiply(reduceSum(multiply(x, x), [-1], true), 1 / width);
  return divide(1, squareRoot(add(meanSquare, epsilon)));
}

/** y = x r w, r = (mean(x^2) + eps)^(-1/2); with h = g w: dx = r (h - x r^2 mean(h x)), dw = sum(g x r) */
export const rootMeanSquareNorm: Operation<'rmsNorm'> = {
  infer: ([x, weight]) => {
    requireFloat(x, weight);
    require(sameShape(weight.shape, x.shape.slice(-1)), 'the weight must have the length of the last axis');
    return float32(x.shape);
  },
  gradient: ({ inputs: [x, weight], attributes: { epsilon } }, g) => {
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
  expand: ({ inputs: [x, weight], attributes: { epsilon } }) =>
    multiply(multiply(x, inverseRms(x, epsilon)), weight),
};

/**
 * Rotation of the pairs (x_i, x_(i + size/2)) by the angle of their position (Su et al. 2021, in the half-split
 * order of Llama). The gradient is the rotation by the opposite angle.
 */
export const rotaryPosition: Operation<'rotary'> = {
  infer: ([x, cosine, sine]) => {
    requireFloat(x, cosine, sine);
    const [length, size] = x.shape.slice(-2);
    require(size % 2 === 0, 'the last axis must have an even length');
    const angles = [length, size / 2];
    require(sameShape(cosine.shape, angles) &&
      sameShape(sine.shape, angles), 'angles must be [length, size / 2]');
    return float32(x.shape);
  },
  gradient: ({ inputs: [, cosine, sine], attributes: { inverse } }, g) => [
    inverse ? rotary(g, cosine, sine) : apply('rotary', [g, cosine, sine], { inverse: true }),
    undefined,
    undefined,
  ],
  expand: ({ inputs: [x, cosine, sine], attributes: { inverse } }) => {
    const axis = x.shape.length - 1;
    const half = x.shape[axis] / 2;
    const first = slice(x, axis, 0, half);
    const second = slice(x, axis, half, 2 * half);
    const turned = inverse ? negate(sine) : sine;
    return concatenate(
      [
        subtract(multiply(first, cosine), multiply(second, turned)),
        add(multiply(second, cosine), multiply(first, turned)),
      ],
      axis,
    );
  },
};

/** The rows start..end of the attention matrix, against the keys 0..end. */
function attentionRows(q: Tensor, k: Tensor, scale: number, start: number, end: number): Tensor {
  const scores = matmul(slice(q, 2, start, end), slice(k, 2, 0, end), { transposeB: true, scale });
  const mask = new Float32Array((end - start) * end);
  for (let row = start; row < end; row++)
    mask.fill(-1e9, (row - start) * end + row + 1, (row - start + 1) * end);
  return softmax(add(scores, constant(mask, [end - start, end])));
}

/**
 * O = P V, P = softmax(s Q K^T + mask). With D = rowsum(dO O): dS = P (dO V^T - D), dV = P^T dO, dQ = s dS K,
 * dK = s dS^T Q (Dao et al. 2022, appendix B). D rides along as one more column of dO against a column of ones
 * in V, so that dO V^T - D is a single product and dS one pass over the attention matrix.
 */
export const maskedAttention: Operation<'causalAttention'> = {
  infer: ([q, k, v], { blocks }) => {
    requireFloat(q, k, v);
    require(q.shape.length === 4, 'needs [batch, heads, length, size]');
    require(sameShape(q.shape, k.shape) && sameShape(k.shape, v.shape), 'q, k and v must have one shape');
    require(q.shape[2] % blocks === 0, `${blocks} blocks do not divide the length ${q.shape[2]}`);
    return float32(q.shape);
  },
  expand: ({ inputs: [q, k, v], attributes: { scale, blocks } }) =>
    concatenate(
      rowRanges(q, blocks).map(({ start, end }) =>
        matmul(attentionRows(q, k, scale, start, end), slice(v, 2, 0, end)),
      ),
      2,
    ),
  gradient: ({ inputs: [q, k, v], attributes }, g) => {
    const { scale, blocks } = attributes;
    const [batch, heads, length] = q.shape;
    const output = causalAttention(q, k, v, attributes);
    const along = reduceSum(multiply(g, output), [-1], true);
    const upstream = concatenate([g, negate(along)], 3);
    const values = concatenate([v, filled([batch, heads, length, 1], 1)], 3);
    const parts = rowRanges(q, blocks).map(({ start, end }) => {
      const p = attentionRows(q, k, scale, start, end);
      const ds = multiply(
        p,
        matmul(slice(upstream, 2, start, end), slice(values, 2, 0, end), { transposeB: true }),
      );
      return {
        dq: matmul(ds, slice(k, 2, 0, end), { scale }),
        dk: matmul(ds, slice(q, 2, start, end), { transposeA: true, scale }),
        dv: matmul(p, slice(g, 2, start, end), { transposeA: true }),
      };
    });
    return [
      concatenate(
        parts.map((part) => part.dq),
        2,
      ),
      addPrefixes(parts.map((part) => part.dk)),
      addPrefixes(parts.map((part) => part.dv)),
    ];
  },
};

function rowRanges(q: Tensor, blocks: number): readonly { start: number; end: number }[] {
  const rows = q.shape[2] / blocks;
  return Array.from({ length: blocks }, (_, i) => ({ start: i * rows, end: (i + 1) * rows }));
}

/** The sum of tensors of growing length along axis 2, each aligned at its start; the last is the longest. */
function addPrefixes(parts: readonly Tensor[]): Tensor {
  let start = 0;
  const segments = parts.map(({ shape: { 2: end } }, i) => {
    const segment = parts.slice(i).map((part) => slice(part, 2, start, end));
    start = end;
    return segment.reduce((sum, part) => add(sum, part));
  });
  return concatenate(segments, 2);
}

/** The smallest probability told from zero, so that the loss of a hopeless prediction stays finite (87 nats). */
const SMALLEST_PROBABILITY = 1.2e-38;

/**
 * l_i = -log p_i[t_i], p = softmax(x H^T). Since dlogits = g (p - onehot(t)), the gradients need p only:
 * dx = g (p H - H[t]), dH = (p^T (g x)) - scatter(g x at t). No gradient of the logits is ever stored.
 */
export const linearCrossEntropy: Operation<'linearCrossEntropy'> = {
  infer: ([x, head, targets]) => {
    requireFloat(x, head);
    requireIndices(targets);
    require(x.shape.length === 2 && head.shape.length === 2, 'x and head must be matrices');
    require(x.shape[1] === head.shape[1], `widths ${x.shape[1]} and ${head.shape[1]} differ`);
    require(x.shape[0] === targets.shape[0], 'needs one target a row');
    return float32([x.shape[0]]);
  },
  expand: ({ inputs: [x, head, targets] }) => {
    const p = softmax(matmul(x, head, { transposeB: true }));
    return negate(logarithm(maximum(pick(p, targets), SMALLEST_PROBABILITY)));
  },
  gradient: ({ inputs: [x, head, targets] }, g) => {
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
