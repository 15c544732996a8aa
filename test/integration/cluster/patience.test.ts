/** What a run waits for once it has begun: a queue that does not answer, a disk that does not show or refuses. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { until } from '../../support/waiting.ts';
import { first, need, pretended, running, second } from './pretended-runs.ts';

test('a controller that is silent in the middle of a run is waited for', async (t) => {
  const { slurm, notes, run, executor } = pretended(t);
  const following = executor();
  await following.expect([first], need);
  slurm.isSilent = true;
  await following.expect([second], need);
  assert.match(notes.join(), /does not answer.* sent when it answers/);
  const done = following.compute(second, () => undefined);
  slurm.isSilent = false;
  slurm.tell(running);
  await slurm.hasSent(3);
  assert.ok(slurm.optionsOf(3).some((one) => /^--dependency=afterok:.*2/.test(one)));
  await run(second);
  await done;
});

test('once a run has begun, whatever keeps squeue from answering is waited for, and told once', async (t) => {
  const { slurm, notes, run, executor } = pretended(t);
  const following = executor();
  await following.expect([first], need);
  slurm.tell(running);
  const done = following.compute(first, () => undefined);
  for (const [again, words] of ['Munge encode failed', 'Zero Bytes were transmitted or received'].entries()) {
    slurm.refusal = `squeue: error: ${words}`;
    await until(words, () => notes.some((note) => note.includes(words)));
    slurm.refusal = undefined;
    await until('it answers', () => notes.filter((note) => /answers again/.test(note)).length > again);
  }
  assert.equal(notes.filter((note) => /this waits for it/.test(note)).length, 2);
  await run(first);
  await done;
  assert.deepEqual(slurm.cancelled, []);
});

test('a run does not begin where squeue refuses', async (t) => {
  const { slurm, executor } = pretended(t);
  slurm.refusal = 'squeue: error: Invalid user';
  await assert.rejects(executor().expect([first], need), /squeue refuses: Invalid user/);
});

/** Lets time pass for this process alone. */
function clock(t: TestContext): { pass(ms: number): void } {
  const now = performance.now.bind(performance);
  let passedMs = 0;
  t.mock.method(performance, 'now', () => now() + passedMs);
  return {
    pass: (ms) => {
      passedMs += ms;
    },
  };
}

test('what a job made is waited for as long as a disk may not show it', async (t) => {
  const { slurm, run, executor } = pretended(t);
  const { pass } = clock(t);
  const following = executor();
  await following.expect([first], need);
  slurm.tell([
    { id: 1, state: 'COMPLETED' },
    { id: 2, state: 'COMPLETED' },
  ]);
  const done = following.compute(first, () => undefined);
  // What it sees first begins the wait; then a minute passes for it.
  for (const _ of [1, 2]) {
    const { askedCount } = slurm;
    await until('the queue is asked', () => slurm.askedCount > askedCount);
    pass(31_000);
  }
  const { askedCount } = slurm;
  await until('the queue is asked', () => slurm.askedCount > askedCount);
  await run(first);
  await done;
  assert.equal(slurm.sentCount, 2);
});

test('what is never seen is told as that', async (t) => {
  const { slurm, executor } = pretended(t);
  const { pass } = clock(t);
  const following = executor();
  await following.expect([first], need);
  slurm.tell([
    { id: 1, state: 'COMPLETED' },
    { id: 2, state: 'COMPLETED' },
  ]);
  const refused = assert.rejects(
    following.compute(first, () => undefined),
    /The job 2 of “first” has ended well, but what it made is not seen/,
  );
  const { askedCount } = slurm;
  await until('the queue is asked', () => slurm.askedCount > askedCount);
  const passing = setInterval(() => pass(60_000), 500);
  t.after(() => clearInterval(passing));
  await refused;
});

test('a disk that refuses for a moment does not end the run', async (t) => {
  const { slurm, store, run, executor } = pretended(t);
  const following = executor();
  await following.expect([first], need);
  slurm.tell(running);
  const open = store.open.bind(store);
  let refusals = 0;
  t.mock.method(store, 'open', (id: string) => {
    refusals++;
    return refusals === 1 ? Promise.reject(Object.assign(new Error('stale'), { code: 'ESTALE' })) : open(id);
  });
  const done = following.compute(first, () => undefined);
  await until('it is asked again', () => refusals > 1);
  await run(first);
  await done;
});

test('a run does not begin where there is no controller', async (t) => {
  const { slurm, executor } = pretended(t);
  slurm.isSilent = true;
  await assert.rejects(executor().expect([first], need), /controller does not answer/);
});
