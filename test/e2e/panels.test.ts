/**
 * The panels in a real browser, with the page and the policy that the editor gives them: that they keep to the policy,
 * can be read by everyone in the four themes, answer a drag and export. Skipped without Chromium.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { FromPanel } from '../../src/panel-protocol/messages.ts';
import { syntheticResults } from '../fixtures/results.ts';
import { seriousFaults } from '../support/panels/accessibility.ts';
import { panelBrowser, skipWithoutChromium } from '../support/panels/panel-browser.ts';
import {
  askedDocuments,
  few,
  fillPerplexity,
  HOSTILE,
  resultsMessage,
} from '../support/panels/panel-messages.ts';
import { type ThemeName, themes } from '../support/panels/themes.ts';
import { until } from '../support/waiting.ts';

const results = syntheticResults({ grid: 'crossing at the smallest size' });
const HELD_OUT = 'Held-out perplexity by tokens trained';
describe('the panels in a browser', { skip: skipWithoutChromium }, () => {
  const open = panelBrowser();

  for (const [i, theme] of (Object.keys(themes) as ThemeName[]).entries()) {
    const rules = i === 0 ? 'all' : 'contrast';
    test(`have no serious accessibility fault and keep to their policy: ${theme}`, async () => {
      const tradeoffs = await open('tradeoffs', theme);
      await tradeoffs.send(resultsMessage(few));
      await openDetails(tradeoffs.page);
      await tradeoffs.page.getByLabel('Specialization, per domain', { exact: true }).fill('40');
      await openDetails(tradeoffs.page);
      assert.deepEqual(await seriousFaults(tradeoffs.page, rules), []);
      const perplexity = await open('perplexity', theme);
      await fillPerplexity(perplexity);
      await openDetails(perplexity.page);
      assert.deepEqual(await seriousFaults(perplexity.page, rules), []);
      assert.deepEqual([...tradeoffs.complaints, ...perplexity.complaints], []);
      await tradeoffs.page.close();
      await perplexity.page.close();
    });
  }

  test('dragging a budget changes the recommendation, greys what is out of reach and says why', async () => {
    const { page, send, complaints } = await open('tradeoffs');
    await send(resultsMessage(results));
    const recommendation = page.locator('#recommendation');
    assert.ok(await recommendation.isHidden(), 'without limits the answer above says it');
    await page.locator('.question summary').click();
    await recommendation.filter({ hasText: '(slm-is)' }).waitFor();
    assert.equal(await recommendation.getAttribute('aria-live'), 'polite');
    const slider = page.getByLabel('Specialization, per domain', { exact: true });
    await slider.focus();
    const box = await slider.boundingBox();
    assert.ok(box !== null);
    await page.mouse.move(box.x + box.width - 8, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.25, box.y + box.height / 2, { steps: 12 });
    await page.mouse.up();
    await recommendation.filter({ hasText: /^Use [\w ]+ \(slm-pn\)/ }).waitFor();
    const out = page.locator('tr.out').filter({ hasText: 'slm-is' }).first();
    assert.match(await out.innerText(), /needs .* for each domain; the specialization budget is/);
    await page.getByText('What does it cost to serve one more domain?').click();
    await page.locator('svg.chart .label.out').first().waitFor();
    await page.locator('.question summary').click();
    assert.ok(await recommendation.isVisible(), 'a limit changes the answer, also while it is folded');
    assert.match(await page.locator('.question summary').innerText(), /at most .* for each domain/);
    await page.getByText(/Predictions come from a law/).waitFor();
    assert.deepEqual(complaints, []);
    await page.close();
  });

  test('what was chosen is there again after the page was hidden or reloaded', async () => {
    const first = await open('tradeoffs');
    await first.send(resultsMessage(results));
    await first.page.locator('.question summary').click();
    await first.page.getByLabel('Domains', { exact: true }).fill('120');
    const kept = await first.page.evaluate('window.parlanceState()');
    await first.page.close();
    const again = await open('tradeoffs', 'light', kept);
    await again.send(resultsMessage(results));
    assert.match(
      (await again.page.getByLabel('Domains', { exact: true }).getAttribute('aria-valuetext')) ?? '',
      /^\d\d domains$/,
    );
    await again.page.close();
  });

  test('what is not known has a button that asks for the point to be run', async () => {
    const { page, send, told, complaints } = await open('tradeoffs');
    await send(resultsMessage(syntheticResults({ grid: 'crossing at the largest size' })));
    await page.locator('.question summary').click();
    await page.getByLabel('Budgets in').selectOption('FLOPs');
    for (const [name, amount] of [
      ['Pretraining, once, as a number', '200 TFLOP'],
      ['In-domain text, as a number', '50k'],
    ]) {
      const field = page.getByRole('textbox', { name });
      await field.fill(amount);
      await field.press('Enter');
    }
    await page.getByText('Not known: run 4M pretraining tokens with 50k in-domain tokens.').waitFor();
    await page.getByText('Run This Point: 4M pretraining tokens').click();
    assert.deepEqual((await told()).at(-1), {
      type: 'runPoint',
      pretraining: 4_000_000,
      domainTokens: 50_000,
    });
    assert.deepEqual(complaints, []);
    await page.close();
  });

  test('a point of a chart is pressed by key, and asks for its run', async () => {
    const { page, send, told } = await open('tradeoffs');
    await send(resultsMessage(results));
    const point = page.locator('svg.chart [data-point]').first();
    const key = await point.getAttribute('data-point');
    await point.focus();
    await page.keyboard.press('Enter');
    assert.deepEqual((await told()).at(-1), { type: 'openMeasurement', evaluation: key });
    await page.close();
  });

  test('the answer stands first, and the first chart with it, in an editor of 930 by 700 pixels', async () => {
    const { page, send, told } = await open('tradeoffs');
    await page.setViewportSize({ width: 930, height: 700 });
    await send(resultsMessage(few));
    const card = page.getByRole('region', { name: 'Answer' });
    assert.match(await card.innerText(), /^Use [\w ]+-?[\w ]* \(slm-\w+\) on letters\./);
    await card.getByText(/^(Clear|Tie|Not settled)$/).waitFor();
    const drawn = await page.locator('.answer svg.chart').boundingBox();
    assert.ok(drawn !== null);
    assert.ok(drawn.y + drawn.height <= 700, `it ends at ${drawn.y + drawn.height}`);
    await card.getByText('Run Another Seed').click();
    assert.deepEqual((await told()).at(-1), { type: 'runAnotherSeed' });
    await card.getByText('Save Model…').click();
    const asked = (await told()).at(-1);
    assert.ok(asked?.type === 'saveModel');
    const measured = few.measurements.find(({ fingerprint }) => fingerprint === asked.evaluation);
    assert.match(await card.innerText(), new RegExp(`\\(${measured?.method}\\)`));
    await card.getByText('Try', { exact: true }).click();
    // The focus is in the field.
    await page.keyboard.type('Dear <b>Sir</b>');
    await card.getByText('Continue', { exact: true }).click();
    const { evaluation } = asked;
    const trial = { type: 'tryModel' as const, evaluation, prompt: 'Dear <b>Sir</b>', seed: 1 };
    assert.deepEqual((await told()).at(-1), trial);
    await send({ type: 'tried', text: ', we', state: 'writing', note: '' });
    await send(resultsMessage(few));
    await send({ type: 'tried', text: ', we are', state: 'ended', note: 'The text ends here.' });
    assert.equal(await card.locator('blockquote').innerText(), 'Dear <b>Sir</b>, we are');
    await card.getByText('The text ends here.').waitFor();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Control+Enter');
    assert.deepEqual((await told()).at(-1), { ...trial, seed: 2 });
    await page.setViewportSize({ width: 1300, height: 900 });
    await page.close();
  });

  test('of several domains the answer is that of the one that is looked at', async () => {
    const { page, send } = await open('tradeoffs');
    await send(resultsMessage(results));
    const title = page.locator('#answer-title');
    assert.match(await title.innerText(), /in the macro average over \d domains/);
    const choice = page.locator('[data-key="select Domain"]');
    const [, domain] = await choice.locator('option').allTextContents();
    await choice.selectOption(domain);
    await title.filter({ hasText: ` on ${domain}.` }).waitFor();
    await page.close();
  });

  test('the values of the mark nearest to the pointer stand beside it', async () => {
    const { page, send, complaints } = await open('tradeoffs');
    await send(resultsMessage(few));
    const mark = page.locator('.answer svg.chart .point').first();
    const name = await mark.getAttribute('aria-label');
    const box = await mark.locator('.marker').boundingBox();
    assert.ok(box !== null);
    await page.mouse.move(box.x + box.width / 2 + 12, box.y + box.height / 2 + 9);
    const values = page.locator('.answer .mark-values');
    await values.waitFor();
    const shown = (await values.innerText()).split('\n').join('; ');
    const labels = await page
      .locator('.answer svg.chart .point')
      .evaluateAll((all) => all.map((one) => one.ariaLabel));
    assert.ok(labels.includes(shown) && name !== null, shown);
    await page.mouse.move(2, 2);
    assert.ok(await values.isHidden());
    assert.deepEqual(complaints, []);
    await page.close();
  });

  test('drawings go out as SVG with their own style, as PNG and as CSV', async () => {
    const panel = await open('perplexity');
    await fillPerplexity(panel);
    for (const title of [HELD_OUT, 'Training loss, stage by stage', 'Before and after fine-tuning']) {
      for (const format of ['SVG', 'PNG', 'CSV']) {
        await panel.page.getByRole('button', { name: `Export ${title} as ${format}` }).click();
      }
    }
    await panel.page.waitForFunction(
      `window.parlanceTold.filter(({ type }) => type === 'export').length === 9`,
    );
    const sent = (await panel.told()).filter(
      (one): one is Extract<FromPanel, { type: 'export' }> => one.type === 'export',
    );
    for (const { format, data } of sent) {
      if (format === 'svg')
        assert.match(data, /^<\?xml[\s\S]*xmlns="http:\/\/www.w3.org\/2000\/svg"[\s\S]*stroke="rgb\(/);
      if (format === 'png') assert.equal(Buffer.from(data, 'base64').subarray(1, 4).toString(), 'PNG');
      if (format === 'csv') assert.ok(data.split('\r\n').length > 3);
    }
    assert.deepEqual(panel.complaints, []);
    await panel.page.close();
  });

  test('text of the workspace stays text, and a listed file is asked to be opened by its number', async () => {
    const panel = await open('perplexity');
    await fillPerplexity(panel);
    await panel.send(resultsMessage(few, HOSTILE));
    await panel.page.getByRole('heading', { name: HOSTILE }).waitFor();
    assert.equal(await panel.page.locator('main img, main script').count(), 0);
    await panel.page.getByRole('button', { name: 'letters/1.txt' }).click();
    const evaluation = await askedDocuments(panel);
    assert.deepEqual((await panel.told()).at(-1), { type: 'openDocument', evaluation, index: 1 });
    assert.equal(await panel.page.title(), 'Parlance');
    await panel.page.close();
  });

  for (const width of [420, 800]) {
    test(`at ${width} pixels only drawings and tables scroll sideways, and no text of a chart overlaps another`, async () => {
      const tradeoffs = await open('tradeoffs');
      const perplexity = await open('perplexity');
      await tradeoffs.send(resultsMessage(results));
      await fillPerplexity(perplexity);
      for (const { page } of [tradeoffs, perplexity]) {
        await page.setViewportSize({ width, height: 800 });
        // Charts are drawn again some moments after the page has its new width.
        const widest = () => page.evaluate(() => document.documentElement.scrollWidth);
        const settled = async () => (await widest()) <= width && (await overlaps(page)).length === 0;
        await until('the page fits', settled).catch(() => undefined);
        const scrollWidth = await widest();
        assert.ok(scrollWidth <= width, `the page is ${scrollWidth} pixels wide`);
        // The first few: a comparison of many lines takes minutes to be put into words.
        assert.deepEqual((await overlaps(page)).slice(0, 10), []);
        await page.close();
      }
    });
  }
});

async function openDetails(page: Page): Promise<void> {
  await page.evaluate(`document.querySelectorAll('details').forEach((one) => { one.open = true; })`);
}

/** Texts of the charts that overlap another of the same chart. */
function overlaps(page: Page): Promise<readonly string[]> {
  return page.locator('svg.chart').evaluateAll((charts) =>
    charts.flatMap((chart) => {
      const texts = [...chart.querySelectorAll('text')].map((text) => ({
        name: text.textContent,
        box: text.getBoundingClientRect(),
      }));
      return texts.flatMap((a, index) =>
        texts.slice(index + 1).flatMap((b) => {
          const wide = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
          const high = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
          return wide > 1 && high > 4 ? [`${a.name} overlaps ${b.name}`] : [];
        }),
      );
    }),
  );
}
