/**
 * Methods from the start to their end in a real window, with what happens to people in between: the window is reloaded, a
 * process dies, a training is stopped early, another is cancelled. What came out is read, saved and exported.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { formatPerplexity } from '../../src/common/format.ts';
import { methodInWords } from '../../src/methods/titles.ts';
import { seriousFaults } from '../support/panels/accessibility.ts';
import { kill, processesWith, thaw } from '../support/processes.ts';
import { until } from '../support/waiting.ts';
import { exportedChart, openedPicture } from './workbench/chart-exports.ts';
import { methodRows } from './workbench/method-rows.ts';
import { packagedExtension } from './workbench/packaged.ts';
import { opensAtHardestPassage } from './workbench/passages.ts';
import { frozenInTraining, keptModel, loadModel, newestRun, processesOf } from './workbench/runs.ts';
import { tell } from './workbench/story.ts';
import { Workbench } from './workbench/workbench.ts';
import { microExperiment, TemporaryFolder } from './workbench/workspace.ts';

const folders = new TemporaryFolder();
after(() => folders.remove());

/** Its pretraining takes some seconds: it can be frozen in the midst of it, to be looked at and interrupted. */
const experiment = {
  ...microExperiment,
  pretraining: { tokens: [8192, 1_048_576], batchTokens: 512 },
};
const savedFiles = ['config.json', 'model.safetensors', 'tokenizer.json'];

test('methods are run, left, lost, resumed, stopped and compared', async (t) => {
  const folder = folders.workspace('runs', experiment);
  const workbench = await Workbench.start({ vsix: packagedExtension() });
  t.after(async () => {
    const left = await workbench.close();
    assert.deepEqual(
      left.filter((command) => command.includes('host.mjs')),
      [],
      'hosts are left',
    );
  });
  const { shows, moves, best, finishes } = methodRows(workbench, folder);
  const hosts = () =>
    processesWith('host.mjs').filter(({ command }) => command.join(' ').includes(workbench.server.root));
  const tradeoffs = () => workbench.webview('#answer-title', /\w/);
  const openTradeoffs = () => workbench.panel('Parlance: Open Budget Trade-Offs', '#answer-title', /\w/);
  const exported = async (format: 'SVG' | 'PNG' | 'CSV') =>
    exportedChart(workbench, await tradeoffs(), folder, format);

  await tell(t, workbench, {
    'both methods of the experiment are started, one computes and the other waits': async () => {
      await workbench.open(folder);
      await workbench.openContainer('Parlance');
      await workbench.commandWith(
        'Parlance: Run Selected Methods',
        methodInWords('slm-nopt'),
        methodInWords('slm'),
      );
      await shows('slm-nopt', /\b(preparing|running|finished)\b/);
      await shows('slm', /\b(waiting|preparing|running)\b/);
      await frozenInTraining(folder, 'slm');
      await finishes('slm-nopt');
    },
    'curves move while it trains': async () => {
      const panel = await workbench.panel('Parlance: Open Perplexity', 'h1', 'micro');
      const curve = async () =>
        (await panel.locator('[data-line^="training"]').first().getAttribute('d')) ?? '';
      const legend = panel.getByText(/^slm · seed 1/).first();
      await legend.waitFor();
      await shows('slm', /\brunning\b/);
      const before = await curve();
      assert.match(before, /^M/);
      const { progress } = newestRun(folder, 'slm');
      processesOf(newestRun(folder, 'slm')).forEach(thaw);
      await frozenInTraining(folder, 'slm', progress + 1);
      await until('the curve is another', async () => (await curve()) !== before);
      await moves('slm');
    },
    'a reloaded window finds the run, in the same process': async () => {
      const pids = hosts().map(({ pid }) => pid);
      assert.notDeepEqual(pids, []);
      await workbench.reload();
      await workbench.openContainer('Parlance');
      await moves('slm');
      await finishes('slm-nopt');
      assert.deepEqual(
        hosts().map(({ pid }) => pid),
        pids,
      );
    },
    'without the experiment file the run is still there, and can be steered': async () => {
      const file = join(folder, 'parlance.json');
      const content = readFileSync(file);
      rmSync(file);
      await until('the file is missed', async () =>
        (await workbench.rows('Experiments')).some((row) => /parlance\.json is missing/.test(row)),
      );
      await moves('slm');
      await workbench.statusBar(/Parlance: Pretrained on generic text \d/).waitFor();
      await workbench.command('Parlance: Cancel Run');
      const { page } = workbench;
      await page
        .locator('.monaco-dialog-box', { hasText: `Cancel the run of ${methodInWords('slm')}?` })
        .waitFor();
      await page.keyboard.press('Escape');
      writeFileSync(file, content);
      await until('the file is found', async () =>
        (await workbench.rows('Experiments')).every((row) => !/is missing/.test(row)),
      );
      await moves('slm');
    },
    'a process that is killed is told, and its run resumed': async () => {
      for (const { pid } of processesOf(newestRun(folder, 'slm'))) kill(pid);
      await shows('slm', /broken off .*ended without a word/);
      const lost = await workbench.row('Experiments', '(slm)');
      await workbench.chooseFromMenu(lost, 'Resume');
      // What is left to train may be over before anyone looks.
      await shows('slm', /\b(running|finished)\b/);
    },
    'both come to their end, and the views say what was measured': async () => {
      await finishes('slm');
      await finishes('slm-nopt');
      await workbench.fold('Corpus');
      await workbench.fold('Experiments');
      const methods = (rows: readonly string[]) =>
        rows.flatMap((one) => /\(((?:slm|llm)[\w-]*)\)/.exec(one)?.[1] ?? []);
      await until('a row a method in Models', async () => {
        const rows = await workbench.rows('Models');
        return (
          methods(rows).join() === 'slm,slm-nopt' &&
          ['slm', 'slm-nopt'].every((method) =>
            rows.some((one) => one.startsWith(`${best(method)} · ${methodInWords(method)} `)),
          )
        );
      });
      assert.deepEqual(methods(await workbench.rows('Experiments')), experiment.methods);
    },
    'a model is saved to a folder that other programs read': async () => {
      await workbench.chooseFromMenu(await workbench.row('Models', '(slm)'), 'Save Model to Folder');
      await until('the question where to', () => workbench.isAsked());
      await workbench.answerPath(folder);
      await until('the question for a name', async () =>
        /Save Model to Folder/.test(await workbench.question()),
      );
      await workbench.answer('saved');
      const saved = join(folder, 'saved');
      await until('the folder', () => existsSync(saved));
      for (const file of savedFiles) assert.ok(existsSync(join(saved, file)), file);
      const model = await loadModel(saved);
      assert.equal(model.width, experiment.models.small.width);
      assert.equal(model.tokens, model.vocabulary);
      assert.ok(model.parameters > model.width * model.vocabulary && model.isFinite);
    },
    'the model of the answer continues a text': async () => {
      const card = (await openTradeoffs()).locator('.card');
      await card.getByText('Try', { exact: true }).click();
      await card.getByLabel('Text to continue').fill('To install a package');
      await card.getByText('Continue', { exact: true }).click();
      await card.getByText(/^Each time another continuation/).waitFor();
      await until('the text goes on', async () => {
        const written = await card.locator('blockquote').innerText();
        return written.startsWith('To install a package') && written.length > 'To install a package'.length;
      });
      await card.getByText('Try', { exact: true }).click();
      await card.locator('blockquote').waitFor({ state: 'hidden' });
    },
    'a budget that is dragged changes the recommendation under the mouse': async () => {
      const panel = await openTradeoffs();
      await panel.locator('.question summary').click();
      const recommendation = () => panel.locator('#recommendation').innerText();
      const slider = panel.locator('[data-budget="pretraining"]');
      // What tells that the runs ended would lie on it.
      await workbench.command('Notifications: Clear All Notifications');
      await slider.scrollIntoViewIfNeeded();
      const before = await recommendation();
      assert.match(before, /\bslm\b/);
      await workbench.drag(slider, 0, async () => {
        await until('another recommendation', async () => (await recommendation()) !== before);
      });
      // In seconds even the method without pretraining has text to prepare.
      assert.match(await recommendation(), /slm-nopt|No measured method meets these budgets/);
      await workbench.drag(slider, 1);
      await until('the first recommendation', async () => /\bslm\b(?!-)/.test(await recommendation()));
    },
    'a chart is exported as pictures that a browser opens, and as numbers': async () => {
      const svg = await openedPicture(workbench, await exported('SVG'));
      assert.equal(svg.name, 'svg');
      assert.ok(svg.width > 200 && svg.shapes > 4, JSON.stringify(svg));
      const png = await openedPicture(workbench, await exported('PNG'));
      assert.equal(png.name, 'img');
      assert.equal(Math.round(png.width / svg.width), 2);
      const [head, ...lines] = readFileSync(await exported('CSV'), 'utf8')
        .trim()
        .split('\r\n');
      assert.match(head, /^Method,.*,"Perplexity, mean",/);
      for (const method of ['slm', 'slm-nopt']) {
        const measured = lines.filter((line) => line.startsWith(`${method},`));
        assert.equal(measured.length, 1);
        const figures = measured[0].split(',').map((cell) => formatPerplexity(Number(cell)));
        assert.ok(figures.includes(best(method)), measured[0]);
      }
    },
    'an open panel follows the experiment file, and compares with what was measured before': async () => {
      const answer = async () => (await tradeoffs()).locator('#answer').textContent();
      const before = await answer();
      const file = join(folder, 'parlance.json');
      writeFileSync(file, JSON.stringify({ ...experiment, context: 16 }));
      const panel = await workbench.webview('.empty', 'with the settings and the text as they are now');
      await panel.getByText('2 earlier runs had other settings').waitFor();
      await panel.getByRole('button', { name: 'Compare them' }).click();
      const compared = await workbench.webview('h1', 'Comparison of runs');
      // The description of the drawing has the figure too, and cannot be seen.
      const figure = `[aria-labelledby="figures-heading"] td:text-is("${best('slm')}")`;
      await compared.locator(figure).first().waitFor();
      assert.deepEqual(await seriousFaults(compared), []);
      writeFileSync(file, JSON.stringify(experiment));
      await openTradeoffs();
      await until('the answer is back', async () => (await answer()) === before);
    },
    'stopping keeps the best weights so far as a model of its own': async () => {
      await workbench.openContainer('Parlance');
      await workbench.commandWith('Parlance: Run Selected Methods', methodInWords('llm'));
      const run = await frozenInTraining(folder, 'llm', 4);
      await shows('llm', /\brunning\b/);
      await workbench.chooseFromMenu(await workbench.row('Experiments', '(llm)'), 'Stop and Keep Best');
      processesOf(run).forEach(thaw);
      await shows('llm', /\bstopped\b/);
      await workbench.fold('Experiments');
      const kept = await workbench.row('Models', 'Kept when runs were stopped');
      await kept.click();
      await until('its row', async () =>
        (await workbench.rows('Models')).some((one) =>
          /^\d\S* · Large model \(llm\) held-out text of docs · step \d/.test(one),
        ),
      );
      const model = await loadModel(keptModel(folder));
      assert.equal(model.width, experiment.models.large.width);
      assert.ok(model.isFinite);
    },
    'a run that is cancelled ends its processes and says so': async () => {
      const stopped = newestRun(folder, 'llm').id;
      await workbench.commandWith('Parlance: Run Selected Methods', methodInWords('llm'));
      await until('a new run', () => newestRun(folder, 'llm').id !== stopped);
      const run = await frozenInTraining(folder, 'llm');
      await shows('llm', /\brunning\b/);
      assert.notDeepEqual(processesOf(run), []);
      await workbench.chooseFromMenu(await workbench.row('Experiments', '(llm)'), 'Cancel Run');
      await workbench.confirm('End Run');
      processesOf(run).forEach(thaw);
      await until('its processes are gone', () => processesOf(run).length === 0);
      await shows('llm', /\bcancelled\b/);
    },
    'both panels have no serious accessibility fault in the editor': async () => {
      assert.deepEqual(await seriousFaults(await tradeoffs()), []);
      const perplexity = await workbench.panel(
        'Parlance: Open Perplexity',
        'h1 ~ *, .figure h2',
        'Held-out perplexity by tokens trained',
      );
      assert.deepEqual(await seriousFaults(perplexity), []);
    },
    'a file that the model finds hard opens at its hardest passage, which is marked until the cursor is moved':
      () => opensAtHardestPassage(workbench),
    'nothing was asked of the network, and no policy was broken': async () => {
      assert.deepEqual(workbench.requestsOutside, []);
      assert.deepEqual(workbench.policyViolations, []);
    },
  });
});
