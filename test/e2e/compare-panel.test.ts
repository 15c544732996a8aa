/**
 * The panel that compares runs, in a real browser with the policy that the editor gives it: it can be read by everyone in
 * the four themes, keeps to its policy, remembers what was chosen, exports, and fits a narrow column.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type BrowserContext, chromium } from 'playwright-core';
import { type ToPanel, toPanelSchema } from '../../src/panel-protocol/messages.ts';
import { syntheticResults } from '../fixtures/results.ts';
import { seriousFaults } from '../support/panels/accessibility.ts';
import { openPanel, servePanels } from '../support/panels/panel-page.ts';
import { type ThemeName, themes } from '../support/panels/themes.ts';
import { HANG_MS, until } from '../support/waiting.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const skip = existsSync(CHROMIUM) ? false : `no Chromium at ${CHROMIUM}`;
const HOSTILE = '<img src=x onerror="document.title=1">';
const WARNING = 'Not comparable on letters: measured on other held-out text (A; B).';

const { measurements } = syntheticResults({ domains: ['letters'], methods: ['slm-nopt', 'slm', 'slm-is'] });

function comparison(warnings: readonly string[] = [WARNING]): ToPanel {
  const run = (name: string, factor: number) => ({
    name,
    title: name === 'A' ? 'letters' : HOSTILE,
    created: '2026-03-01T11:25:00.000Z',
    methods: ['slm-nopt', 'slm', 'slm-is'],
    choosesTuned: [],
    state: 'finished',
    seeds: [1, 2, 3],
    measurements: measurements.map((one) => ({ ...one, perplexity: factor * one.perplexity })),
  });
  return toPanelSchema.parse({
    type: 'comparison',
    runs: [run('A', 1), run('B', 1.2)],
    differences: [{ setting: 'pretraining.budgets', values: ['[1,2]', '[1,3]'] }],
    warnings,
  });
}

describe('the comparison of runs in a browser', { skip }, () => {
  let folder = '';
  let context: BrowserContext;
  let served: Awaited<ReturnType<typeof servePanels>>;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parlance-compare-'));
    served = await servePanels();
    context = await chromium.launchPersistentContext(join(folder, 'profile'), {
      executablePath: CHROMIUM,
      headless: true,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
      viewport: { width: 1000, height: 800 },
    });
    context.setDefaultTimeout(HANG_MS);
  });

  after(async () => {
    await context?.close();
    served?.close();
    await rm(folder, { recursive: true, force: true });
  });

  for (const [i, theme] of (Object.keys(themes) as ThemeName[]).entries()) {
    test(`has no serious accessibility fault and keeps to its policy: ${theme}`, async () => {
      const { page, send, complaints } = await openPanel(context, served.origin, 'compare', { theme });
      await send(comparison());
      await page.getByText('Every figure', { exact: true }).waitFor();
      await page.evaluate(`document.querySelectorAll('details').forEach((one) => { one.open = true; })`);
      assert.deepEqual(await seriousFaults(page, i === 0 ? 'all' : 'contrast'), []);
      assert.deepEqual(complaints, []);
      await page.close();
    });
  }

  test('figures that do not compare come with a warning, and without one where they do', async () => {
    const { page, send } = await openPanel(context, served.origin, 'compare');
    await send(comparison());
    await page.getByText(WARNING).waitFor();
    await send(comparison([]));
    await page.getByText(WARNING).waitFor({ state: 'detached' });
    assert.equal(await page.title(), 'Parlance');
    await page.close();
  });

  test('the measure that was chosen is kept, and what is exported is what is shown', async () => {
    const first = await openPanel(context, served.origin, 'compare');
    await first.send(comparison());
    await first.page.getByLabel('Measure').selectOption('bits per byte');
    await first.page.getByRole('heading', { name: 'Held-out bits per byte' }).waitFor();
    const state = await first.page.evaluate('window.parlanceState()');
    await first.page.close();
    const { page, send, told } = await openPanel(context, served.origin, 'compare', {
      theme: 'light',
      state,
    });
    await send(comparison());
    await page.getByRole('heading', { name: 'Held-out bits per byte' }).waitFor();
    for (const format of ['SVG', 'PNG', 'CSV']) {
      await page.getByRole('button', { name: `Export Held-out bits per byte as ${format}` }).click();
    }
    const exports = await until('three files', async () => {
      const own = (await told()).filter((one) => one.type === 'export');
      return own.length === 3 ? own : undefined;
    });
    const csv = exports.find(({ format }) => format === 'csv')?.data ?? '';
    assert.match(csv, /^Method,Run,Mean,/);
    assert.equal(csv.trim().split('\r\n').length, 1 + 2 * 3);
    await page.close();
  });

  test('in a narrow column only tables scroll sideways', async () => {
    const { page, send } = await openPanel(context, served.origin, 'compare');
    await page.setViewportSize({ width: 420, height: 800 });
    await send(comparison());
    await page.getByText('Every figure', { exact: true }).waitFor();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 420, `the page is ${width} pixels wide`);
    await page.close();
  });
});
