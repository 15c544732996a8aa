/**
 * Models at work in a real window, on text that is not the sample's: one of a run's models completes what is typed, shows
 * what does not belong into a text, from where a key labels it, and writes beside another in the Playground.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { root } from '../../scripts/setup.mjs';
import { seriousFaults } from '../support/panels/accessibility.ts';
import { processesWith } from '../support/processes.ts';
import { until } from '../support/waiting.ts';
import { barsOfLines } from './workbench/lens-bars.ts';
import { packagedExtension } from './workbench/packaged.ts';
import { shipLog, shipLogFiles } from './workbench/ship-log.ts';
import { tell } from './workbench/story.ts';
import { Workbench } from './workbench/workbench.ts';
import { TemporaryFolder } from './workbench/workspace.ts';

const folders = new TemporaryFolder();
after(() => folders.remove());

const recipe = [
  'Melt the butter in a saucepan, stir in the flour and let it foam for a minute.',
  'Pour in warm milk little by little, whisking until the sauce is smooth.',
  'Season with nutmeg, salt and white pepper; serve at once over steamed leeks.',
];
const LENS = 'Parlance: Show or Hide Perplexity Lens';

test('a model completes text, finds what does not belong there, and writes beside another', async (t) => {
  folders.write({ ...shipLogFiles(), 'ship/new.md': shipLog(900, 16) });
  const folder = join(folders.path, 'ship');
  execFileSync(process.execPath, [join(root, 'dist', 'cli.mjs'), 'run', folder, '--threads', '1'], {
    env: { ...process.env, XDG_STATE_HOME: join(folders.path, 'state') },
    stdio: 'pipe',
  });
  const workbench = await Workbench.start({ vsix: packagedExtension() });
  const { page } = workbench;
  const processes = () =>
    processesWith('model-process.mjs').filter(({ command }) =>
      command.join(' ').includes(workbench.server.root),
    );
  t.after(async () => {
    await workbench.close();
    assert.deepEqual(processes(), [], 'a process with models is left');
  });
  const read = (path: string) =>
    existsSync(join(folder, path)) ? readFileSync(join(folder, path), 'utf8') : '';
  const settings = () => JSON.parse(read('.vscode/settings.json') || '{}');
  const choose = async (method: string, entry: string) => {
    await workbench.openContainer('Parlance');
    await workbench.chooseFromMenu(await workbench.row('Models', `(${method})`), entry);
  };

  await tell(t, workbench, {
    'a model of the run is chosen for completions, which the settings say': async () => {
      await workbench.open(folder);
      await choose('slm-nopt', 'Use for Completions');
      await until('the settings', () => settings()['parlance.completions.enabled'] === true);
      const model = settings()['parlance.completions.model'];
      assert.ok(existsSync(join(folder, model, 'model.safetensors')), model);
      assert.deepEqual(processes(), [], 'nothing was asked of it yet');
    },
    'ghost text continues the line that is typed, and is taken by a key': async () => {
      await workbench.openFile('new.md');
      await workbench.statusBar('slm-nopt-logs-seed-1').waitFor();
      await page.locator('.editor-instance .view-lines').first().click();
      await page.keyboard.press('Control+End');
      await page.keyboard.type('16:00 wind from the');
      const ghost = page.locator('.editor-instance [class*="ghost-text"]', { hasText: /\w/ }).first();
      await ghost.waitFor();
      assert.match(await ghost.innerText(), /^\s*(north|west|south)/);
      await page.keyboard.press('Tab');
      await page.keyboard.press('Control+S');
      await until('it is taken', () => /^16:00 wind from the (north|west|south)/m.test(read('new.md')));
      assert.equal(processes().length, 1);
    },
    'the lens shades a pasted paragraph of another domain, and leaves the text around it': async () => {
      await page.keyboard.press('Control+Home');
      for (let line = 0; line < 8; line++) await page.keyboard.press('ArrowDown');
      await page.evaluate((text) => navigator.clipboard.writeText(text), `${recipe.join('\n')}\n`);
      await page.keyboard.press('Control+V');
      await workbench.command(LENS);
      await workbench.statusBar(/\d\.\d\d bits\/byte/).waitFor();
      const bars = await until('the bars', async () => {
        const found = await barsOfLines(page);
        return recipe.every((line) => (found.get(line) ?? 0) > 0) && found;
      });
      for (const line of recipe) assert.ok((bars.get(line) ?? 0) >= 4, `${bars.get(line)}: ${line}`);
      const ours = [...bars].filter(([line]) => / wind from the .*\.$/.test(line));
      assert.ok(ours.length >= 12);
      assert.deepEqual(
        ours.filter(([, bar]) => bar > 1),
        [],
      );
      const hover = (await workbench.hover('butter')).replaceAll('\u00a0', ' ');
      assert.match(hover, /\d bits per byte: \d+ bits in \d+ bytes/);
      assert.match(hover, /rather “/);
    },
    'one key selects the passage, another labels it': async () => {
      await page.keyboard.press('Escape');
      await page.locator('.editor-instance .view-line', { hasText: '15:00' }).click();
      await page.keyboard.press('Control+Home');
      await page.keyboard.press('Control+F8');
      const position = /Ln 11, Col \d+ \(\d+ selected\)/;
      await workbench.statusBar(position).waitFor();
      await page.keyboard.press('Control+S');
      await page.keyboard.press('Shift+Alt+L');
      await page.keyboard.press('X');
      await until('the label', () => /"label":"excluded"/.test(read('.parlance/labels.json')));
      const { labels } = JSON.parse(read('.parlance/labels.json'));
      assert.deepEqual(
        labels.map(({ path, label, passage }: Record<string, { quote?: string }>) => [
          path,
          label,
          passage.quote,
        ]),
        [['new.md', 'excluded', recipe.join('\n')]],
      );
    },
    'another model reads the same text, and its figures are said': async () => {
      await choose('slm', 'Evaluate File');
      await workbench.notification(
        /^new\.md: \d\.\d{3} bits per byte, perplexity [\d.]+ over \d+ tokens, by slm-logs/,
      );
    },
    'two methods write side by side in the Playground, token by token': async () => {
      await choose('slm-nopt', 'Open Playground');
      const panel = await workbench.webview('h1', 'Playground');
      await panel.getByLabel('Text to continue').fill('08:00 wind from the');
      const [left, right] = ['Model A', 'Model B'].map((name) => panel.getByRole('region', { name }));
      const chosen = (name: string) =>
        panel.getByRole('combobox', { name }).locator('option:checked').innerText();
      assert.match(await chosen('Model A'), /\(slm-nopt-logs/);
      const other = await panel
        .getByRole('combobox', { name: 'Model B' })
        .locator('option', { hasText: '(slm-logs' })
        .first()
        .getAttribute('value');
      await panel.getByRole('combobox', { name: 'Model B' }).selectOption(other);
      await panel.getByText('Write', { exact: true }).click();
      for (const side of [left, right]) {
        await side.getByText(/^64 tokens, perplexity [\d.]+/).waitFor();
        assert.match(await side.locator('.written').innerText(), /^08:00 wind from the \w/);
        await side.getByRole('group', { name: /arrow keys/ }).focus();
        await page.keyboard.press('ArrowRight');
        await side
          .getByText(/^or “.+” [\d.<]+ %$/)
          .first()
          .waitFor();
      }
      const written = () => left.locator('.written').innerText();
      const before = await written();
      await panel.getByText('Write', { exact: true }).click();
      await until('equal seeds write equal texts', async () => (await written()) === before);
      assert.deepEqual(await seriousFaults(panel), []);
      assert.equal(processes().length, 1);
    },
    'what was written is there again when the Playground was hidden': async () => {
      await workbench.openFile('new.md');
      await page.locator('.tab', { hasText: 'Playground' }).click();
      const panel = await workbench.webview('.token');
      assert.equal(await panel.getByLabel('Text to continue').inputValue(), '08:00 wind from the');
    },
    'a model that was removed is missed once, in words, and text can be typed as before': async () => {
      const gone = { ...settings(), 'parlance.completions.model': './gone' };
      writeFileSync(join(folder, '.vscode', 'settings.json'), JSON.stringify(gone));
      await workbench.openFile('new.md');
      await workbench.statusBar('gone').waitFor();
      await page.keyboard.press('Control+End');
      await page.keyboard.type('\n17:00 wind');
      await workbench.notification(/gone completes nothing at the moment/);
      await page.keyboard.type(' from');
      await page.keyboard.press('Control+S');
      await until('it is typed', () => /^17:00 wind from$/m.test(read('new.md')));
    },
  });
  assert.deepEqual(workbench.policyViolations, []);
  assert.deepEqual(workbench.requestsOutside, []);
});
