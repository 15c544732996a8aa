/** Positions in tensors that are stored row by row. */
import { type Shape, sizeOf } from '../../src/graph/tensor.ts';

export type Coordinates = readonly number[];

/** The coordinates of every element of a shape, in storage order. */
export function allCoordinates(shape: Shape): Coordinates[] {
  return Array.from({ length: sizeOf(shape) }, (_, at) => {
    let rest = at;
    return shape
      .toReversed()
      .map((length) => {
        const coordinate = rest % length;
        rest = Math.floor(rest / length);
        return coordinate;
      })
      .toReversed();
  });
}

/** Where an element is stored; axes of length 1 repeat and leading coordinates are dropped (broadcasting). */
export function offset(coordinates: Coordinates, shape: Shape): number {
  const own = coordinates.slice(coordinates.length - shape.length);
  return shape.reduce((at, length, axis) => at * length + (length === 1 ? 0 : own[axis]), 0);
}
