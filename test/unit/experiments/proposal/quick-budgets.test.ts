import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quickBudgets } from '../../../../src/experiments/proposal/quick-budgets.ts';

test('the first verdict takes about a minute of training on slow and fast machines, for 20k to 300k tokens of text', () => {
  for (const tokensPerSecond of [10_000, 15_000, 40_000, 100_000]) {
    for (const domainTokens of [20_000, 100_000, 200_000, 300_000]) {
      const { firstSeconds, pretrainingTokens } = quickBudgets({ tokensPerSecond, domainTokens });
      assert.ok(firstSeconds <= 90, `${firstSeconds} s at ${tokensPerSecond} for ${domainTokens}`);
      assert.ok(pretrainingTokens[0] >= 16_384);
      assert.equal(pretrainingTokens[1], 4 * pretrainingTokens[0]);
    }
  }
});

test('a faster machine trains on more, within bounds; text that takes longer than that to read once is read once', () => {
  const of = (tokensPerSecond: number, domainTokens = 20_000) =>
    quickBudgets({ tokensPerSecond, domainTokens });
  assert.ok(of(30_000).pretrainingTokens[0] > of(5000).pretrainingTokens[0]);
  assert.deepEqual([of(1).pretrainingTokens[0], of(1e9).pretrainingTokens[0]], [16_384, 131_072]);
  const long = of(10_000, 2_000_000);
  assert.deepEqual(long.pretrainingTokens, [16_384, 65_536]);
  assert.ok(long.firstSeconds > 400, 'and it is predicted');
});
