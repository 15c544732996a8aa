/** What becomes of a run whose jobs end in ways that a real Slurm shows only now and then. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { SlurmExecutor } from '../../../../src/cluster/slurm/executor.ts';
import type { SlurmSettings } from '../../../../src/cluster/slurm/settings.ts';
import { PretendedSlurm } from '../../../support/pretended-slurm.ts';
import { type Bench, bench, stage } from '../../pipeline/fixtures.ts';

const WAITED = { state: 'CANCELLED', reason: 'DependencyNeverSatisfied' };
/** Each stage is a job of its own. */
const need = () => ({ seconds: 3000, bytes: 1e8 });

const first = stage('first');
const second = stage('second', { inputs: { first } });
const third = stage('third', { inputs: { second } });

interface Pretended extends Pick<Bench, 'store' | 'run'> {
  readonly slurm: PretendedSlurm;
  readonly notes: string[];
  executor(settings?: Partial<SlurmSettings>): SlurmExecutor;
}

function pretended(t: TestContext): Pretended {
  const slurm = new PretendedSlurm(t);
  const { store, run } = bench(t);
  const notes: string[] = [];
  const controller = new AbortController();
  t.after(() => controller.abort());
  const executor = (settings: Partial<SlurmSettings> = {}) =>
    new SlurmExecutor({
      store,
      settings: { threads: 1, setup: [], ...settings },
      program: ['true'],
      signal: controller.signal,
      onNote: (text) => notes.push(text),
      onStandstill: () => undefined,
    });
  return { slurm, store, run, notes, executor };
}

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
