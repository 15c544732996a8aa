/**
 * Two methods from the start to their end in a real window, with what happens to people in between: the window is
 * reloaded, and a process dies. Then the trade-offs are read: a budget moves, a chart is exported.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { packagedExtension } from './workbench/packaged.ts';
import { kill, processesWith } from './workbench/processes.ts';
import { tell } from './workbench/story.ts';
import { until } from './workbench/until.ts';
import { Workbench } from './workbench/workbench.ts';
import { microExperiment, TemporaryFolder } from './workbench/workspace.ts';

const folders = new TemporaryFolder();
after(() => folders.remove());

/** Its pretraining takes some fifteen seconds: long enough to be looked at and interrupted. */
const experiment = {
  ...microExperiment,
  pretraining: { tokens: [131_072, 2_097_152], batchTokens: 512 },
};

test('two methods are run, left, lost, resumed and compared', async (t) => {
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
  const row = async (method: string) =>
    (await workbench.rows('Experiments')).find((one) => one.startsWith(`${method} `));
  const shows = (method: string, phase: RegExp, limitMs: number) =>
    until(`${method} is ${phase}`, async () => phase.test((await row(method)) ?? ''), limitMs);
  const events = () => {
    const runs = join(folder, '.parlance', 'storage', 'runs');
    return readdirSync(runs).map((id) => readFileSync(join(runs, id, 'events.jsonl'), 'utf8'));
  };
  const hosts = () =>
    processesWith('host.mjs').filter(({ command }) => command.join(' ').includes(workbench.server.root));

  await tell(t, workbench, {
    'both methods of the experiment are started': async () => {
      await workbench.open(folder);
      await workbench.openContainer('Parlance');
      await workbench.command('Parlance: Run Selected Methods');
      await workbench.pickMany('slm-nopt', 'slm');
      await shows('slm', /running|preparing|waiting/, 60_000);
      await shows('slm-nopt', /running|preparing|waiting|finished/, 60_000);
    },
    'curves move while they train': async () => {
      await workbench.command('Parlance: Open Perplexity');
      const panel = await workbench.webview('h1', '');
      const shown = () => panel.locator('body').innerText();
      await until('training is shown', async () => /slm/.test(await shown()), 60_000);
      const before = await shown();
      await until('the figures change', async () => (await shown()) !== before, 60_000);
    },
    'a reloaded window shows what went on meanwhile': async () => {
      await shows('slm', /running/, 120_000);
      const pids = hosts().map(({ pid }) => pid);
      await workbench.reload();
      await workbench.openContainer('Parlance');
      await shows('slm', /running|finished/, 30_000);
      assert.ok(
        hosts().some(({ pid }) => pids.includes(pid)),
        'no process outlived the reload',
      );
    },
    'a process that is killed is told, and its run resumed': async () => {
      await shows('slm', /running/, 60_000);
      for (const { pid } of hosts()) kill(pid);
      await shows('slm', /ended without a word/, 30_000);
      const lost = await workbench.row('Experiments', /^slm(?!-)/);
      await workbench.chooseFromMenu(lost, 'Resume');
      await shows('slm', /running|finished/, 60_000);
    },
    'both come to their end': async () => {
      await shows('slm', /finished/, 180_000);
      await shows('slm-nopt', /finished|ended without a word/, 60_000);
      assert.ok(events().some((log) => log.includes('"measurement"')));
      await until('the model is listed', async () => (await workbench.rows('Models')).length > 0);
    },
    'a budget that moves changes the recommendation': async () => {
      await workbench.command('Parlance: Open Budget Trade-Offs');
      const panel = await workbench.webview('#recommendation', /\w/);
      const recommendation = () => panel.locator('#recommendation').innerText();
      const before = await recommendation();
      const slider = panel.locator('[data-budget="pretraining"]');
      await slider.focus();
      await slider.press('Home');
      await until('another recommendation', async () => (await recommendation()) !== before);
    },
    'a chart is exported as numbers': async () => {
      const panel = await workbench.webview('#recommendation', /\w/);
      // The charts are drawn anew when a slider rests, and a button that is replaced while it is pressed does nothing.
      await until('the question where to', async () => {
        await panel.locator('.exports >> text=CSV').first().click();
        return workbench.isAsked();
      });
      const file = join(folder, 'chart.csv');
      await workbench.answer(file);
      await until('the file', () => existsSync(file));
      assert.match(readFileSync(file, 'utf8'), /perplexity/i);
    },
    'nothing was asked of the network, and no policy was broken': async () => {
      assert.deepEqual(workbench.requestsOutside, []);
      assert.deepEqual(workbench.policyViolations, []);
    },
  });
});
