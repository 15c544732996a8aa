/** The first minutes: the sample with its results, the walkthrough, and what buttons do that have nothing to work on yet. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { root } from '../../scripts/setup.mjs';
import { until } from '../support/waiting.ts';
import { packagedExtension } from './workbench/packaged.ts';
import { tell } from './workbench/story.ts';
import { Workbench } from './workbench/workbench.ts';
import { TemporaryFolder } from './workbench/workspace.ts';
import { writtenExperiment } from './workbench/written-experiment.ts';

const folders = new TemporaryFolder();
after(() => folders.remove());

test('someone who has never seen Parlance begins', async (t) => {
  const workbench = await Workbench.start({ vsix: packagedExtension() });
  t.after(() => workbench.close());
  const { page } = workbench;
  const empty = join(folders.path, 'empty');
  mkdirSync(empty);
  const only = join(folders.path, 'only');
  cpSync(join(root, 'dist', 'sample', 'workspace', 'npm-docs', 'using-npm'), join(only, 'docs'), {
    recursive: true,
  });
  const errors = () => page.locator('.notification-toast .codicon-error').count();
  const step = (title: string): Locator => page.locator('button.getting-started-step', { hasText: title });
  const isTicked = async (title: string) =>
    (await step(title).locator('.codicon-getting-started-step-checked').count()) > 0;
  const openWalkthrough = async () => {
    await workbench.command('Welcome: Open Walkthrough...');
    await workbench.pick('Find the best small language model');
    await step('Open your text').waitFor();
  };
  const press = async (title: string, button: string) => {
    if ((await step(title).getAttribute('aria-expanded')) !== 'true') await step(title).click();
    await step(title).getByText(button, { exact: true }).click();
  };

  await tell(t, workbench, {
    'without a folder each button of the walkthrough offers one, and ticks nothing': async () => {
      await workbench.open();
      await openWalkthrough();
      for (const [title, button] of [
        ['Create an experiment', 'Create Experiment'],
        ['Label what is yours', 'Go to Next Unlabelled File'],
        ['Run it', 'Run Experiment'],
        ['Read the trade-offs', 'Open Budget Trade-Offs'],
      ]) {
        await press(title, button);
        await workbench.notification('No folder is open.');
        assert.equal(await isTicked(title), false, title);
        await workbench.command('Notifications: Clear All Notifications');
      }
      assert.equal(await errors(), 0);
    },
    'in a folder without text they say what to do, and only the folder is ticked': async () => {
      await workbench.open(empty);
      await openWalkthrough();
      await until('the folder is ticked', () => isTicked('Open your text'));
      await press('Create an experiment', 'Quick Start');
      await workbench.notification('has no text files');
      await press('Run it', 'Run Experiment');
      await workbench.notification('There is no experiment in this workspace yet.');
      assert.equal(await errors(), 0);
      assert.equal(await isTicked('Create an experiment'), false);
      assert.equal(await isTicked('Run it'), false);
    },
    'without generic text the wizard says what remains, asks less, and writes that': async () => {
      await workbench.open(only);
      await workbench.command('Parlance: Create Experiment');
      await until('the first question', async () => (await workbench.question()).includes('(1/9)'));
      await workbench.pickMany();
      await until('a word on why nothing happens', async () =>
        (await workbench.question()).includes('tick at least one'),
      );
      await page.locator('.quick-input-list .monaco-list-row').first().click();
      await until('it is ticked', async () => !(await workbench.question()).includes('tick at least one'));
      await page.keyboard.press('Enter');
      await until('the second question', async () => (await workbench.question()).includes('(2/9)'));
      assert.match((await workbench.choices()).join('\n'), /From scratch[\s\S]*Hugging Face hub/);
      await page.keyboard.press('Enter');
      await until('the third question', async () => (await workbench.question()).includes('(3/9)'));
      assert.match((await workbench.choices()).join('\n'), /None[\s\S]*Only slm-nopt remains/);
      await workbench.pick('None');
      for (let at = 4; at <= 6; at++) {
        await until(`question ${at}`, async () => (await workbench.question()).includes(`(${at}/7)`));
        await workbench.choices();
        await page.keyboard.press('Enter');
      }
      await until('a prediction', async () => /Memory/.test((await workbench.choices()).join()));
      await workbench.pick('Write parlance.json');
      const file = join(only, 'parlance.json');
      const { generic, methods } = await writtenExperiment(file);
      assert.deepEqual([generic, methods], [undefined, ['slm-nopt']]);
    },
    'without a run the report and the trade-offs lead to one': async () => {
      await workbench.command('Parlance: Open Newest Report');
      const message = await workbench.notification('Nothing has been measured yet');
      await message.getByText('Run Experiment').waitFor();
      assert.equal(await errors(), 0);
      await workbench.panel('Parlance: Open Budget Trade-Offs', '.empty', 'Nothing has been measured yet');
    },
    'the sample opens with an experiment and what its first run found': async () => {
      await workbench.open();
      await workbench.command('Parlance: Open Sample Workspace');
      await workbench.pick('Just try it');
      await page.waitForURL(/folder=.*parlance-sample/);
      await workbench.openContainer('Parlance');
      await until('runs of three methods', async () => {
        const rows = await workbench.rows('Experiments');
        return rows.filter((row) => /^\d.* · .* came with the workspace/.test(row)).length === 3;
      });
      await until('its models', async () =>
        (await workbench.rows('Models')).some((row) => /^\d.* · Pretrained on look-alike text/.test(row)),
      );
    },
    'its trade-offs hold an answer, and say whose times they are': async () => {
      const panel = await workbench.panel(
        'Parlance: Open Budget Trade-Offs',
        'body',
        'came with this workspace were recorded on',
      );
      assert.match(await panel.locator('body').innerText(), /slm-is/);
    },
    'a model whose weights did not come along says how to make it': async () => {
      await workbench.openContainer('Parlance');
      await workbench.chooseFromMenu(
        await workbench.row('Models', 'Trained on the domain'),
        'Save Model to Folder',
      );
      await workbench.notification('Only what was measured of');
      assert.equal(await errors(), 0);
    },
    'what was done is ticked, what only had its button pressed is not': async () => {
      await openWalkthrough();
      await until('the trade-offs were seen', () => isTicked('Read the trade-offs'));
      await until('there is an experiment', () => isTicked('Create an experiment'));
      assert.equal(await isTicked('Run it'), false, 'somebody else ran it');
      assert.equal(await isTicked('Use the model'), false);
    },
    'Run trains the second seed, and nothing for what came along': async () => {
      const folder = decodeURIComponent(new URL(page.url()).searchParams.get('folder') ?? '');
      const storage = join(folder, '.parlance', 'storage');
      const before = readdirSync(join(storage, 'runs')).length;
      await workbench.command('Parlance: Run Experiment');
      const plan = await until('the plan of the first run', () => {
        const [first] = readdirSync(join(storage, 'runs')).sort().slice(before);
        if (first === undefined) return undefined;
        const log = join(storage, 'runs', first, 'events.jsonl');
        const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(0, -1) : [];
        return lines.map((line) => JSON.parse(line).event).find(({ type }) => type === 'plan');
      });
      const stages: { kind: string; label: string; cached: boolean }[] = plan.stages;
      const evaluations = stages.filter(({ kind }) => kind === 'evaluate');
      assert.deepEqual(
        [evaluations.filter(({ cached }) => cached).length, evaluations.length],
        [3, 6],
        'untrained and of both in-domain sizes, for the first seed and the second',
      );
      assert.equal(stages.filter(({ kind, cached }) => kind === 'fine-tune' && !cached).length, 2);
    },
    'nothing was asked of the network, and no policy was broken': async () => {
      assert.deepEqual(workbench.requestsOutside, []);
      assert.deepEqual(workbench.policyViolations, []);
    },
  });
});
