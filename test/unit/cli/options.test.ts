import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRate } from '../../../src/cli/options.ts';

test('a rate is operations a second, with a prefix or as a number, and nothing else', () => {
  assert.deepEqual(['20TFLOP', '20 TFLOP/s', '7.8e12'].map(parseRate), [2e13, 2e13, 7.8e12]);
  assert.deepEqual(['0', '2h', 'fast', '-3', ''].map(parseRate), Array(5).fill(undefined));
});
