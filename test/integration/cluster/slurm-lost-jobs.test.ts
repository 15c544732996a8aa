/**
 * Jobs on a real Slurm that end without their result and by no fault of their own: the run sends them again, with all that
 * Slurm took back because it had waited for them.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { acquireLock } from '../../../src/pipeline/lock.ts';
import { freeze, thaw } from '../../support/processes.ts';
import { whyNoSlurm } from '../../support/slurm.ts';
import { until } from '../../support/waiting.ts';
import { makeWorkspace } from '../cli/micro.ts';
import {
  allEvents,
  assertSame,
  filesIn,
  SlurmRuns,
  slowExperiment,
  stageProcesses,
  storageOf,
  training,
} from './slurm-runs.ts';

describe('lost jobs', { skip: await whyNoSlurm() }, () => {
  let runs: SlurmRuns;
  before(async () => {
    runs = await SlurmRuns.start();
  });
  after(() => runs?.stop());

  test('where Slurm refuses to put a job back whose time is over, what waited for it is sent again too', async (t) => {
    const folder = await makeWorkspace(t, slowExperiment);
    runs.cluster.ask('scontrol', 'update', 'PartitionName=main', 'State=DOWN');
    const running = runs.begin(folder);
    await running.shows(/were sent/);
    // Its job comes to a stand where it can be stopped.
    const lock = await acquireLock(
      join(storageOf(folder), 'locks', await planned(folder, 'corpus generic')),
      {
        signal: new AbortController().signal,
        onWaiting: () => undefined,
      },
    );
    runs.cluster.ask('scontrol', 'update', 'PartitionName=main', 'State=UP');
    await until('a job waits for the lock', () => /"state":"waiting"/.test(allEvents(folder)));
    const job = runs.runningJob();
    runs.cluster.ask('scontrol', 'update', `JobId=${job}`, 'Requeue=0');
    runs.cluster.ask('scancel', '--signal=USR1', '--batch', job);
    await until('Slurm takes back what waited', () =>
      /DependencyNeverSatisfied/.test(runs.cluster.ask('squeue', '-h', '-t', 'CA', '-o', '%r')),
    );
    lock.release();
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 0, `${stdout}${stderr}`);
    assert.match(stdout, /sent again: the time of .*corpus generic.* was over/);
    await assertSame(t, folder);
  });

  test('when the run that had sent the jobs takes them back, another that waits for them sends its own', async (t) => {
    const folder = await makeWorkspace(t, slowExperiment);
    const first = runs.begin(folder);
    await training(folder);
    const stages = stageProcesses(folder);
    stages.forEach(freeze);
    const second = runs.begin(folder);
    await second.shows(/in Slurm’s queue already/);
    first.child.kill('SIGINT');
    const { stdout: said } = await first.ended;
    stages.forEach(thaw);
    assert.match(said, /taken back from Slurm/);
    const { code, stdout, stderr } = await second.ended;
    assert.equal(code, 0, `${stdout}${stderr}`);
    assert.match(stdout, /sent again: .* was cancelled/);
    await assertSame(t, folder);
  });

  /** The fingerprint of a stage that the run has planned. */
  function planned(folder: string, label: string): Promise<string> {
    const plans = join(storageOf(folder), 'plans');
    return until(`${label} is planned`, () => {
      const all = filesIn(plans).map((name) => JSON.parse(readFileSync(join(plans, name), 'utf8')));
      return all.find((plan) => plan.label === label)?.fingerprint;
    });
  }
});
