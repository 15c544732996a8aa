/** Changes on their way: together, each once, and never more than a bounded number. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ChangeQueue, type Changes } from '../../../../src/corpus/watching/change-queue.ts';

test('changes come together, each path once, a batch at a time', async () => {
  const batches: Changes[] = [];
  let running = 0;
  const queue = new ChangeQueue(async (changes) => {
    assert.equal(running++, 0);
    batches.push(changes);
    await sleep(20);
    running--;
  });
  for (const path of ['a', 'b', 'a']) queue.add(path);
  await sleep(75);
  queue.add('c');
  await sleep(200);
  await queue.close();
  assert.deepEqual(batches, [new Set(['a', 'b']), new Set(['c'])]);
});

test('a storm becomes one look at everything', async () => {
  const batches: Changes[] = [];
  const queue = new ChangeQueue(async (changes) => {
    batches.push(changes);
  });
  for (let i = 0; i < 10_000; i++) queue.add(`file ${i}`);
  await sleep(150);
  await queue.close();
  assert.deepEqual(batches, ['everything']);
});
