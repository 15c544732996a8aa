/** Changes on their way: together, each once, and never more than a bounded number. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChangeQueue, type Changes } from '../../../../src/corpus/watching/change-queue.ts';
import { gate, until } from '../../../support/waiting.ts';

test('changes come together, each path once, a batch at a time', async () => {
  const batches: Changes[] = [];
  const first = gate();
  let running = 0;
  const queue = new ChangeQueue(async (changes) => {
    assert.equal(running++, 0);
    batches.push(changes);
    await first.opened;
    running--;
  });
  for (const path of ['a', 'b', 'a']) queue.add(path);
  await until('the first batch', () => batches.length === 1);
  queue.add('c');
  first.open();
  await until('the second batch', () => batches.length === 2);
  await queue.close();
  assert.deepEqual(batches, [new Set(['a', 'b']), new Set(['c'])]);
});

test('a storm becomes one look at everything', async () => {
  const batches: Changes[] = [];
  const queue = new ChangeQueue(async (changes) => {
    batches.push(changes);
  });
  for (let i = 0; i < 10_000; i++) queue.add(`file ${i}`);
  await until('the batch', () => batches.length === 1);
  await queue.close();
  assert.deepEqual(batches, ['everything']);
});
