import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rescans } from '../../../src/indexer/rescans.ts';

test('everything is looked through again where changes come without notice, for a tenth of the time at most', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let looks = 0;
  const rescans = new Rescans(() => looks++);
  const looksAfter = (ms: number): number => {
    t.mock.timers.tick(ms);
    return looks;
  };
  rescans.looked(10, false);
  assert.equal(looksAfter(1e7), 0, 'the system tells');
  rescans.looked(10, true);
  assert.deepEqual([looksAfter(59_999), looksAfter(1)], [0, 1]);
  rescans.looked(20_000, true);
  assert.deepEqual([looksAfter(199_999), looksAfter(1)], [1, 2]);
  rescans.limit();
  assert.deepEqual([looksAfter(4999), looksAfter(1)], [2, 3]);
  rescans.looked(10, false);
  assert.deepEqual([looksAfter(4999), looksAfter(1)], [3, 4]);
  rescans.looked(10, true);
  rescans.close();
  rescans.looked(10, true);
  assert.equal(looksAfter(1e7), 4);
});
