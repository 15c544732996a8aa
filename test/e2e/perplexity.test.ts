/**
 * The Perplexity panel in a real browser: that its pictures and its words say the same, and what a reader can do with
 * them. Skipped without Chromium.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { toPanelSchema } from '../../src/panel-protocol/messages.ts';
import { curvesMessages } from '../support/made-curves.ts';
import { panelBrowser, skipWithoutChromium } from '../support/panels/panel-browser.ts';
import { few, fillPerplexity, linesMessage, resultsMessage } from '../support/panels/panel-messages.ts';

const HELD_OUT = 'Held-out perplexity by tokens trained';
/** Notes how many timers of half a second or longer waited at once. */
const countWaitingTimers = `
  window.mostWaiting = 0;
  const waiting = new Set();
  const { setTimeout: plain } = window;
  window.setTimeout = (work, ms, ...rest) => {
    if (!(ms >= 500)) return plain(work, ms, ...rest);
    const timer = plain(() => { waiting.delete(timer); work(...rest); }, ms);
    waiting.add(timer);
    window.mostWaiting = Math.max(window.mostWaiting, waiting.size);
    return timer;
  };
`;

describe('the Perplexity panel in a browser', { skip: skipWithoutChromium }, () => {
  const open = panelBrowser();

  test('held-out perplexity is one line a method from token 0, and its caption and words say what is drawn', async () => {
    const { page, send, complaints } = await open('perplexity');
    await send(resultsMessage(few), linesMessage());
    const section = page.getByRole('region', { name: HELD_OUT });
    const lines = await drawnLines(section);
    const methods = few.methods.map(({ id }) => id);
    assert.deepEqual([...new Set(lines.map(({ line }) => line))], methods);
    // Every line begins where the axis has its 0.
    const zero = await section.locator('.x-tick', { hasText: /^0$/ }).getAttribute('x');
    for (const method of methods) {
      const first = lines.find(({ line }) => line === method)?.d ?? '';
      assert.equal(/^M([\d.]+) /.exec(first)?.[1], zero, method);
    }
    await section.getByText(/^Every point was measured on the held-out text of letters/).waitFor();
    await section.getByText(/Lines begin at the untrained model of the same size/).waitFor();
    assert.deepEqual(await repeatedTicks(section), []);
    // Legend and line are drawn with the same strokes.
    const sample = section.getByRole('button', { name: 'slm', exact: true }).locator('.line');
    const drawn = section.locator('[data-line="slm"]').first();
    const stroke = (one: Locator) =>
      one.evaluate((path) => [getComputedStyle(path).stroke, path.getAttribute('stroke-dasharray')]);
    assert.deepEqual(await stroke(sample), await stroke(drawn));
    await send(toPanelSchema.parse({ ...linesMessage(), untrained: [] }));
    await section.getByText(/The model before any training was not measured in these runs/).waitFor();
    assert.deepEqual(complaints, []);
    await page.close();
  });

  test('the cursor reads measured values, by pointer and by key; dragging zooms, and a double click shows all', async () => {
    const { page, send, complaints } = await open('perplexity');
    await send(resultsMessage(few), linesMessage());
    const section = page.getByRole('region', { name: HELD_OUT });
    const plot = section.getByRole('group', { name: new RegExp(`^${HELD_OUT}`) });
    const box = await plot.boundingBox();
    assert.ok(box !== null);
    const readout = section.locator('.readout li');
    await page.mouse.move(box.x + 70, box.y + 150);
    await readout.getByText('slm: 4020 untrained', { exact: true }).waitFor();
    await plot.focus();
    await page.keyboard.press('ArrowRight');
    await readout.getByText(/^slm: [\d.]+ at 4M tokens of pretraining$/).waitFor();
    const told = (await readout.getByText(/^slm: /).innerText()).split(' ')[1];
    await section.getByText('In words and numbers').click();
    assert.ok((await section.locator('.summary').innerText()).includes(told));
    const before = await plot.locator('.x-tick').allTextContents();
    await page.mouse.move(box.x + 120, box.y + 120);
    await page.mouse.down();
    await page.mouse.move(box.x + 300, box.y + 260, { steps: 5 });
    await page.mouse.up();
    const reset = section.getByText('Reset Zoom');
    await reset.waitFor();
    assert.notDeepEqual(await plot.locator('.x-tick').allTextContents(), before);
    assert.deepEqual(await repeatedTicks(section), []);
    const zoomed = await plot.locator('.x-tick').first().getAttribute('x');
    await page.keyboard.down('Shift');
    await page.mouse.move(box.x + 300, box.y + 200);
    await page.mouse.down();
    await page.mouse.move(box.x + 277, box.y + 200, { steps: 3 });
    await page.mouse.up();
    await page.keyboard.up('Shift');
    assert.notEqual(await plot.locator('.x-tick').first().getAttribute('x'), zoomed);
    await plot.dblclick({ position: { x: 300, y: 200 } });
    await reset.waitFor({ state: 'hidden' });
    assert.deepEqual(await plot.locator('.x-tick').allTextContents(), before);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  test('runs of other settings are laid over when asked for, named by what differs; those on other text are counted', async () => {
    const { page, send } = await open('perplexity');
    await send(resultsMessage(few), linesMessage());
    const section = page.getByRole('region', { name: HELD_OUT });
    const own = (await drawnLines(section)).length;
    await section.getByText(/1 earlier run read other text; of 2 earlier runs it is not recorded/).waitFor();
    await section.getByText('Earlier runs with other settings').click();
    await section
      .getByRole('button', { name: 'slm, run of 2026-03-01 08:00 UTC (rate 2 instead of 1)' })
      .waitFor();
    assert.equal((await drawnLines(section)).length, 2 * own);
    assert.equal(await section.locator('.plot .line.aside').count(), own);
    await page.close();
  });

  test('files are listed by the number whose head is pressed, and more of them when asked for', async () => {
    const panel = await open('perplexity');
    await fillPerplexity(panel);
    await panel.page.getByRole('button', { name: 'Tokens', exact: true }).click();
    const asked = async () => (await panel.told()).findLast((one) => one.type === 'askDocuments');
    assert.deepEqual((await asked())?.order, { by: 'tokens', isRising: false });
    assert.equal((await asked())?.most, 20);
    await panel.page.getByText('Show More').click();
    assert.equal((await asked())?.most, 40);
    await panel.page.close();
  });

  test('the training that goes on is told beside the picture, and its loss is unfolded until the reader folds it', async () => {
    const panel = await open('perplexity');
    await fillPerplexity(panel);
    await panel.page.getByText(/^slm, seed 1: training on the domain, /).waitFor();
    const summary = panel.page.getByRole('heading', { name: 'Training loss, stage by stage' });
    const details = panel.page.locator('details', { has: summary });
    assert.equal(await details.getAttribute('open'), '');
    await summary.click();
    await panel.send(...curvesMessages(900));
    assert.equal(await details.getAttribute('open'), null);
    await panel.page.close();
  });

  test('curves are shown and hidden by key', async () => {
    const panel = await open('perplexity');
    await fillPerplexity(panel);
    const toggle = panel.page.getByRole('button', { name: /^slm · seed 1/ });
    assert.equal(await toggle.getAttribute('aria-pressed'), 'true');
    await toggle.focus();
    await panel.page.keyboard.press('Space');
    assert.equal(await toggle.getAttribute('aria-pressed'), 'false');
    assert.ok(await toggle.evaluate((own) => own === document.activeElement));
    await panel.page.close();
  });

  test('news that comes faster than the words beside a picture change leaves one later drawing, not one each', async () => {
    const panel = await open('perplexity');
    await panel.page.evaluate(countWaitingTimers);
    await fillPerplexity(panel);
    const [, points] = curvesMessages(800);
    for (let news = 0; news < 30; news++) await panel.send(points);
    assert.ok(Number(await panel.page.evaluate('window.mostWaiting')) <= 1);
    await panel.page.close();
  });
});

async function drawnLines(section: Locator): Promise<readonly { line: string; d: string }[]> {
  return section
    .locator('.plot [data-line]')
    .evaluateAll((paths) =>
      paths.map((path) => ({ line: path.getAttribute('data-line') ?? '', d: path.getAttribute('d') ?? '' })),
    );
}

/** Labels that an axis of the picture has twice. */
async function repeatedTicks(section: Locator): Promise<readonly string[]> {
  const repeated = [];
  for (const axis of ['x', 'y']) {
    const labels = await section.locator(`.plot .${axis}-tick`).allTextContents();
    repeated.push(...labels.filter((label, i) => labels.indexOf(label) < i));
  }
  return repeated;
}
