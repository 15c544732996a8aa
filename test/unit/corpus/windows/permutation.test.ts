import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Random } from '../../../../src/common/random.ts';
import { Permutation } from '../../../../src/corpus/windows/permutation.ts';

const permutation = (size: number, seed: number) => new Permutation(size, Random.fromSeed(seed, 'test'));

test('every number is reached exactly once, for any size and seed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), fc.nat(), (size, seed) => {
      const order = permutation(size, seed);
      const reached = new Set(Array.from({ length: size }, (_, i) => order.at(i)));
      assert.equal(reached.size, size);
      for (const number of reached) assert.ok(number >= 0 && number < size);
    }),
  );
});

test('over many seeds every order of five numbers is about equally frequent', () => {
  const counts = new Map<string, number>();
  const draws = 24_000;
  for (let seed = 0; seed < draws; seed++) {
    const order = permutation(5, seed);
    const key = [0, 1, 2, 3, 4].map((i) => order.at(i)).join();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const expected = draws / 120;
  let chiSquare = 0;
  for (const count of counts.values()) chiSquare += (count - expected) ** 2 / expected;
  assert.equal(counts.size, 120);
  // 119 degrees of freedom: exceeded by chance once in 10,000.
  assert.ok(chiSquare < 185, `chi-square ${chiSquare}`);
});

test('in a large order the places of the first tenth are spread evenly and unrelated to their neighbours', () => {
  const size = 100_000;
  const order = permutation(size, 7);
  const bins = new Float64Array(100);
  let correlation = 0;
  for (let i = 0; i < size / 10; i++) {
    bins[Math.floor((order.at(i) / size) * 100)]++;
    correlation += (order.at(i) / size - 0.5) * (order.at(i + 1) / size - 0.5) * 12;
  }
  const chiSquare = bins.reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0);
  // 99 degrees of freedom: exceeded by chance once in 10,000.
  assert.ok(chiSquare < 161, `chi-square ${chiSquare}`);
  assert.ok(Math.abs(correlation / (size / 10)) < 0.04);
});

test('the largest size is reached without loss of bits', () => {
  const order = permutation(2 ** 32, 1);
  const seen = new Set(Array.from({ length: 1000 }, (_, i) => order.at(2 ** 32 - 1 - i)));
  assert.equal(seen.size, 1000);
  assert.ok(Math.max(...seen) > 2 ** 31);
});

test('nothing and fractions cannot be permuted', () => {
  for (const size of [0, -1, 1.5, 2 ** 33]) assert.throws(() => permutation(size, 1), RangeError);
});
