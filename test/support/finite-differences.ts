/** Central differences: the derivative from function values alone, with an error of O(h^2). */

/** The gradient of `loss` at `point`; with h = 1e-5 in float64 it is good to about nine digits. */
export function finiteDifferences(
  loss: (point: Float64Array) => number,
  point: Float64Array,
  h = 1e-5,
): Float64Array {
  return point.map((value, i) => {
    const shifted = (by: number) => loss(point.with(i, value + by));
    return (shifted(h) - shifted(-h)) / (2 * h);
  });
}
