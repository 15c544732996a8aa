/** Budgets as people write them, and as the planner shows them: what is shown can be given back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatAmount,
  formatInferenceLimit,
  isSmallEnough,
  isWithin,
  parseAmount,
  parseInferenceLimit,
} from '../../../../src/budget/planner/amounts.ts';
import { formatSeconds } from '../../../../src/common/format.ts';

test('every amount that is shown is read, as what it shows', () => {
  for (const value of [0.42, 7, 59, 61, 130, 3599, 3900, 86_399, 100_000, 1e7]) {
    const shown = formatSeconds(value);
    const read = parseAmount(shown);
    assert.equal(read?.unit, 'seconds', shown);
    assert.equal(formatSeconds(read.value), shown);
  }
  for (const value of [3, 4e3, 3.04e13, 1.5e22, 2e25]) {
    const shown = formatAmount({ unit: 'FLOPs', value });
    const read = parseAmount(shown);
    assert.equal(read?.unit, 'FLOPs', shown);
    assert.equal(formatAmount(read), shown);
  }
});

test('times of several units are sums, and other text is none', () => {
  assert.deepEqual(parseAmount('1 h 05 min'), { unit: 'seconds', value: 3900 });
  assert.deepEqual(parseAmount('3d 4h'), { unit: 'seconds', value: 273_600 });
  for (const text of ['2 h 3', '2 min fast', 'h min', '1 h and 5 min', '2 h 3 PFLOP', '1 H 5 min']) {
    assert.equal(parseAmount(text), undefined, text);
  }
});

test('a model’s size is read with its words', () => {
  for (const text of [
    '1.3M',
    '1.3M parameters',
    formatInferenceLimit({ unit: 'parameters', value: 1.3e6 }),
  ]) {
    assert.deepEqual(parseInferenceLimit(text), { unit: 'parameters', value: 1.3e6 }, text);
  }
  for (const text of ['500kFLOP', '500kFLOP a token', '500 kFLOP per token']) {
    assert.deepEqual(parseInferenceLimit(text), { unit: 'FLOPs per token', value: 5e5 }, text);
  }
  assert.equal(parseInferenceLimit('parameters'), undefined);
});

test('what is shown as the limit is within it, and what is shown as more is not', () => {
  const limit = { unit: 'FLOPs', value: 3.04e13 } as const;
  assert.deepEqual(
    [3e13, 3.044e13, 3.046e13].map((value) => isWithin(value, limit)),
    [true, true, false],
  );
  const size = { unit: 'parameters', value: 1.3e6 } as const;
  assert.deepEqual(
    [1_328_256, 1_360_000].map((value) => isSmallEnough(value, size)),
    [true, false],
  );
});
