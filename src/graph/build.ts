/**
 * The functions that build graphs, one for each operation, and the few that are compositions. Shapes are
 * checked when a node is built, so that a mistake is reported where it was made.
 */
import { GraphError } from '../common/errors.ts';
import { type ShapeRule, shapeRules } from './shape-rules.ts';
import {
  type Attributes,
  type DataType,
  formatShape,
  type InputSource,
  type OperationName,
  type Shape,
  ShapeMismatch,
  sizeOf,
  type Tensor,
} from './tensor.ts';

/** Builds a node after checking its shapes. */
export function apply<Name extends OperationName>(
  operation: Name,
  inputs: readonly Tensor[],
  attributes: Attributes[Name],
): Tensor {
  const rule: ShapeRule<Name> = shapeRules[operation];
  try {
    const { shape, dtype } = rule(inputs, attributes);
    // The one place where a node is made: the signature ties the attributes to the operation, which the
    // union type of Tensor cannot express for a generic name.
    return { operation, attributes, inputs, shape, dtype } as unknown as Tensor;
  } catch (error) {
    if (!(error instanceof ShapeMismatch)) throw error;
    throw new GraphError(
      `${describeCall(operation, inputs, attributes)}: ${error.message}`,
      'Check the shapes where this operation is called (see the stack trace).',
      error,
    );
  }
}

function describeCall(operation: OperationName, inputs: readonly Tensor[], attributes: object): string {
  const parts = inputs.map((input) => `${input.dtype}${formatShape(input.shape)}`);
  const settings = Object.entries(attributes)
    .filter(([key]) => key !== 'data')
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  if (settings.length > 0) parts.push(`{ ${settings.join(', ')} }`);
  return `${operation}(${parts.join(', ')})`;
}

// --- leaves ---

export function input(name: string, shape: Shape, source: InputSource, dtype: DataType = 'float32'): Tensor {
  return apply('input', [], { name, source, shape, dtype });
}

export function constant(data: Float32Array | Int32Array, shape: Shape): Tensor {
  return apply('constant', [], { data, shape });
}

/** A float32 constant of shape []. */
export function scalar(value: number): Tensor {
  return constant(Float32Array.of(value), []);
}

/** A float32 constant with one value everywhere, stored once and broadcast. */
export function filled(shape: Shape, value: number): Tensor {
  return broadcast(scalar(value), shape);
}

// --- element-wise, with broadcasting ---

const lift = (value: Tensor | number): Tensor => (typeof value === 'number' ? scalar(value) : value);

export function add(a: Tensor | number, b: Tensor | number): Tensor {
  return apply('add', [lift(a), lift(b)], {});
}
export function subtract(a: Tensor | number, b: Tensor | number): Tensor {
  return apply('subtract', [lift(a), lift(b)], {});
}
export function multiply(a: Tensor | number, b: Tensor | number): Tensor {
  return apply('multiply', [lift(a), lift(b)], {});
}
export function divide(a: Tensor | number, b: Tensor | number): Tensor {
  return apply('divide', [lift(a), lift(b)], {});
}
export function maximum(a: Tensor | number, b: Tensor | number): Tensor {
  return apply('maximum', [lift(a), lift(b)], {});
}
export function minimum(a: Tensor | number, b: Tensor | number): Tensor {
  return apply('minimum', [lift(a), lift(b)], {});
}
export function negate(x: Tensor): Tensor {
  return apply('negate', [x], {});
}
/** @public Part of the set of operations; the transformer itself does without. */
export function exponential(x: Tensor): Tensor {
  return apply('exponential', [x], {});
}
export function logarithm(x: Tensor): Tensor {
  return apply('logarithm', [x], {});
}
export function squareRoot(x: Tensor): Tensor {
  return apply('squareRoot', [x], {});
}
export function sigmoid(x: Tensor): Tensor {
  return apply('sigmoid', [x], {});
}
/** 1 where x > 0, else 0. */
export function step(x: Tensor): Tensor {
  return apply('step', [x], {});
}
export function silu(x: Tensor): Tensor {
  return apply('silu', [x], {});
}

// --- products and reductions ---

/** `scale * op(a) @ op(b)` over the last two axes; leading axes are equal or 1. */
export function matmul(
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false, scale = 1 }: Partial<Attributes['matmul']> = {},
): Tensor {
  return apply('matmul', [a, b], { transposeA, transposeB, scale });
}

/** Sum over `axes` (all when absent); negative axes count from the end. */
export function reduceSum(x: Tensor, axes?: readonly number[], keepAxes = false): Tensor {
  return apply('reduceSum', [x], { axes: normalizeAxes(x, axes), keepAxes });
}
export function reduceMax(x: Tensor, axes?: readonly number[], keepAxes = false): Tensor {
  return apply('reduceMax', [x], { axes: normalizeAxes(x, axes), keepAxes });
}
export function mean(x: Tensor, axes?: readonly number[], keepAxes = false): Tensor {
  const total = reduceSum(x, axes, keepAxes);
  return multiply(total, sizeOf(total.shape) / sizeOf(x.shape));
}
/** Softmax over the last axis. */
export function softmax(x: Tensor): Tensor {
  return apply('softmax', [x], {});
}
function normalizeAxes(x: Tensor, axes: readonly number[] | undefined): readonly number[] {
  const rank = x.shape.length;
  if (axes === undefined) return x.shape.map((_, axis) => axis);
  return axes.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);
}

// --- shapes ---

export function reshape(x: Tensor, shape: Shape): Tensor {
  return apply('reshape', [x], { shape });
}
export function transpose(x: Tensor, permutation: readonly number[]): Tensor {
  return apply('transpose', [x], { permutation });
}
export function broadcast(x: Tensor, shape: Shape): Tensor {
  return apply('broadcast', [x], { shape });
}
/** Elements `start` to `end` (excluded) along `axis`. */
export function slice(x: Tensor, axis: number, start: number, end: number): Tensor {
  return apply('slice', [x], { axis, start, end });
}
export function concatenate(parts: readonly Tensor[], axis: number): Tensor {
  return parts.length === 1 ? parts[0] : apply('concatenate', parts, { axis });
}

// --- indexing ---

/** Rows of `table` [rows, width] at `indices` int32[n]: [n, width]. */
export function gather(table: Tensor, indices: Tensor): Tensor {
  return apply('gather', [table, indices], {});
}
/** A zero matrix [rows, width] to whose row indices[i] the row values[i] is added. */
export function scatterAdd(values: Tensor, indices: Tensor, rows: number): Tensor {
  return apply('scatterAdd', [values, indices], { rows });
}
/** x[i, indices[i]] for x [n, columns] and indices int32[n]: [n]. */
export function pick(x: Tensor, indices: Tensor): Tensor {
  return apply('pick', [x, indices], {});
}
/** A zero matrix [n, columns] with values[i] at [i, indices[i]]. */
export function place(values: Tensor, indices: Tensor, columns: number): Tensor {
  return apply('place', [values, indices], { columns });
}

// --- parts of the transformer ---

/** x / sqrt(mean(x^2) + epsilon) * weight over the last axis (Zhang and Sennrich 2019). */
export function rmsNorm(x: Tensor, weight: Tensor, epsilon: number): Tensor {
  return apply('rmsNorm', [x, weight], { epsilon });
}
/** Rotary positions, half-split as in Llama: x [..., length, size], cosine and sine [length, size / 2]. */
export function rotary(x: Tensor, cosine: Tensor, sine: Tensor): Tensor {
  return apply('rotary', [x, cosine, sine], { inverse: false });
}
/**
 * softmax(scale q k^T + causal mask) v for q, k, v [batch, heads, length, size]. The rows are computed in
 * `blocks` equal parts, each against the keys up to its end only, which saves up to half of the work.
 */
export function causalAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  settings: Attributes['causalAttention'],
): Tensor {
  return apply('causalAttention', [q, k, v], settings);
}

/**
 * The sum of a value over the devices of an engine that has several, the same on each of them; the value itself where
 * there is one.
 */
export function sumOverDevices(x: Tensor): Tensor {
  return apply('sumOverDevices', [x], {});
}

/** -log softmax(x @ head^T)[target] for x [n, width], head [vocabulary, width], targets int32[n]: [n], in nats. */
export function linearCrossEntropy(x: Tensor, head: Tensor, targets: Tensor): Tensor {
  return apply('linearCrossEntropy', [x, head, targets], {});
}
