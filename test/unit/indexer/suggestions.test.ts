/** Which files are suggested for review. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unlikeFiles } from '../../../src/indexer/suggestions.ts';

const file = (path: string, ...counts: number[]) => ({ path, counts: Float64Array.from(counts) });
const rest = Array.from({ length: 10 }, (_, i) => file(`rest ${i}`, 6, 4, 0));

test('a file about other things than the rest is suggested, with its numbers', () => {
  assert.deepEqual(unlikeFiles([...rest, file('odd', 1, 0, 7)], 'notes'), [
    {
      path: 'odd',
      corpus: 'notes',
      reason:
        '7 of 8 pieces of this file are about things that only 0 of the 100 other pieces of notes are about.',
    },
  ]);
});

test('a single odd piece, a file like the others and a small domain give no suggestion', () => {
  assert.deepEqual(unlikeFiles([...rest, file('one piece', 0, 0, 1), file('like', 5, 5, 0)], 'notes'), []);
  assert.deepEqual(unlikeFiles([file('a', 6, 0), file('b', 0, 6)], 'notes'), []);
  assert.deepEqual(unlikeFiles([], 'notes'), []);
});
