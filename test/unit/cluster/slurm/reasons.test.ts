import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobPhase } from '../../../../src/cluster/slurm/queue.ts';
import { reasonInWords } from '../../../../src/cluster/slurm/reasons.ts';
import { WaitingNotes } from '../../../../src/cluster/slurm/waiting-notes.ts';

test('reasons have words, with what to do where something can be done', () => {
  const cases: Readonly<Record<string, RegExp>> = {
    Priority: /^other jobs come first$/,
    Resources: /^no node is free/,
    Dependency: /the result of another job/,
    BeginTime: /starts it again in a moment/,
    PartitionDown: /^the partition is down$/,
    PartitionTimeLimit: /set execution\.slurm\.time/,
    JobHeldUser: /scontrol release/,
    JobHeldAdmin: /administrator/,
    launch_failed_requeued_held: /could not start it .*scontrol release/,
    'launch failed requeued held': /could not start it .*scontrol release/,
    'ReqNodeNotAvail, UnavailableNodes:node[1-2]': /down, drained or reserved/,
    'RaisedSignal:9(Killed)': /a signal ended it/,
    AssocGrpCpuLimit: /^your account uses as much as it may at a time: processors$/,
    AssocGrpCPURunMinutesLimit: /your account .*: processor time/,
    AssocGrpGRES: /your account .*: GPUs/,
    AssocMaxJobsLimit: /^your account .*: jobs$/,
    QOSMaxJobsPerUserLimit: /^you use as much as you may at a time: jobs$/,
    QOSMaxCpuPerUserLimit: /^you use .*: processors$/,
    QOSGrpMemLimit: /^this quality of service .*: memory$/,
    QOSMaxWallDurationPerJobLimit: /asks for more time than a job may: correct execution\.slurm/,
    QOSMinGRES: /asks for less GPUs/,
    AssocMaxCpuPerNode: /^it asks for more processors of a node than it may: correct execution\.slurm$/,
    MaxCpuPerNode: /^it asks for more processors of a node/,
    QOSMaxMemoryPerNode: /^it asks for more memory of a node/,
    MaxCpuPerAccount: /^your account uses as much as it may at a time: processors$/,
    MaxJobsPerAccount: /^your account .*: jobs$/,
    MaxGRESPerAccount: /^your account .*: GPUs/,
    AssocGrpBilling: /^your account .*: billed resources$/,
    AssocGrpBillingRunMinutes: /^your account .*: billed resources$/,
    QOSMaxBillingPerUser: /^you use .*: billed resources$/,
    QOSMaxBillingPerJob: /^it asks for more billed resources than a job may/,
    QOSGrpLicense: /^this quality of service .*: licences$/,
  };
  for (const [reason, words] of Object.entries(cases)) assert.match(reasonInWords(reason), words, reason);
});

test('a reason that is not known stands for itself', () => {
  for (const reason of ['SomethingNew', 'QOSSomethingNew', 'constructor']) {
    assert.equal(reasonInWords(reason), reason);
  }
});

test('what waits is told once for each reason, jobs that only wait for others are not, and a standstill is', () => {
  const told: string[] = [];
  const notes = new WaitingNotes({
    onNote: (text) => told.push(text),
    onStandstill: (why) => told.push(why ?? 'goes on'),
  });
  const tell = (...jobs: readonly (readonly [id: string, phase: JobPhase, reason: string])[]) => {
    told.length = 0;
    notes.tell(
      jobs.map(([id, phase, reason]) => ({
        id,
        label: `stage ${id}`,
        job: { id, state: '', phase, reason, exitCode: 0, comment: '' },
      })),
    );
    return [...told];
  };
  assert.deepEqual(tell(['1', 'waiting', 'PartitionDown'], ['2', 'waiting', 'Dependency']), [
    'Job 1 (stage 1) waits: the partition is down (PartitionDown).',
    'In Slurm’s queue: the partition is down (PartitionDown).',
  ]);
  assert.deepEqual(tell(['1', 'waiting', 'PartitionDown']), []);
  assert.deepEqual(
    tell(['1', 'running', ''], ['2_0', 'waiting', 'Priority'], ['2_1', 'waiting', 'Priority']),
    ['Job 2_0 (stage 2_0) and 1 other wait: other jobs come first (Priority).', 'goes on'],
  );
  // It went back into the queue.
  assert.deepEqual(tell(['1', 'waiting', 'New'], ['2_0', 'waiting', 'Priority']), [
    'Job 1 (stage 1) waits: New.',
    'In Slurm’s queue: New.',
  ]);
  assert.deepEqual(tell(['1', 'finished', ''], ['2_0', 'waiting', 'Dependency']), []);
  assert.deepEqual(tell(['1', 'finished', ''], ['2_0', 'finished', '']), ['goes on']);
});
