import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Loss } from '../../../../src/cluster/slurm/endings.ts';
import { Restarts } from '../../../../src/cluster/slurm/restarts.ts';

const stage = { id: 'aa', label: 'tokens of generic' };
const loss = (kind: Loss['kind']): Loss => ({ kind, words: '' });
const need = { seconds: 60, bytes: 1e9 };

test('what only waited for lost jobs is sent as often as they are', () => {
  const restarts = new Restarts({});
  for (let i = 0; i < 200; i++) restarts.count(stage, loss('upstream'), '');
  assert.deepEqual(restarts.need(stage.id, need), need);
});

test('what gets on is sent as often as it takes, what does not is given up', () => {
  const restarts = new Restarts({});
  for (let i = 0; i < 200; i++) restarts.count(stage, loss('other'), `checkpoint ${i}`);
  const again = () => restarts.count(stage, loss('other'), 'checkpoint 199');
  for (let i = 0; i < 50; i++) again();
  assert.throws(again, /“tokens of generic” was lost 51 times in a row/, 'said as it was counted');
});

test('a time that was over for nothing is doubled, more than the least that a job asks for', () => {
  const restarts = new Restarts({});
  restarts.count(stage, loss('no progress'), '');
  assert.equal(restarts.need(stage.id, need).seconds, 400);
  assert.equal(restarts.need(stage.id, { ...need, seconds: 1000 }).seconds, 2000);
  restarts.count(stage, loss('time'), '');
  assert.equal(restarts.need(stage.id, { ...need, seconds: 1000 }).seconds, 4000);
  assert.deepEqual(restarts.need('bb', need), need);
  assert.throws(() => {
    for (let i = 0; i < 10; i++) restarts.count(stage, loss('no progress'), '');
  }, /was over 7 times before it had saved anything/);
});

test('a time that was not for nothing stays as it is', () => {
  const restarts = new Restarts({ time: '1:00:00' });
  for (let i = 0; i < 100; i++) restarts.count(stage, loss('time'), `checkpoint ${i}`);
  assert.deepEqual(restarts.need(stage.id, need), need);
});

test('the time that the user set is given two tries', () => {
  const restarts = new Restarts({ time: '1:00:00' });
  restarts.count(stage, loss('no progress'), 'checkpoint');
  assert.throws(
    () => restarts.count(stage, loss('no progress'), 'checkpoint'),
    (error: Error & { hint?: string }) =>
      /“tokens of generic” was over 2 times/.test(error.message) &&
      /It is 1:00:00 now: raise execution\.slurm\.time/.test(error.hint ?? ''),
  );
});
