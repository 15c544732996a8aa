/** Comparison of numbers that two computations reached on different ways. */
import assert from 'node:assert/strict';

/** Each pair differs by at most `tolerance`, relative to the larger of the expected value and `least`. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
  least = 1,
): void {
  assert.equal(actual.length, expected.length, `${what}: number of values`);
  for (let i = 0; i < expected.length; i++) {
    const allowed = tolerance * Math.max(least, Math.abs(expected[i]));
    if (!(Math.abs(actual[i] - expected[i]) <= allowed)) {
      assert.fail(`${what}: value ${i} is ${actual[i]}, expected ${expected[i]} within ${allowed}`);
    }
  }
}
