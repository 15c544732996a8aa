/** What the benchmark's figures are made of. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstReaching, median } from '../../../bench/statistics.ts';

test('the median does not depend on the order, and lies between the middle two of an even number', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([10, 2, 4, 1]), 3);
  assert.throws(() => median([]), RangeError);
});

test('the time to a perplexity is that of the first run at or below it, never one in between', () => {
  const points = [
    { seconds: 10, perplexity: 80 },
    { seconds: 12, perplexity: 60 },
    { seconds: 14, perplexity: 61 },
  ];
  assert.equal(firstReaching(points, 70)?.seconds, 12);
  assert.equal(firstReaching(points, 60)?.seconds, 12);
  assert.equal(firstReaching(points, 59.9), undefined);
});
