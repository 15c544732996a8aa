/** What becomes of a run whose jobs end in ways that a real Slurm shows only now and then. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { jobEventWriter } from '../../../src/cluster/slurm/job-events.ts';
import { eventsPath as stageEventsPath } from '../../../src/cluster/slurm/sent-jobs.ts';
import { ParlanceError } from '../../../src/common/errors.ts';
import { readEvents } from '../../../src/experiments/runs/events.ts';
import { eventsPath } from '../../../src/experiments/runs/runs.ts';
import { fingerprint } from '../../../src/pipeline/stage.ts';
import { PretendedSlurm } from '../../support/pretended-slurm.ts';
import { until } from '../../support/waiting.ts';
import { stage } from '../../unit/pipeline/fixtures.ts';
import { makeWorkspace, start } from '../cli/micro.ts';
import { ended, place } from '../host/hosts.ts';
import { first, need, pretended, running, second, third, WAITED } from './pretended-runs.ts';

test('what waits for a job that is lost twice is not counted as lost, nor named', async (t) => {
  const { slurm, run, notes, executor } = pretended(t);
  const following = executor({ time: '1:00:00' });
  await following.expect([third], need);
  const done = following.compute(third, () => undefined);
  // The first job looks at the storage; then three each time.
  await slurm.hasSent(4);
  slurm.tell([
    { id: 1, state: 'COMPLETED' },
    { id: 2, state: 'TIMEOUT' },
    { id: 3, ...WAITED },
    { id: 4, ...WAITED },
  ]);
  await slurm.hasSent(7);
  slurm.tell([
    { id: 5, state: 'NODE_FAIL' },
    { id: 6, ...WAITED },
    { id: 7, ...WAITED },
  ]);
  await slurm.hasSent(10);
  await run(third);
  await done;
  const again = notes.filter((note) => /sent again/.test(note));
  assert.deepEqual(again, [
    '3 stages sent again: the time of the job of “first” was over.',
    '3 stages sent again: the job of “first” ended with its node.',
  ]);
});

test('a stage whose time is over for nothing is named, and what its user should raise', async (t) => {
  const { slurm, executor } = pretended(t);
  const following = executor({ time: '1:00:00' });
  await following.expect([second], need);
  const done = following.compute(second, () => undefined);
  const refused = assert.rejects(done, /The time of the job of “first” was over 2 times/);
  for (const round of [0, 1]) {
    const id = 2 + 2 * round;
    await slurm.hasSent(id + 1);
    slurm.tell([
      { id, state: 'FAILED', exitCode: 76 },
      { id: id + 1, ...WAITED },
    ]);
  }
  await refused;
});

test('without a time of the user’s it asks for twice as much', async (t) => {
  const { slurm, run, executor } = pretended(t);
  const following = executor();
  await following.expect([first], need);
  const done = following.compute(first, () => undefined);
  await slurm.hasSent(2);
  assert.ok(slurm.optionsOf(2).includes('--time=150'));
  slurm.tell([{ id: 2, state: 'FAILED', exitCode: 76 }]);
  await slurm.hasSent(3);
  assert.ok(slurm.optionsOf(3).includes('--time=300'));
  await run(first);
  await done;
});

/** As if the process had died that sent what is in this storage. */
function senderDies(storage: string): void {
  const lists = join(storage, 'slurm', 'lists');
  for (const name of readdirSync(lists)) {
    const list = JSON.parse(readFileSync(join(lists, name), 'utf8'));
    const owner = { ...list.owner, instance: 'died', pid: spawnSync('true').pid };
    writeFileSync(join(lists, name), JSON.stringify({ ...list, owner }));
  }
}

test('the jobs of a run that died are those of the next: a user who cancels one ends it', async (t) => {
  const { slurm, store, executor } = pretended(t);
  await executor().expect([first], need);
  slurm.tell(running);
  senderDies(store.storage);
  const next = executor();
  await next.expect([first], need);
  slurm.tell([{ id: 2, state: 'CANCELLED' }]);
  await assert.rejects(
    next.compute(first, () => undefined),
    /The job 2 of “first” ended as CANCELLED/,
  );
  assert.equal(slurm.sentCount, 2);
});

test('and stopping that run takes them back; those of a run that may be alive are left', async (t) => {
  const { slurm, store, notes, executor } = pretended(t);
  await executor().expect([first], need);
  slurm.tell(running);
  const beside = executor();
  await beside.expect([first], need);
  await beside.abandon();
  assert.match(notes.join(), /Jobs that another run sent go on; scancel 2/);
  senderDies(store.storage);
  const next = executor();
  await next.expect([first], need);
  await next.abandon();
  assert.ok(slurm.cancelled.includes('2'));
  // What was taken back is nobody's: whoever still finds it there sends its own when it has ended.
  const last = executor();
  await last.expect([first], need);
  slurm.tell([{ id: 2, state: 'CANCELLED' }]);
  void last.compute(first, () => undefined).catch(() => undefined);
  await slurm.hasSent(3);
});

test('a job that Slurm has although its answer did not arrive is taken back too', async (t) => {
  const { slurm, executor } = pretended(t);
  const following = executor();
  await following.expect([first], need);
  slurm.loseNextAnswer();
  await following.expect([stage('other')], need);
  slurm.tell([...running, { id: 3, state: 'PENDING' }]);
  await following.abandon();
  assert.ok(slurm.cancelled.includes('2') && slurm.cancelled.includes('3'), slurm.cancelled.join());
});

test('the first job is sent again when it is lost, with what waited for it, and is where the others are', async (t) => {
  const { slurm, run, executor } = pretended(t);
  const following = executor({ gres: 'gpu:1', partition: 'fast' });
  await following.expect([first], need);
  const done = following.compute(first, () => undefined);
  slurm.tell([
    { id: 1, state: 'NODE_FAIL' },
    { id: 2, ...WAITED },
  ]);
  await slurm.hasSent(4);
  for (const one of ['--gres=gpu:1', '--partition=fast', '--time=1']) {
    assert.ok(slurm.optionsOf(3).includes(one), one);
  }
  assert.ok(slurm.optionsOf(4).includes('--dependency=afterok:3'));
  await run(first);
  await done;
});

test('a first job that is lost every time ends the run', async (t) => {
  const { slurm, executor } = pretended(t);
  const following = executor();
  await following.expect([first], need);
  const refused = assert.rejects(
    following.compute(first, () => undefined),
    /The first job ended as PREEMPTED/,
  );
  for (const id of [1, 3, 5, 7, 9]) {
    await slurm.hasSent(id + 1);
    slurm.tell([
      { id, state: 'PREEMPTED' },
      { id: id + 1, ...WAITED },
    ]);
  }
  await refused;
});

test('a job that had too little memory says so, whatever its stage said of its end', async (t) => {
  const { slurm, store, executor } = pretended(t);
  const following = executor();
  await following.expect([first], need);
  const id = fingerprint(first);
  const tell = jobEventWriter(stageEventsPath(store.storage, [id]));
  const said = { message: 'The Python process ended.', hint: 'Choose another engine.' };
  tell({ fingerprint: id, kind: 'test', label: 'first', state: 'failed', ...said });
  slurm.tell([
    { id: 1, state: 'COMPLETED' },
    { id: 2, state: 'OUT_OF_MEMORY' },
  ]);
  await assert.rejects(
    following.compute(first, () => undefined),
    (error) => error instanceof ParlanceError && /execution\.slurm\.memory/.test(error.hint),
  );
});

test('a run that the system ends leaves its jobs, one that its user stops takes them back', async (t) => {
  const { slurm, notes, stop, executor } = pretended(t);
  const following = executor();
  await following.expect([first], need);
  slurm.tell(running);
  stop(false);
  await following.abandon();
  assert.equal(slurm.cancelled.length, 0);
  assert.match(notes.join(), /The jobs go on/);
  stop(true);
  await following.abandon();
  assert.ok(slurm.cancelled.includes('2'));
});

test('the command that follows leaves the jobs when it is told to end, and Ctrl-C takes them back', async (t) => {
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    const slurm = new PretendedSlurm(t);
    const following = start(['run', await makeWorkspace(t), '--on', 'slurm']);
    await slurm.hasSent(2);
    await following.shows(/were sent to Slurm/);
    following.child.kill(name);
    assert.notEqual((await following.ended).code, 0);
    assert.equal(slurm.cancelled.includes('2'), name === 'SIGINT', name);
  }
});

test('a run of the editor whose process the system ends leaves its jobs, and says that it can be resumed', async (t) => {
  const slurm = new PretendedSlurm(t);
  const here = await place(t);
  const run = await here.supervisor.start({ ...here.request('slm'), on: 'slurm' });
  await slurm.hasSent(2);
  const { pid } = await here.until(run, ({ pid: its }) => its !== undefined);
  assert.ok(pid !== undefined);
  process.kill(pid, 'SIGTERM');
  const view = await here.until(run, ended);
  assert.match(view.message, /The system ended its process/);
  assert.deepEqual(slurm.cancelled, []);
});

test('a run of the editor that waits in the queue goes on saying why, whatever else is told', async (t) => {
  const slurm = new PretendedSlurm(t);
  const here = await place(t);
  const run = await here.supervisor.start({ ...here.request('slm'), on: 'slurm' });
  const waitsFor = () =>
    here.until(run, ({ phase, message }) => phase === 'queued' && /partition is down/.test(message));
  const isTold = (text: RegExp) =>
    until(`${text}`, () => text.test(JSON.stringify(readEvents(eventsPath(here.storage, run)).events)));
  await slurm.hasSent(2);
  slurm.tell([
    { id: 1, state: 'PENDING', reason: 'PartitionDown' },
    { id: 2, state: 'PENDING', reason: 'Dependency' },
  ]);
  await waitsFor();
  slurm.isSilent = true;
  await isTold(/controller does not answer/);
  slurm.isSilent = false;
  await isTold(/controller answers again/);
  await waitsFor();
  await here.supervisor.command(here.storage, run, 'cancel');
  await here.until(run, (view) => ended(view) && view.phase === 'cancelled');
});
