/**
 * Of each operation the shape and type of its output. The type asks for every name in `Attributes`: a missing entry does
 * not compile. A rule throws `ShapeMismatch` with the reason when its inputs do not fit.
 */
import {
  type Attributes,
  type DataType,
  formatShape,
  type OperationName,
  type Shape,
  ShapeMismatch,
  sameShape,
  sizeOf,
  type Tensor,
} from './tensor.ts';

interface Inferred {
  readonly shape: Shape;
  readonly dtype: DataType;
}

export type ShapeRule<Name extends OperationName> = (
  inputs: readonly Tensor[],
  attributes: Attributes[Name],
) => Inferred;

export const shapeRules: { readonly [Name in OperationName]: ShapeRule<Name> } = {
  input: (_, { shape, dtype }) => ({ shape, dtype }),
  constant: (_, { data, shape }) => {
    require(data.length === sizeOf(shape), `has ${data.length} values for a shape of ${sizeOf(shape)}`);
    return { shape, dtype: data instanceof Float32Array ? 'float32' : 'int32' };
  },

  add: binary,
  subtract: binary,
  multiply: binary,
  divide: binary,
  maximum: binary,
  minimum: binary,
  negate: unary,
  exponential: unary,
  logarithm: unary,
  squareRoot: unary,
  sigmoid: unary,
  step: unary,
  silu: unary,

  matmul: ([a, b], { transposeA, transposeB }) => {
    requireFloat(a, b);
    const rank = a.shape.length;
    require(rank >= 2 && b.shape.length === rank, 'both factors need the same number of axes, at least two');
    const [rows, innerA] = lastTwo(a.shape, transposeA);
    const [innerB, columns] = lastTwo(b.shape, transposeB);
    require(innerA === innerB, `inner lengths ${innerA} and ${innerB} differ`);
    return float32([...broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns]);
  },
  reduceSum: reduction,
  reduceMax: reduction,
  sumOverDevices: unary,
  softmax: ([x]) => {
    requireFloat(x);
    require(x.shape.length > 0, 'needs at least one axis');
    return float32(x.shape);
  },

  reshape: ([x], { shape }) => {
    const [held, wanted] = [sizeOf(x.shape), sizeOf(shape)];
    require(held === wanted, `${held} elements do not fill ${formatShape(shape)}`);
    return { shape, dtype: x.dtype };
  },
  transpose: ([x], { permutation }) => {
    const sorted = [...permutation].sort((a, b) => a - b);
    const axes = x.shape.map((_, axis) => axis);
    require(sameShape(sorted, axes), 'permutation must name each axis once');
    return { shape: permutation.map((axis) => x.shape[axis]), dtype: x.dtype };
  },
  broadcast: ([x], { shape }) => {
    requireFloat(x);
    require(sameShape(broadcastShapes(x.shape, shape), shape), `does not broadcast to ${formatShape(shape)}`);
    return float32(shape);
  },
  slice: ([x], { axis, start, end }) => {
    require(axis >= 0 && axis < x.shape.length, `axis ${axis} is not in ${formatShape(x.shape)}`);
    require(start >= 0 && start < end && end <= x.shape[axis], `range ${start} to ${end} is not in the axis`);
    return { shape: x.shape.map((length, i) => (i === axis ? end - start : length)), dtype: x.dtype };
  },
  concatenate: (parts, { axis }) => {
    const [first] = parts;
    require(parts.length > 0 && axis >= 0 && axis < first.shape.length, `axis ${axis} is not in the parts`);
    for (const part of parts) {
      const fits = part.shape.length === first.shape.length && part.dtype === first.dtype;
      require(fits, 'parts differ in type or number of axes');
      for (const [i, length] of part.shape.entries()) {
        require(i === axis || length === first.shape[i], `parts differ along axis ${i}`);
      }
    }
    const length = parts.reduce((sum, part) => sum + part.shape[axis], 0);
    return { shape: first.shape.map((own, i) => (i === axis ? length : own)), dtype: first.dtype };
  },

  gather: ([table, indices]) => {
    requireFloat(table);
    requireIndices(indices);
    require(table.shape.length === 2, 'the table must be a matrix');
    return float32([indices.shape[0], table.shape[1]]);
  },
  scatterAdd: ([values, indices], { rows }) => {
    requireFloat(values);
    requireIndices(indices);
    require(values.shape.length === 2, 'the values must be a matrix');
    require(values.shape[0] === indices.shape[0], 'needs one index a row');
    return float32([rows, values.shape[1]]);
  },
  pick: ([x, indices]) => {
    requireFloat(x);
    requireIndices(indices);
    require(x.shape.length === 2, 'needs a matrix');
    require(x.shape[0] === indices.shape[0], 'needs one index a row');
    return float32([x.shape[0]]);
  },
  place: ([values, indices], { columns }) => {
    requireFloat(values);
    requireIndices(indices);
    require(sameShape(values.shape, indices.shape), 'needs one index a value');
    return float32([values.shape[0], columns]);
  },

  rmsNorm: ([x, weight]) => {
    requireFloat(x, weight);
    require(sameShape(weight.shape, x.shape.slice(-1)), 'the weight must have the length of the last axis');
    return float32(x.shape);
  },
  rotary: ([x, cosine, sine]) => {
    requireFloat(x, cosine, sine);
    const [length, size] = x.shape.slice(-2);
    require(size % 2 === 0, 'the last axis must have an even length');
    const angles = [length, size / 2];
    const fit = sameShape(cosine.shape, angles) && sameShape(sine.shape, angles);
    require(fit, 'angles must be [length, size / 2]');
    return float32(x.shape);
  },
  causalAttention: ([q, k, v], { blocks }) => {
    requireFloat(q, k, v);
    require(q.shape.length === 4, 'needs [batch, heads, length, size]');
    require(sameShape(q.shape, k.shape) && sameShape(k.shape, v.shape), 'q, k and v must have one shape');
    require(q.shape[2] % blocks === 0, `${blocks} blocks do not divide the length ${q.shape[2]}`);
    return float32(q.shape);
  },
  causalAttentionGradient: ([q, k, v, g]) => {
    requireFloat(q, k, v, g);
    const fit = [k, v, g].every(({ shape }) => sameShape(shape, q.shape));
    require(q.shape.length === 4 && fit, 'q, k, v and the gradient must have one shape');
    return float32(q.shape);
  },
  linearCrossEntropy: ([x, head, targets]) => {
    requireFloat(x, head);
    requireIndices(targets);
    require(x.shape.length === 2 && head.shape.length === 2, 'x and head must be matrices');
    require(x.shape[1] === head.shape[1], `widths ${x.shape[1]} and ${head.shape[1]} differ`);
    require(x.shape[0] === targets.shape[0], 'needs one target a row');
    return float32([x.shape[0]]);
  },
};

function unary([x]: readonly Tensor[]): Inferred {
  requireFloat(x);
  return float32(x.shape);
}

function binary([a, b]: readonly Tensor[]): Inferred {
  requireFloat(a, b);
  return float32(broadcastShapes(a.shape, b.shape));
}

function reduction(
  [x]: readonly Tensor[],
  { axes, keepAxes }: Attributes['reduceSum'] | Attributes['reduceMax'],
): Inferred {
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

function lastTwo(shape: Shape, swapped: boolean): readonly [number, number] {
  const [x, y] = shape.slice(-2);
  return swapped ? [y, x] : [x, y];
}

/** The shape that two shapes broadcast to (NumPy's rule). */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    require(x === y || x === 1 || y === 1, `lengths ${x} and ${y} of axis ${i - rank} do not broadcast`);
    return x === 1 ? y : x;
  });
}

function float32(shape: Shape): Inferred {
  return { shape, dtype: 'float32' };
}

function require(condition: boolean, reason: string): asserts condition {
  if (!condition) throw new ShapeMismatch(reason);
}

function requireFloat(...inputs: readonly Tensor[]): void {
  for (const { dtype } of inputs) require(dtype === 'float32', `needs float32, got ${dtype}`);
}

function requireIndices(indices: Tensor): void {
  require(indices.dtype === 'int32', `indices must be int32, got ${indices.dtype}`);
  require(indices.shape.length === 1, 'indices must have one axis');
}
