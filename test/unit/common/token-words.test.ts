import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProbability, visibleToken } from '../../../src/common/token-words.ts';

test('white space of a token can be seen, and within it stays', () => {
  assert.deepEqual([' the', 'a b', '\n\n', '\tx  ', ''].map(visibleToken), [
    '␣the',
    'a b',
    '↵↵',
    '⇥x␣␣',
    '…',
  ]);
});

test('probabilities have two digits where that says something', () => {
  const shown = [1, 0.344, 0.0994, 0.012, 0.001, 0.0004].map((one) => formatProbability(Math.log(one)));
  assert.deepEqual(shown, ['100 %', '34 %', '9.9 %', '1.2 %', '0.1 %', '<0.1 %']);
});
