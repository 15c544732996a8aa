import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { leaveWhenTimeIsOver } from '../../../../src/cluster/slurm/time-over.ts';
import { PretendedSlurm } from '../../../support/pretended-slurm.ts';

const NAMES = ['SLURM_JOB_ID', 'SLURM_ARRAY_JOB_ID', 'SLURM_ARRAY_TASK_ID'] as const;

/** What a job with these variables puts back. */
async function putBack(
  t: TestContext,
  env: Partial<Record<(typeof NAMES)[number], string>>,
): Promise<readonly string[]> {
  const slurm = new PretendedSlurm(t);
  const before = NAMES.map((name) => [name, process.env[name]] as const);
  t.after(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  for (const name of NAMES) delete process.env[name];
  Object.assign(process.env, env);
  const leaving = leaveWhenTimeIsOver();
  t.after(leaving.release);
  await leaving.leave(undefined, false);
  return slurm.requeued;
}

test('a job whose time is over puts itself back', async (t) => {
  assert.deepEqual(await putBack(t, { SLURM_JOB_ID: '17' }), ['17']);
});

test('a task of an array puts itself back, not the array, whose number the last task has too', async (t) => {
  const env = { SLURM_JOB_ID: '17', SLURM_ARRAY_JOB_ID: '17', SLURM_ARRAY_TASK_ID: '3' };
  assert.deepEqual(await putBack(t, env), ['17_3']);
});
