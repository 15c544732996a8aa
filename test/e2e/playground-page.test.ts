/**
 * The Playground's page in a real browser, with the policy that the editor gives it: it can be read by everyone in the
 * four themes, asks for what was chosen, shades tokens and tells what else was expected, by pointer and by key. Skipped
 * without Chromium.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ToPanel, toPanelSchema } from '../../src/panel-protocol/messages.ts';
import type { Side, WrittenPart } from '../../src/panel-protocol/playground.ts';
import { seriousFaults } from '../support/panels/accessibility.ts';
import { panelBrowser, skipWithoutChromium } from '../support/panels/panel-browser.ts';
import { type ThemeName, themes } from '../support/panels/themes.ts';
import { until } from '../support/waiting.ts';

const HOSTILE = '<img src=x onerror="document.title=1">';

const models: ToPanel = {
  type: 'playgroundModels',
  models: [
    { folder: '/models/one', title: '12.10 · slm (letters)', detail: 'use this, clear' },
    { folder: '/models/two', title: '14.20 · slm-nopt (letters)', detail: 'seed 1' },
    { folder: '/models/three', title: HOSTILE, detail: HOSTILE },
  ],
};

function written(
  request: number,
  side: Side,
  words: Readonly<Record<string, number>>,
  more: Partial<WrittenPart> = {},
): ToPanel {
  const tokens = Object.entries(words).map(([text, probability]) => ({
    text,
    logProbability: Math.log(probability),
    alternatives: [{ text: ' a', logProbability: Math.log(0.4) }],
  }));
  const part: WrittenPart = { request, side, tokens, state: 'writing', note: '', ...more };
  return toPanelSchema.parse({ type: 'written', parts: [part] });
}

const begun = (request: number, side: Side) => written(request, side, {});
const words = { ' we': 0.6, ' are': 0.3, ' glad': 0.15, [HOSTILE]: 0.05, ' of': 0.02, ' it': 0.001 };

describe('the Playground in a browser', { skip: skipWithoutChromium }, () => {
  const open = panelBrowser();

  for (const [i, theme] of (Object.keys(themes) as ThemeName[]).entries()) {
    test(`has no serious accessibility fault and keeps to its policy: ${theme}`, async () => {
      const { page, send, complaints } = await open('playground', theme);
      await send(models);
      await page.getByLabel('Text to continue').fill('Dear Sir,');
      await page.getByText('Write', { exact: true }).click();
      await send(begun(1, 'left'), written(1, 'left', words), begun(1, 'right'));
      await send(written(1, 'right', {}, { state: 'failed', note: 'There is no model in /models/two.' }));
      await page.evaluate(`document.querySelectorAll('details').forEach((one) => { one.open = true; })`);
      const left = page.getByRole('region', { name: 'Model A' });
      await left.getByRole('group', { name: /arrow keys/ }).focus();
      await page.keyboard.press('End');
      await left.getByText('or “␣a” 40 %').waitFor();
      assert.deepEqual(await seriousFaults(page, i === 0 ? 'all' : 'contrast'), []);
      assert.equal(await page.title(), 'Parlance');
      assert.deepEqual(complaints, []);
      await page.close();
    });
  }

  test('asks both models with what was chosen, and nothing that cannot be done', async () => {
    const { page, send, told, complaints } = await open('playground');
    await send(models);
    await page.getByLabel('Text to continue').fill('Dear Sir,');
    const field = page.getByRole('textbox', { name: 'Temperature' });
    await field.fill('hot');
    await field.press('Enter');
    await page.getByText('Temperature: a number from 0').waitFor();
    // Nothing is written with the number that held before.
    await page.getByText('Write', { exact: true }).click();
    assert.ok((await told()).every(({ type }) => type !== 'write'));
    assert.ok(await page.getByText('Temperature: a number from 0').isVisible());
    await field.fill('0.3');
    await field.press('Enter');
    await page.getByRole('combobox', { name: 'Model B' }).selectOption('/models/three');
    await page.getByLabel('Text to continue').press('Control+Enter');
    const { left, right } = { left: '/models/one', right: '/models/three' };
    assert.deepEqual((await told()).at(-1), {
      type: 'write',
      request: 1,
      prompt: 'Dear Sir,',
      models: [
        { side: 'left', folder: left },
        { side: 'right', folder: right },
      ],
      temperature: 0.3,
      topP: 1,
      tokens: 64,
      seed: 1,
    });
    await send(begun(1, 'left'));
    await page.getByText('Stop', { exact: true }).click();
    assert.deepEqual((await told()).at(-1), { type: 'stopWriting' });
    await send(written(1, 'left', {}, { state: 'stopped', note: 'Stopped.' }));
    await page.getByText('Stop', { exact: true }).waitFor({ state: 'hidden' });
    await page.getByRole('combobox', { name: 'Model A' }).selectOption({ label: 'Browse…' });
    assert.deepEqual((await told()).at(-1), { type: 'browseModel', side: 'left' });
    assert.deepEqual(complaints, []);
    await page.close();
  });

  test('each token is shaded by its probability, and its values stand beside it by pointer and by key', async () => {
    const { page, send, told } = await open('playground');
    await send(models);
    await page.getByLabel('Text to continue').fill('Dear Sir,');
    await page.getByText('Write', { exact: true }).click();
    await send(begun(1, 'left'), written(1, 'left', words));
    await send(written(1, 'left', {}, { state: 'ended', note: 'The text ends here.' }));
    // Of an earlier request: it is heard no more.
    await send(written(0, 'left', { ' late': 1 }));
    const left = page.getByRole('region', { name: 'Model A' });
    const tokens = left.locator('.token');
    assert.deepEqual(await tokens.allTextContents(), Object.keys(words));
    const shades = await tokens.evaluateAll((all) => all.map((one) => one.className.replace(/\D+/g, '')));
    assert.deepEqual(shades, ['0', '1', '2', '3', '4', '5']);
    const deep = await tokens.evaluateAll((all) => all.map((one) => getComputedStyle(one).backgroundColor));
    assert.equal(new Set(deep).size, 6);
    const values = left.locator('.mark-values');
    await tokens.nth(1).hover();
    await values.getByText('“␣are” 30 %').waitFor();
    await page.mouse.move(2, 2);
    assert.ok(await values.isHidden());
    await left.getByRole('group', { name: /arrow keys/ }).focus();
    await page.keyboard.press('ArrowRight');
    await values.getByText('“␣we” 60 %').waitFor();
    await page.keyboard.press('Escape');
    assert.ok(await values.isHidden());
    const nats = Object.values(words).reduce((sum, one) => sum - Math.log(one), 0);
    await left
      .getByText(`6 tokens, perplexity ${Math.exp(nats / 6).toPrecision(4)} · The text ends here.`)
      .waitFor();
    await left.getByText('In words and numbers').click();
    await until('a row for each token', async () => (await left.getByRole('row').count()) === 1 + 6);
    await left.getByText('Copy', { exact: true }).click();
    const last = await until('a copy', async () => (await told()).find(({ type }) => type === 'copy'));
    assert.deepEqual(last, {
      type: 'copy',
      text: `Dear Sir,${Object.keys(words).join('')}`,
    });
    await page.close();
  });

  test('what was chosen and written is there again after the page was hidden', async () => {
    const first = await open('playground');
    await first.send(models);
    await first.page.getByLabel('Text to continue').fill('Dear Sir,');
    await first.page.getByRole('combobox', { name: 'Model A' }).selectOption('/models/two');
    await first.page.getByText('Write', { exact: true }).click();
    const kept = await first.page.evaluate('window.parlanceState()');
    await first.page.close();
    const { page, send } = await open('playground', 'light', kept);
    await send(models, begun(1, 'left'), written(1, 'left', words, { state: 'ended' }));
    assert.equal(await page.getByLabel('Text to continue').inputValue(), 'Dear Sir,');
    assert.equal(await page.getByRole('combobox', { name: 'Model A' }).inputValue(), '/models/two');
    const left = page.getByRole('region', { name: 'Model A' });
    assert.equal(await left.locator('.written').innerText(), `Dear Sir,${Object.keys(words).join('')}`);
    await send({ type: 'playgroundChoice', side: 'left', folder: '/models/three' });
    assert.equal(await page.getByRole('combobox', { name: 'Model A' }).inputValue(), '/models/three');
    await page.close();
  });

  test('in a narrow column nothing scrolls sideways', async () => {
    const { page, send } = await open('playground');
    await page.setViewportSize({ width: 420, height: 800 });
    await send(models);
    await page.getByRole('combobox', { name: 'Model A' }).waitFor();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 420, `the page is ${width} pixels wide`);
    await page.close();
  });
});
