/** The budgets' form of the trade-offs in a real browser: what is typed and opened there. Skipped without Chromium. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { syntheticResults } from '../fixtures/results.ts';
import { panelBrowser, skipWithoutChromium } from '../support/panels/panel-browser.ts';
import { resultsMessage } from '../support/panels/panel-messages.ts';
import { until } from '../support/waiting.ts';

const results = syntheticResults({ grid: 'crossing at the smallest size' });

describe("the budgets' form in a browser", { skip: skipWithoutChromium }, () => {
  const open = panelBrowser();

  test('a budget that is typed wrongly is refused with an example and changes nothing', async () => {
    const { page, send } = await open('tradeoffs');
    await send(resultsMessage(results));
    await page.locator('.question summary').click();
    const sentence = await page.locator('#recommendation').innerText();
    const field = page.getByRole('textbox', { name: 'Pretraining, once, as a number' });
    await field.fill('plenty');
    await field.press('Enter');
    await page.getByText('Write an amount such as').waitFor();
    assert.equal(await page.locator('#recommendation').innerText(), sentence);
    await page.close();
  });

  test('what is measured meanwhile leaves typed text, open lists and the focus as they are', async () => {
    const { page, send } = await open('tradeoffs');
    await send(resultsMessage(results));
    await page.locator('.question summary').click();
    const field = page.getByRole('textbox', { name: 'In-domain text, as a number' });
    await field.fill('50');
    const lists = await Promise.all(
      ['Domain', 'Budgets in'].map((name) => page.locator(`[data-key="select ${name}"]`).elementHandle()),
    );
    await send(resultsMessage({ ...results, measurements: results.measurements.slice(0, -3) }));
    assert.equal(await field.inputValue(), '50');
    for (const list of lists) assert.ok(await list?.evaluate((one) => one.isConnected));
    await field.press('Enter');
    await until('it is read', async () => (await field.inputValue()) === '50 tokens');
    const unit = page.getByLabel('Budgets in');
    await unit.focus();
    await unit.selectOption('FLOPs');
    assert.ok(await unit.evaluate((one) => one === document.activeElement));
    await page.close();
  });
});
