/** What several operations' shape and gradient rules need. */
import { reduceSum, reshape } from '../build.ts';
import { type DataType, type Shape, ShapeMismatch, sameShape, type Tensor } from '../tensor.ts';

export function require(condition: boolean, reason: string): asserts condition {
  if (!condition) throw new ShapeMismatch(reason);
}

export function requireFloat(...inputs: readonly Tensor[]): void {
  for (const { dtype } of inputs) require(dtype === 'float32', `needs float32, got ${dtype}`);
}

export function requireIndices(indices: Tensor): void {
  require(indices.dtype === 'int32', `indices must be int32, got ${indices.dtype}`);
  require(indices.shape.length === 1, 'indices must have one axis');
}

export const float32 = (shape: Shape): { shape: Shape; dtype: DataType } => ({ shape, dtype: 'float32' });

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

/** Sums a gradient over the axes along which its input was broadcast. */
export function unbroadcast(gradient: Tensor, shape: Shape): Tensor {
  if (sameShape(gradient.shape, shape)) return gradient;
  const extra = gradient.shape.length - shape.length;
  const axes = gradient.shape
    .map((_, axis) => axis)
    .filter((axis) => axis < extra || (shape[axis - extra] === 1 && gradient.shape[axis] !== 1));
  return reshape(reduceSum(gradient, axes, true), shape);
}
