/** *Run on Cluster…* in a real window, on a real Slurm: what a run waits for, that it goes on, and that it can be taken back. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { methodInWords } from '../../src/methods/titles.ts';
import { SlurmCluster, whyNoSlurm } from '../support/slurm.ts';
import { until } from '../support/waiting.ts';
import { methodRows } from './workbench/method-rows.ts';
import { packagedExtension } from './workbench/packaged.ts';
import { tell } from './workbench/story.ts';
import { Workbench } from './workbench/workbench.ts';
import { microExperiment, TemporaryFolder } from './workbench/workspace.ts';

const folders = new TemporaryFolder();
after(() => folders.remove());

test('methods run on a cluster', { skip: await whyNoSlurm() }, async (t) => {
  const folder = folders.workspace('cluster', microExperiment);
  const cluster = await SlurmCluster.start();
  t.after(() => cluster.stop());
  const state = join(folders.path, 'state');
  mkdirSync(join(state, 'parlance'), { recursive: true });
  const settings = { execution: { slurm: { partition: 'main', threads: 1, memory: '600M' } } };
  writeFileSync(join(state, 'parlance', 'settings.json'), JSON.stringify(settings));
  const workbench = await Workbench.start({
    vsix: packagedExtension(),
    environment: { SLURM_CONF: cluster.configuration, XDG_STATE_HOME: state },
  });
  t.after(() => workbench.close());
  const { shows, finishes } = methodRows(workbench, folder);
  const partition = (set: 'DOWN' | 'UP') =>
    cluster.ask('scontrol', 'update', 'PartitionName=main', `State=${set}`);
  const jobsLeft = () => cluster.ask('squeue', '-h', '-t', 'PD,R,CG').trim();
  const runOnCluster = (method: string) =>
    workbench.commandWith('Parlance: Run on Cluster…', methodInWords(method));

  await tell(t, workbench, {
    'the row of a run whose jobs all wait says why': async () => {
      partition('DOWN');
      await workbench.open(folder);
      await workbench.openContainer('Parlance');
      await runOnCluster('slm');
      await shows('slm', /^waiting · .*in Slurm’s queue: the partition is down/);
      await workbench.statusBar(/Parlance: Pretrained on generic text waiting/).waitFor();
    },
    'it goes on when Slurm lets it, and comes to its end': async () => {
      partition('UP');
      await finishes('slm');
      assert.equal(jobsLeft(), '');
    },
    'a run that is cancelled while it waits takes its jobs back': async () => {
      partition('DOWN');
      await runOnCluster('slm-nopt');
      await shows('slm-nopt', /the partition is down/);
      assert.notEqual(jobsLeft(), '');
      await workbench.chooseFromMenu(await workbench.row('Experiments', '(slm-nopt)'), 'Cancel');
      await workbench.confirm('End Run');
      await shows('slm-nopt', /^cancelled/);
      await until('no job is left', () => jobsLeft() === '');
    },
  });
});
