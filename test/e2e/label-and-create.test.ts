/** From the sample workspace to an experiment and labels, as someone does it who has never seen Parlance. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { root } from '../../scripts/setup.mjs';
import { until } from '../support/waiting.ts';
import { packagedExtension } from './workbench/packaged.ts';
import { isSeen } from './workbench/quick-input.ts';
import { runsIn } from './workbench/runs.ts';
import { tell } from './workbench/story.ts';
import { Workbench } from './workbench/workbench.ts';
import { TemporaryFolder } from './workbench/workspace.ts';
import { writtenExperiment } from './workbench/written-experiment.ts';

const folders = new TemporaryFolder();
after(() => folders.remove());

test('an experiment is created and text labelled in the sample workspace', async (t) => {
  const folder = join(folders.path, 'sample');
  cpSync(join(root, 'dist', 'sample', 'workspace'), folder, { recursive: true });
  // Its text alone.
  for (const own of ['parlance.json', '.parlance']) rmSync(join(folder, own), { recursive: true });
  const workbench = await Workbench.start({ vsix: packagedExtension() });
  t.after(() => workbench.close());
  const { page } = workbench;
  const other = join(folders.path, 'without-generic');
  const labels = () => {
    const file = join(folder, '.parlance', 'labels.json');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  };

  await tell(t, workbench, {
    'the views say what to do next': async () => {
      await workbench.open(folder);
      await workbench.openContainer('Parlance');
      await (await workbench.view('Corpus'))
        .locator('.welcome-view')
        .getByText('Create Experiment')
        .first()
        .waitFor();
    },
    'the wizard proposes an answer to each question and writes parlance.json': async () => {
      await workbench.command('Parlance: Create Experiment');
      for (let step = 1; step <= 8; step++) {
        await until(`step ${step}`, async () => (await workbench.question()).includes(`(${step}/9)`));
        await workbench.choices();
        assert.equal(existsSync(join(folder, 'parlance.json')), false);
        await page.keyboard.press('Enter');
      }
      await until('the last step', async () => (await workbench.question()).includes('(9/9)'));
      await until('a prediction', async () => /Memory/.test((await workbench.choices()).join()));
      assert.ok((await workbench.choices()).some((choice) => /Write It and Run/.test(choice)));
      await workbench.pick('Write parlance.json');
      const experiment = await writtenExperiment(join(folder, 'parlance.json'));
      await workbench.codeLens('Run').waitFor();
      assert.equal(await page.getByText('ready to run').count(), 0, 'nothing is left that offers to run');
      assert.match(JSON.stringify(experiment.generic), /generic/);
    },
    'the experiment file offers to run and to plan': async () => {
      await workbench.codeLens('Run').waitFor();
      await workbench.codeLens('Plan').waitFor();
    },
    'one key labels a file and opens the next one without a label': async () => {
      await workbench.openFile('npm-docs/commands/npm-access.md');
      await page.keyboard.press('Shift+Alt+L');
      await page.keyboard.press('Shift+I');
      await page.locator('.tab.active', { hasText: 'npm-adduser.md' }).waitFor();
      assert.match(labels(), /"npm-docs\/commands\/npm-access\.md"/);
      assert.doesNotMatch(labels(), /npm-adduser/);
      await page.keyboard.press('Shift+Alt+L');
      await page.keyboard.press('n');
      await page.locator('.tab.active', { hasText: 'npm-approve-scripts.md' }).waitFor();
      assert.doesNotMatch(labels(), /npm-approve/);
    },
    'a folder is labelled from the explorer': async () => {
      await workbench.chooseFromMenu(
        await workbench.fileRow('npm-docs'),
        'Parlance: Label',
        'Label as In-Domain',
      );
      await until('the label', () => /"glob": ?"\/?npm-docs\/[^}]*"label": ?"in-domain"/.test(labels()));
    },
    'a passage is labelled and stays on its text when lines are put in above': async () => {
      await workbench.openFile('npm-docs/commands/npm-ci.md');
      await page
        .locator('.editor-instance .view-line', { hasText: 'differences' })
        .first()
        .click({ clickCount: 3 });
      await workbench.command('Parlance: Label as Held-Out');
      await until('the passage', () => /"quote"/.test(labels()));
      await workbench.codeLens(/held-out passage/).waitFor();
      await page.keyboard.press('Control+Home');
      await page.keyboard.type('A new line.\n\n');
      await page.keyboard.press('Control+S');
      await workbench.codeLens(/held-out passage/).waitFor();
      assert.match(labels(), /"held-out"/);
    },
    'the explorer shows a letter for each label, and the gutter a mark beside the passage': async () => {
      for (const [file, entry, letter] of [
        ['npm-docs/commands/npm-ls.md', 'Label as Held-Out', 'H'],
        ['npm-docs/commands/npm-ping.md', 'Label as Generic', 'G'],
        ['npm-docs/commands/npm-prefix.md', 'Label as Excluded', 'X'],
      ]) {
        await workbench.chooseFromMenu(await workbench.fileRow(file), 'Parlance: Label', entry);
        await until(`${letter} at ${file}`, async () => (await workbench.badge(file)) === letter);
      }
      const byFolder = 'npm-docs/commands/npm-query.md';
      await until('the letter by the folder', async () => (await workbench.badge(byFolder)) === 'I');
      await workbench.openFile('npm-docs/commands/npm-ci.md');
      await until('the mark', async () => /held-out-(dark|light)\.svg/.test(await workbench.gutterMarks()));
    },
    'labels follow a rename in the editor, and one outside of it is offered by content': async () => {
      const row = await workbench.fileRow('npm-docs/commands/npm-ping.md');
      await row.click();
      await page.keyboard.press('F2');
      await row.locator('input').waitFor();
      await page.keyboard.press('Control+A');
      await page.keyboard.type('echo.md');
      await page.keyboard.press('Enter');
      await until('the label follows', () =>
        /"path":"npm-docs\/commands\/echo\.md","label":"generic"/.test(labels()),
      );
      assert.doesNotMatch(labels(), /npm-ping/);

      const commands = join(folder, 'npm-docs', 'commands');
      renameSync(join(commands, 'npm-ls.md'), join(commands, 'listing of packages.md'));
      const isTold = async () =>
        (await workbench.problems()).some((one) =>
          /held-out npm-docs\/commands\/npm-ls\.md: there is no such file/.test(one),
        );
      await until('the problem', isTold);
      await workbench.command('View: Close All Editors');
      await workbench.openContainer('Explorer');
      await workbench.reload();
      await until('the problem, with no text open', isTold);
      await workbench.openFile('.parlance/labels.json');
      await workbench.text('npm-ls.md').click();
      const fix = page
        .locator('.action-widget')
        .getByText('listing of packages.md now: let the label follow');
      await until('the quick fix', async () => {
        await page.keyboard.press('Control+.');
        return isSeen(fix);
      });
      await fix.click();
      await until('the label follows', () =>
        /"path":"npm-docs\/commands\/listing of packages\.md","label":"held-out"/.test(labels()),
      );
      renameSync(join(commands, 'listing of packages.md'), join(commands, 'npm-ls.md'));
      writeFileSync(
        join(folder, '.parlance', 'labels.json'),
        labels().replace('listing of packages.md', 'npm-ls.md'),
      );
      await until('no problem is left', async () => (await workbench.problems()).length === 0);
    },
    'the corpus view counts what the labels say': async () => {
      await workbench.openContainer('Parlance');
      const counts = [
        /^npm-docs .*about \d+k tokens · domain/m,
        /^In-domain \d\d files · about \d+k tokens/m,
        /^Held-out 1 file · 1 passage · /m,
        /^Generic 1 file · /m,
        /^Excluded 1 file · /m,
      ];
      await until('the counts', async () => {
        const rows = (await workbench.rows('Corpus')).join('\n');
        return counts.every((count) => count.test(rows));
      });
    },
    'a folder without generic text is offered the text that comes with Parlance, and gets a copy':
      async () => {
        cpSync(join(folder, 'npm-docs', 'using-npm'), join(other, 'docs'), { recursive: true });
        await workbench.open(other);
        await workbench.command('Parlance: Create Experiment');
        for (let step = 1; step <= 8; step++) {
          await until(`step ${step}`, async () => (await workbench.question()).includes(`(${step}/9)`));
          const [first] = await workbench.choices();
          if (step === 3) assert.match(first, /The text that comes with Parlance/);
          await page.keyboard.press('Enter');
        }
        await until('a prediction', async () => /Memory/.test((await workbench.choices()).join()));
        assert.equal(existsSync(join(other, 'generic')), false);
        await workbench.pick('Write parlance.json');
        const { generic } = await writtenExperiment(join(other, 'parlance.json'));
        assert.deepEqual(generic, { sources: [{ path: 'generic' }] });
        assert.ok(existsSync(join(other, 'generic', 'novel.jsonl')));
        assert.ok(existsSync(join(other, '.parlance', 'LICENSES-generic.md')));
        await workbench.codeLens('Run').waitFor();
      },
    'one button makes a small experiment of a folder and runs it': async () => {
      rmSync(join(other, 'parlance.json'));
      await workbench.openContainer('Parlance');
      const welcome = (await workbench.view('Experiments')).locator('.welcome-view');
      await welcome.getByText('Quick Start').first().click();
      await until('runs of two methods', () => runsIn(other).length === 2);
      const written = JSON.parse(readFileSync(join(other, 'parlance.json'), 'utf8'));
      const { methods, seeds, pretraining, specialization } = written;
      assert.deepEqual([methods, seeds], [['slm-nopt', 'slm-is'], [1]]);
      assert.equal(pretraining.tokens.length, 2, 'a first verdict, and one that refines it');
      assert.equal(specialization.maximumTokens, pretraining.tokens[0]);
      assert.deepEqual(
        runsIn(other).map((run) => run.methods),
        [['slm-nopt'], ['slm-is']],
      );
    },
    'nothing was asked of the network, and no policy was broken': async () => {
      assert.deepEqual(workbench.requestsOutside, []);
      assert.deepEqual(workbench.policyViolations, []);
    },
  });
});
