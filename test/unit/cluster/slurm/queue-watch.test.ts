import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QueueWatch } from '../../../../src/cluster/slurm/queue-watch.ts';
import { PretendedSlurm } from '../../../support/pretended-slurm.ts';

test('while nothing changes Slurm is asked ever more seldom, and soon again when something is expected to', async (t) => {
  const slurm = new PretendedSlurm(t);
  let nowMs = 1000;
  t.mock.method(performance, 'now', () => nowMs);
  const watch = new QueueWatch('/nowhere', { onNote: () => undefined, onStandstill: () => undefined });
  await watch.ask();
  /** Seconds until it asks again. */
  const gap = async (): Promise<number> => {
    const { askedCount } = slurm;
    for (let seconds = 1; ; seconds++) {
      nowMs += 1000;
      await watch.look();
      if (slurm.askedCount > askedCount) return seconds;
    }
  };
  assert.deepEqual([await gap(), await gap(), await gap(), await gap()], [6, 12, 15, 15]);
  watch.expectChange();
  assert.equal(await gap(), 3);
});
