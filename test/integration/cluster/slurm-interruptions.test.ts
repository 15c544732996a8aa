/**
 * What interrupts an experiment on a real Slurm: jobs, nodes and the run itself end in the middle. What comes out is what one
 * process computes here, bit for bit.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { whyNoSlurm } from '../../support/slurm.ts';
import { until } from '../../support/waiting.ts';
import { makeWorkspace } from '../cli/micro.ts';
import { allEvents, assertSame, SlurmRuns, slowExperiment, training } from './slurm-runs.ts';

describe('an experiment that is interrupted on Slurm', { skip: await whyNoSlurm() }, () => {
  let runs: SlurmRuns;
  before(async () => {
    runs = await SlurmRuns.start();
  });
  after(() => runs?.stop());

  test('a job that is killed is told with what it said, and the same command goes on to the same bits', async (t) => {
    const folder = await makeWorkspace(t, slowExperiment);
    const said = await runs.interrupted(folder, () => {
      runs.cluster.ask('scancel', '--signal=KILL', '--full', runs.runningJob());
    });
    const { code, stdout, stderr } = await runs.begin(folder).ended;
    assert.equal(code, 0, `${stdout}${stderr}`);
    assert.match(said, /The job \d+(_\d+)? of “.*” ended as|interrupted/);
    await assertSame(t, folder);
  });

  test('a run that is stopped takes its jobs back, and goes on where it was', async (t) => {
    const folder = await makeWorkspace(t, slowExperiment);
    const running = runs.begin(folder);
    await training(folder);
    running.child.kill('SIGINT');
    const stopped = await running.ended;
    assert.notEqual(stopped.code, 0);
    assert.match(stopped.stdout, /taken back from Slurm/);
    await until('no job is left', () => runs.jobsLeft() === '');
    const { code, stderr } = await runs.begin(folder).ended;
    assert.equal(code, 0, stderr);
    await assertSame(t, folder);
  });

  test('when the process that follows dies the jobs go on, and the next run waits for them', async (t) => {
    const folder = await makeWorkspace(t, slowExperiment);
    const running = runs.begin(folder);
    await training(folder);
    running.child.kill('SIGKILL');
    await running.ended;
    const next = await runs.begin(folder).ended;
    assert.equal(next.code, 0, next.stderr);
    assert.match(next.stdout, /in Slurm’s queue already|, \d+ reused/);
    await assertSame(t, folder);
  });

  test('a job whose time is over saves what it has and goes on later', async (t) => {
    const folder = await makeWorkspace(t, slowExperiment);
    const running = runs.begin(folder);
    await training(folder);
    runs.cluster.ask('scancel', '--signal=USR1', '--batch', runs.runningJob());
    const { code, stdout, stderr } = await runs.hurried(running.ended);
    assert.equal(code, 0, `${stdout}${stderr}`);
    assert.match(allEvents(folder), /"state":"started","resumed":true/);
    await assertSame(t, folder);
  });

  test('a node that is lost costs no more than the work since the last checkpoint', async (t) => {
    const folder = await makeWorkspace(t, slowExperiment);
    const running = runs.begin(folder);
    await training(folder);
    const node = runs.cluster.ask('squeue', '-h', '-t', 'R', '-o', '%N').trim().split('\n')[0];
    runs.cluster.killNode(node);
    await until('the node is down', () =>
      /down/.test(runs.cluster.ask('sinfo', '-h', '-n', node, '-o', '%t')),
    );
    const { code, stdout, stderr } = await runs.hurried(running.ended);
    runs.cluster.startNode(node);
    assert.equal(code, 0, `${stdout}${stderr}`);
    await assertSame(t, folder);
  });
});
