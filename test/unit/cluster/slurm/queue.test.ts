import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobInQueue, parseQueue, SilentControllerError } from '../../../../src/cluster/slurm/queue.ts';
import { ParlanceError } from '../../../../src/common/errors.ts';

/** As 22.05 writes it: plain values, the exit code a wait status. */
const older = {
  jobs: [
    {
      job_id: 7,
      array_job_id: 0,
      array_task_id: null,
      array_task_string: '',
      job_state: 'FAILED',
      state_reason: 'NonZeroExitCode',
      exit_code: 9 * 256,
      comment: 'abc',
    },
    {
      job_id: 9,
      array_job_id: 8,
      array_task_id: 1,
      array_task_string: '',
      job_state: 'RUNNING',
      state_reason: 'None',
      exit_code: 0,
      comment: 'a,b,c',
    },
    {
      job_id: 8,
      array_job_id: 8,
      array_task_id: null,
      array_task_string: '2-3',
      job_state: 'PENDING',
      state_reason: 'Resources',
      exit_code: 0,
      comment: 'a,b,c',
    },
  ],
};

/** As 23.11 does: lists of states, numbers in objects. */
const newer = {
  jobs: [
    {
      job_id: 7,
      array_job_id: { set: true, infinite: false, number: 0 },
      array_task_id: { set: false, infinite: false, number: 0 },
      array_task_string: '',
      job_state: ['FAILED'],
      state_reason: 'NonZeroExitCode',
      exit_code: { status: ['ERROR'], return_code: { set: true, infinite: false, number: 9 } },
      comment: 'abc',
    },
    {
      job_id: 9,
      array_job_id: { set: true, infinite: false, number: 8 },
      array_task_id: { set: true, infinite: false, number: 1 },
      array_task_string: '',
      job_state: ['RUNNING'],
      state_reason: 'None',
      exit_code: { status: ['SUCCESS'], return_code: { set: true, infinite: false, number: 0 } },
      comment: 'a,b,c',
    },
    {
      job_id: 8,
      array_job_id: { set: true, infinite: false, number: 8 },
      array_task_id: { set: false, infinite: false, number: 0 },
      array_task_string: '2-3',
      job_state: ['PENDING'],
      state_reason: 'Resources',
      exit_code: { status: ['SUCCESS'], return_code: { set: true, infinite: false, number: 0 } },
      comment: 'a,b,c',
    },
  ],
};

for (const [version, queue] of Object.entries({ '22.05': older, '23.11': newer })) {
  test(`the queue as Slurm ${version} tells it`, () => {
    const jobs = parseQueue(JSON.stringify(queue));
    assert.deepEqual(
      jobs.map(({ id, phase, reason, exitCode, waitingTasks }) => [
        id,
        phase,
        reason,
        exitCode,
        waitingTasks !== undefined,
      ]),
      [
        ['7', 'failed', 'NonZeroExitCode', 9, false],
        ['8_1', 'running', '', 0, false],
        ['8', 'waiting', 'Resources', 0, true],
      ],
    );
    assert.equal(jobInQueue(jobs, '8_1')?.phase, 'running');
    assert.equal(jobInQueue(jobs, '8_3')?.phase, 'waiting');
    assert.equal(jobInQueue(jobs, '8_4'), undefined);
    assert.equal(jobInQueue(jobs, '7')?.state, 'FAILED');
    assert.equal(jobInQueue(jobs, '70'), undefined);
  });
}

test('what is no queue is said to be none', () => {
  for (const text of ['', 'slurm_load_jobs error', '{"jobs":[{}]}'])
    assert.throws(() => parseQueue(text), ParlanceError, text);
});

test('without a controller there is no queue, though there is an answer', () => {
  const answer = { errors: [{ error: 'Unable to contact slurm controller (connect failure)' }], jobs: [] };
  assert.throws(() => parseQueue(JSON.stringify(answer)), SilentControllerError);
  assert.deepEqual(parseQueue(JSON.stringify({ errors: [], jobs: [] })), []);
});

test('a job that is suspended waits, and says so', () => {
  const suspended = { ...older.jobs[1], job_state: 'SUSPENDED' };
  const [job] = parseQueue(JSON.stringify({ jobs: [suspended] }));
  assert.equal(job.phase, 'waiting');
  assert.equal(job.reason, 'Suspended');
});

test('a task that is lost is not one of those of its array that wait', () => {
  const waitingOf = (text: string) => {
    const jobs = parseQueue(JSON.stringify({ jobs: [{ ...older.jobs[2], array_task_string: text }] }));
    return [0, 3, 7, 15, 20, 50, 99, 100].filter((task) => jobInQueue(jobs, `8_${task}`) !== undefined);
  };
  assert.deepEqual(waitingOf('50-99%20'), [50, 99]);
  assert.deepEqual(waitingOf('3,7,50-99'), [3, 7, 50, 99]);
  assert.deepEqual(waitingOf('10-20:5%4'), [15, 20]);
  assert.deepEqual(waitingOf('7'), [7]);
  // Cut off by Slurm: what is not told may wait too.
  assert.deepEqual(waitingOf('0,...'), [0, 3, 7, 15, 20, 50, 99, 100]);
});

test('of a queue of all users only the jobs of Parlance are looked at', () => {
  const other = { job_id: 'of a form that nobody knows', name: 'theirs', comment: 'theirs' };
  const renamed = { ...older.jobs[0], job_id: 10, name: 'theirs', comment: 'parlance-17' };
  const jobs = [other, { ...older.jobs[0], name: 'parlance' }, renamed];
  assert.deepEqual(
    parseQueue(JSON.stringify({ jobs })).map(({ id }) => id),
    ['7', '10'],
  );
});
