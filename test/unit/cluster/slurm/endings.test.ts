import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failedJob, lossOf } from '../../../../src/cluster/slurm/endings.ts';
import type { QueuedJob } from '../../../../src/cluster/slurm/queue.ts';
import { NO_PROGRESS, SETUP_FAILED, TIME_OVER } from '../../../../src/cluster/slurm/script.ts';

const own = { label: 'pretrain', isOwn: true };
const ended = (state: string, more: Partial<QueuedJob> = {}): QueuedJob => ({
  id: '7',
  state,
  phase: 'failed',
  reason: '',
  exitCode: 0,
  comment: '',
  ...more,
});

test('what Slurm ended, and what waited for that, is lost', () => {
  for (const state of ['TIMEOUT', 'PREEMPTED', 'NODE_FAIL', 'BOOT_FAIL']) {
    assert.match(lossOf(own, ended(state))?.words ?? '', /“pretrain”/, state);
  }
  assert.match(lossOf(own, ended('FAILED', { exitCode: TIME_OVER }))?.words ?? '', /was over/);
  assert.equal(lossOf(own, ended('FAILED', { exitCode: NO_PROGRESS }))?.kind, 'no progress');
  assert.match(
    lossOf(own, ended('CANCELLED', { reason: 'DependencyNeverSatisfied' }))?.words ?? '',
    /waited/,
  );
});

test('what failed by itself is not, nor what the user cancelled, but what another run cancelled is', () => {
  for (const state of ['FAILED', 'OUT_OF_MEMORY', 'DEADLINE', 'CANCELLED', 'COMPLETED', 'constructor']) {
    assert.equal(lossOf(own, ended(state, { exitCode: 1 })), undefined, state);
  }
  assert.match(lossOf({ ...own, isOwn: false }, ended('CANCELLED'))?.words ?? '', /another run/);
  assert.equal(lossOf({ ...own, isOwn: false }, ended('FAILED', { exitCode: 1 })), undefined);
});

test('what a job cannot say itself is said by how it ended', () => {
  const hintOf = (state: string, exitCode: number) =>
    failedJob('x', ended(state, { exitCode }), '/logs').hint;
  assert.match(hintOf('FAILED', 4), /disk may be full, or a quota .*\/logs\/7\.log/);
  assert.match(hintOf('FAILED', 127), /node cannot start .*execution\.slurm\.setup/);
  assert.match(hintOf('FAILED', SETUP_FAILED), /^A line of execution\.slurm\.setup .*\/logs\/7\.log/);
  assert.match(hintOf('OUT_OF_MEMORY', 0), /^Raise execution\.slurm\.memory/);
  assert.match(hintOf('FAILED', 1), /^What it said is in \/logs\/7\.log\. Give the same command again/);
});
