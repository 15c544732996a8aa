/**
 * Composite operations as simpler ones, for engines without a kernel of their own. Each stands in the graph as one node
 * so that its gradient can be written by hand (gradients.ts), in fewer passes over memory than differentiating its parts
 * would give.
 */
import {
  add,
  causalAttention,
  concatenate,
  constant,
  divide,
  filled,
  logarithm,
  matmul,
  maximum,
  multiply,
  negate,
  pick,
  reduceSum,
  sigmoid,
  slice,
  softmax,
  squareRoot,
  subtract,
} from './build.ts';
import type { Node, OperationName, Tensor } from './tensor.ts';

/** The same value from simpler operations. */
export type Expansion<Name extends OperationName> = (node: Node<Name>) => Tensor;

/** The smallest probability told from zero, so that the loss of a hopeless prediction stays finite (87 nats). */
const SMALLEST_PROBABILITY = 1.2e-38;

/** Of the composite operations; all others are simple. */
export const expansions: { readonly [Name in OperationName]?: Expansion<Name> } = {
  /** silu(x) = x sigmoid(x) */
  silu: ({ inputs: [x] }) => multiply(x, sigmoid(x)),

  /** y = x r w, r = (mean(x^2) + eps)^(-1/2) */
  rmsNorm: ({ inputs: [x, weight], attributes: { epsilon } }) =>
    multiply(multiply(x, inverseRms(x, epsilon)), weight),

  /**
   * Rotation of the pairs (x_i, x_(i + size/2)) by the angle of their position (Su et al. 2021, in the half-split
   * order of Llama).
   */
  rotary: ({ inputs: [x, cosine, sine], attributes: { inverse } }) => {
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

  /** O = P V, P = softmax(s Q K^T + mask) */
  causalAttention: ({ inputs: [q, k, v], attributes: { scale, blocks } }) =>
    concatenate(
      rowRanges(q, blocks).map(({ start, end }) =>
        matmul(attentionRows({ q, k, scale }, start, end), slice(v, 2, 0, end)),
      ),
      2,
    ),

  /**
   * With D = rowsum(dO O): dS = P (dO V^T - D), dV = P^T dO, dQ = s dS K, dK = s dS^T Q (Dao et al. 2022, appendix B).
   * D rides along as one more column of dO against a column of ones in V, so that dO V^T - D is a single product and dS
   * one pass over the attention matrix. What the three gradients have in common becomes one.
   */
  causalAttentionGradient: ({ inputs: [q, k, v, g], attributes: { scale, blocks, of } }) => {
    const parts = rowRanges(q, blocks).map(({ start, end }) => {
      const p = attentionRows({ q, k, scale }, start, end);
      if (of === 'v') return matmul(p, slice(g, 2, start, end), { transposeA: true });
      const ds = multiply(p, attentionUpstream({ q, k, v, g, scale, blocks }, start, end));
      return of === 'q'
        ? matmul(ds, slice(k, 2, 0, end), { scale })
        : matmul(ds, slice(q, 2, start, end), { transposeA: true, scale });
    });
    return of === 'q' ? concatenate(parts, 2) : addPrefixes(parts);
  },

  /** One device has all there is. */
  sumOverDevices: ({ inputs: [x] }) => x,

  /** l_i = -log p_i[t_i], p = softmax(x H^T) */
  linearCrossEntropy: ({ inputs: [x, head, targets] }) => {
    const p = softmax(matmul(x, head, { transposeB: true }));
    return negate(logarithm(maximum(pick(p, targets), SMALLEST_PROBABILITY)));
  },
};

/** 1 / sqrt(mean(x^2) + epsilon), last axis kept with length 1. */
export function inverseRms(x: Tensor, epsilon: number): Tensor {
  const width = x.shape[x.shape.length - 1];
  const meanSquare = multiply(reduceSum(multiply(x, x), [-1], true), 1 / width);
  return divide(1, squareRoot(add(meanSquare, epsilon)));
}

/** The rows of the attention matrix in as many equal blocks. */
function rowRanges(q: Tensor, blocks: number): readonly { start: number; end: number }[] {
  const rows = q.shape[2] / blocks;
  return Array.from({ length: blocks }, (_, i) => ({ start: i * rows, end: (i + 1) * rows }));
}

interface AttentionInputs {
  readonly q: Tensor;
  readonly k: Tensor;
  readonly scale: number;
}

interface AttentionGradientInputs extends AttentionInputs {
  readonly v: Tensor;
  readonly g: Tensor;
  readonly blocks: number;
}

/** dO V^T - D for the rows start..end, against the keys 0..end. */
function attentionUpstream(
  { q, k, v, g, scale, blocks }: AttentionGradientInputs,
  start: number,
  end: number,
): Tensor {
  const [batch, heads, length] = q.shape;
  const along = reduceSum(multiply(g, causalAttention(q, k, v, { scale, blocks })), [-1], true);
  const upstream = concatenate([g, negate(along)], 3);
  const values = concatenate([v, filled([batch, heads, length, 1], 1)], 3);
  return matmul(slice(upstream, 2, start, end), slice(values, 2, 0, end), { transposeB: true });
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

/** The rows start..end of the attention matrix, against the keys 0..end. */
function attentionRows({ q, k, scale }: AttentionInputs, start: number, end: number): Tensor {
  const scores = matmul(slice(q, 2, start, end), slice(k, 2, 0, end), { transposeB: true, scale });
  return softmax(add(scores, causalMask(start, end)));
}

/** One for each range, however many layers have it: telling equal ones apart takes longer than all else about a graph. */
const masks = new Map<string, Tensor>();

function causalMask(start: number, end: number): Tensor {
  const key = `${start}-${end}`;
  const known = masks.get(key);
  if (known !== undefined) return known;
  const values = new Float32Array((end - start) * end);
  for (let row = start; row < end; row++)
    values.fill(-1e9, (row - start) * end + row + 1, (row - start + 1) * end);
  const mask = constant(values, [end - start, end]);
  masks.set(key, mask);
  return mask;
}
