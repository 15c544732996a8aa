/**
 * A folder from someone else: it is looked at and labelled before it is trusted, and nothing of it runs. Then it is
 * trusted, and both of its files get mistakes: they are named with their line, nothing is overwritten, and mending them
 * is enough to go on.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { processesWith } from '../support/processes.ts';
import { until } from '../support/waiting.ts';
import { packagedExtension } from './workbench/packaged.ts';
import { tell } from './workbench/story.ts';
import { Workbench } from './workbench/workbench.ts';
import { microExperiment, TemporaryFolder } from './workbench/workspace.ts';

const folders = new TemporaryFolder();
after(() => folders.remove());

const quickExperiment = { ...microExperiment, methods: ['slm-nopt'] };
const conflict = '<<<<<<< HEAD';

test('a folder is looked at, trusted, broken and mended', async (t) => {
  const folder = folders.workspace('foreign', quickExperiment);
  const experimentFile = join(folder, 'parlance.json');
  const labelsFile = join(folder, '.parlance', 'labels.json');
  const read = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  const workbench = await Workbench.start({ vsix: packagedExtension(), trusted: false });
  t.after(() => workbench.close());
  const hosts = () =>
    processesWith('host.mjs').filter(({ command }) => command.join(' ').includes(workbench.server.root));
  const shows = (view: string, text: RegExp) =>
    until(`${view} shows ${text}`, async () => text.test((await workbench.rows(view)).join('\n')));
  const label = async (file: string, entry: string) =>
    workbench.chooseFromMenu(await workbench.fileRow(file), 'Parlance: Label', entry);
  const lineOf = (file: string, text: string) =>
    read(file)
      .split('\n')
      .findIndex((line) => line.includes(text)) + 1;
  let mended = '';
  let broken = '';

  await tell(t, workbench, {
    'untrusted: the views show what is there and say why nothing runs': async () => {
      await workbench.open(folder);
      await workbench.statusBar('Restricted Mode').waitFor();
      await workbench.openContainer('Parlance');
      await shows('Corpus', /^docs .*domain$/m);
      for (const view of ['Experiments', 'Models']) {
        const welcome = (await workbench.view(view)).locator('.welcome-view');
        await welcome.getByText('Nothing runs in a folder that you have not trusted').first().waitFor();
        await welcome.getByText('Manage Workspace Trust').first().waitFor();
      }
    },
    'untrusted: a file is labelled': async () => {
      await workbench.openContainer('Explorer');
      await label('docs/npm-completion.md', 'Label as Held-Out');
      await until('the label', () => /"docs\/npm-completion\.md"/.test(read(labelsFile)));
      await until('its badge', async () => (await workbench.badge('docs/npm-completion.md')) === 'H');
    },
    'untrusted: no run is offered, the lens refuses with a way on, and no process is started': async () => {
      for (const title of ['Run Experiment', 'Run Selected Methods', 'Resume']) {
        assert.equal(await workbench.offers(`Parlance: ${title}`), false, title);
      }
      await workbench.openFile('parlance.json');
      await workbench.codeLens('Run').click();
      const refused = await workbench.notification('do not run in a folder that you have not trusted');
      await refused.locator('.monaco-button', { hasText: 'Manage Workspace Trust' }).waitFor();
      assert.deepEqual(hosts(), []);
      assert.equal(existsSync(join(folder, '.parlance', 'storage', 'runs')), false);
    },
    'trusted by the button of that message, the experiment can be run': async () => {
      await workbench.pressInNotification('that you have not trusted', 'Manage Workspace Trust');
      await workbench.page
        .locator('.workspace-trust-editor .monaco-button', { hasText: 'Trust' })
        .first()
        .click();
      await workbench.statusBar('Restricted Mode').waitFor({ state: 'detached' });
      await until('Run is offered', () => workbench.offers('Parlance: Run Experiment'));
    },
    'both files get a mistake: Problems names the file, the line and what to do': async () => {
      mended = read(experimentFile);
      writeFileSync(experimentFile, mended.replace('"context"', '"contxt"'));
      broken = read(labelsFile).replace('"labels": [', `"labels": [\n${conflict}`);
      writeFileSync(labelsFile, broken);
      await workbench.openFile('parlance.json');
      await until('both problems', async () => {
        const problems = await workbench.problems();
        const ofExperiment = problems.filter((line) => line.includes('contxt'));
        return (
          ofExperiment.length === 1 &&
          ofExperiment[0].includes(`[Ln ${lineOf(experimentFile, 'contxt')},`) &&
          problems.some((line) => line.includes(`[Ln ${lineOf(labelsFile, conflict)},`)) &&
          ['parlance.json', 'labels.json'].every((file) => problems.some((line) => line.startsWith(file)))
        );
      });
    },
    'the views say what is wrong, and neither labelling nor running touches the files': async () => {
      const brokenExperiment = read(experimentFile);
      await workbench.openContainer('Parlance');
      await shows('Corpus', /parlance\.json cannot be used .*contxt/);
      await shows('Experiments', /parlance\.json cannot be used .*contxt/);
      await workbench.openContainer('Explorer');
      await label('docs/npm-ls.md', 'Label as Generic');
      await workbench.pressInNotification('labels.json', 'Open labels.json');
      await workbench.page.locator('.tab.active', { hasText: 'labels.json' }).waitFor();
      await workbench.command('Parlance: Run Experiment');
      await workbench.notification('contxt');
      assert.equal(read(labelsFile), broken);
      assert.equal(read(experimentFile), brokenExperiment);
      assert.deepEqual(hosts(), []);
    },
    'mended in the editor, the problems go, labels are written and a run finishes': async () => {
      writeFileSync(labelsFile, broken.replace(`\n${conflict}`, ''));
      writeFileSync(experimentFile, mended);
      await until('no problem', async () => (await workbench.problems()).length === 0);
      await workbench.openContainer('Explorer');
      await label('docs/npm-ls.md', 'Label as Excluded');
      await until('the label', () => /"docs\/npm-ls\.md"/.test(read(labelsFile)));
      assert.match(read(labelsFile), /"docs\/npm-completion\.md"/);
      await workbench.openContainer('Parlance');
      await shows('Corpus', /^docs .*domain$/m);
      await workbench.command('Parlance: Run Experiment');
      await shows('Experiments', /^\d\S* · Trained on the domain alone \(slm-nopt\) finished/m);
    },
    'nothing was asked of the network, and no policy was broken': async () => {
      assert.deepEqual(workbench.requestsOutside, []);
      assert.deepEqual(workbench.policyViolations, []);
    },
  });
});
