/**
 * Experiments on a real Slurm of two nodes. Whatever happens to jobs, nodes and the controller, what comes out is what
 * one process computes here, bit for bit, or the user is told why not.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readEvents } from '../../../src/experiments/runs/events.ts';
import { eventsPath } from '../../../src/experiments/runs/runs.ts';
import { freeze, thaw } from '../../support/processes.ts';
import { canHide, SlurmCluster, whyNoSlurm } from '../../support/slurm.ts';
import { until } from '../../support/waiting.ts';
import { everyMethod, finishedWorkspace, makeWorkspace, outcomes, start } from '../cli/micro.ts';
import { ended, place } from '../host/hosts.ts';
import {
  assertSame,
  filesIn,
  SlurmRuns,
  slowExperiment,
  stageProcesses,
  storageOf,
  training,
} from './slurm-runs.ts';

describe('an experiment on Slurm', { skip: await whyNoSlurm() }, () => {
  let runs: SlurmRuns;
  before(async () => {
    runs = await SlurmRuns.start();
  });
  after(() => runs?.stop());

  test('gives the numbers of one process here, bit for bit, in few jobs', async (t) => {
    const here = await finishedWorkspace(t, everyMethod);
    const folder = await makeWorkspace(t, everyMethod);
    const { code, stdout, stderr } = await runs.begin(folder).ended;
    assert.equal(code, 0, `${stdout}${stderr}`);
    assert.deepEqual(await outcomes(storageOf(folder)), await outcomes(storageOf(here)));
    const sent = [...stdout.matchAll(/(\d+) stages? in (\d+) jobs? were sent/g)].map(([, , jobs]) =>
      Number(jobs),
    );
    assert.ok(sent.length > 0 && sent.reduce((sum, jobs) => sum + jobs, 0) <= 40, stdout);
    const nodes = runs.cluster.ask('squeue', '-h', '-t', 'all', '-o', '%N').trim().split('\n');
    assert.ok(nodes.includes('node1') || nodes.includes('node2'));
    // Given again nothing is sent.
    const again = await runs.begin(folder).ended;
    assert.equal(again.code, 0, again.stderr);
    assert.doesNotMatch(again.stdout, /were sent/);
  });

  test('a controller that is gone is told, and when it is back the run ends as if nothing had been', async (t) => {
    const folder = await makeWorkspace(t, slowExperiment);
    const running = runs.begin(folder);
    await training(folder);
    // It would end before anybody noticed.
    const stages = stageProcesses(folder);
    stages.forEach(freeze);
    runs.cluster.killController();
    await running.shows(/controller does not answer/);
    stages.forEach(thaw);
    runs.cluster.startController();
    const { code, stdout, stderr } = await runs.hurried(running.ended);
    assert.equal(code, 0, `${stdout}${stderr}`);
    assert.match(stdout, /controller answers again/);
    await assertSame(t, folder);
  });

  test('jobs that somebody cancels end the run with a word, and the same command sends them again', async (t) => {
    const folder = await makeWorkspace(t, slowExperiment);
    const said = await runs.interrupted(folder, () => runs.cluster.ask('scancel', '--user=root'));
    assert.match(said, /ended as CANCELLED|interrupted/);
    const { code, stderr } = await runs.begin(folder).ended;
    assert.equal(code, 0, stderr);
    await assertSame(t, folder);
  });

  const blindness = { skip: canHide() ? false : 'no node can be given a folder of its own here' };
  test('a storage that the nodes do not see is told before anything is computed', blindness, async (t) => {
    const folder = await makeWorkspace(t, slowExperiment);
    const storage = mkdtempSync(join(tmpdir(), 'parlance-not-shared-'));
    const blind = await SlurmCluster.start(['blind'], { hidden: storage });
    t.after(async () => {
      await blind.stop();
      rmSync(storage, { recursive: true, force: true });
    });
    const own = { SLURM_CONF: blind.configuration, XDG_STATE_HOME: runs.state };
    const { code, stderr } = await start(['run', folder, '--on', 'slurm', '--storage', storage], own).ended;
    assert.notEqual(code, 0);
    assert.match(stderr, /nodes do not see/);
    assert.deepEqual(filesIn(join(storage, 'artifacts')), []);
  });

  test('a run of the editor waits in the queue, is followed, paused, taken up and cancelled on the cluster', async (t) => {
    for (const name of ['SLURM_CONF', 'XDG_STATE_HOME'] as const) {
      const before = process.env[name];
      process.env[name] = name === 'SLURM_CONF' ? runs.cluster.configuration : runs.state;
      t.after(() => {
        if (before === undefined) delete process.env[name];
        else process.env[name] = before;
      });
    }
    const here = await place(t, { experiment: slowExperiment });
    runs.cluster.ask('scontrol', 'update', 'PartitionName=main', 'State=DOWN');
    const run = await here.supervisor.start({ ...here.request('slm'), on: 'slurm' });
    await here.until(run, ({ phase, message }) => phase === 'queued' && /partition is down/.test(message));
    runs.cluster.ask('scontrol', 'update', 'PartitionName=main', 'State=UP');
    await here.until(run, ({ phase }) => phase === 'running');
    await training(here.folder);
    await here.supervisor.command(here.storage, run, 'pause');
    await here.until(run, ({ phase }) => phase === 'paused');
    await until('no job is left', () => runs.jobsLeft() === '');
    await here.supervisor.command(here.storage, run, 'resume');
    await here.until(run, (view) => ended(view) && view.phase === 'finished');
    assert.match(
      JSON.stringify(readEvents(eventsPath(here.storage, run)).events),
      /stages? in \d+ jobs? were sent to Slurm/,
    );
    await assertSame(t, here.folder);

    const other = await place(t, { experiment: slowExperiment });
    const cancelled = await other.supervisor.start({ ...other.request('slm'), on: 'slurm' });
    await training(other.folder);
    await other.supervisor.command(other.storage, cancelled, 'cancel');
    await other.until(cancelled, (view) => ended(view) && view.phase === 'cancelled');
    await until('no job is left', () => runs.jobsLeft() === '');
  });

  test('a partition that does not exist is refused in Slurm’s words before anything is computed', async (t) => {
    runs.settings({ partition: 'nowhere' });
    t.after(() => runs.settings({}));
    const folder = await makeWorkspace(t, slowExperiment);
    const { code, stderr } = await runs.begin(folder).ended;
    assert.notEqual(code, 0);
    assert.match(stderr, /sbatch refuses: .*invalid partition/i);
    assert.match(stderr, /execution\.slurm/);
  });
});
