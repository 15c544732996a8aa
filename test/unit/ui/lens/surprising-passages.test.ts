/** Surprising passages against the definition of maximal runs, searched in all runs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { maximalRuns, passageFrom, surprisingPassages } from '../../../../src/ui/lens/surprising-passages.ts';

/** The definition: the run of the highest sum (the shortest of several), then the same on both of its sides. */
function byDefinition(scores: readonly number[], offset = 0): [number, number][] {
  let best = { sum: 0, first: -1, last: -1 };
  for (let first = 0; first < scores.length; first++) {
    let sum = 0;
    for (let last = first; last < scores.length; last++) {
      sum += scores[last];
      const isShorter = sum === best.sum && best.first >= 0 && last - first < best.last - best.first;
      if (sum > best.sum || isShorter) best = { sum, first, last };
    }
  }
  if (best.first < 0) return [];
  return [
    ...byDefinition(scores.slice(0, best.first), offset),
    [offset + best.first, offset + best.last],
    ...byDefinition(scores.slice(best.last + 1), offset + best.last + 1),
  ];
}

test('maximal runs are those of the definition', () => {
  // Whole numbers: their sums are exact, and often equal.
  const scores = fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 40 });
  fc.assert(
    fc.property(scores, (drawn) => {
      const found = maximalRuns(drawn).map(({ first, last }): [number, number] => [first, last]);
      assert.deepEqual(found, byDefinition(drawn));
    }),
  );
});

const line = (bitsPerByte: number) => ({ bits: bitsPerByte * 60, bytes: 60, isBlank: false });
const blank = { bits: 3, bytes: 1, isBlank: true };

test('a passage keeps a blank and an ordinary line between odd ones, and ends where ordinary text goes on', () => {
  const ordinary = line(2);
  const odd = line(4);
  const lines = [
    ordinary,
    ordinary,
    odd,
    odd,
    blank,
    odd,
    ordinary,
    odd,
    blank,
    ordinary,
    ordinary,
    ordinary,
  ];
  assert.deepEqual(surprisingPassages(lines, 2), [{ first: 2, last: 7 }]);
});

test('a rare word alone is no passage', () => {
  assert.deepEqual(surprisingPassages([line(2), { bits: 30, bytes: 8, isBlank: false }, line(2)], 2), []);
});

test('the next passage is the one at the line or after it, around the end', () => {
  const passages = [
    { first: 3, last: 5 },
    { first: 9, last: 9 },
  ];
  assert.deepEqual(
    [0, 3, 5, 6, 9, 10].map((from) => passageFrom(passages, from)?.first),
    [3, 3, 3, 9, 9, 3],
  );
  assert.equal(passageFrom([], 4), undefined);
});
