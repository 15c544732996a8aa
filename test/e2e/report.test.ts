/** The report in a real browser: what a reader sees, and that nothing is fetched. Skipped without Chromium. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { writeReport } from '../../src/experiments/report/report.ts';
import { syntheticResults } from '../fixtures/results.ts';
import { seriousFaults } from '../support/panels/accessibility.ts';
import { HANG_MS } from '../support/waiting.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND',
];
const skip = existsSync(CHROMIUM) ? false : `no Chromium at ${CHROMIUM}`;

interface Opened {
  readonly page: Page;
  readonly requests: string[];
  readonly complaints: string[];
}

describe('the report in a browser', { skip }, () => {
  let folder = '';
  let url = '';
  let context: BrowserContext;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parlance-report-'));
    const files = await writeReport(syntheticResults(), join(folder, 'report'));
    url = pathToFileURL(files.html).href;
    context = await chromium.launchPersistentContext(join(folder, 'profile'), {
      executablePath: CHROMIUM,
      headless: true,
      args: ARGUMENTS,
    });
    context.setDefaultTimeout(HANG_MS);
  });

  after(async () => {
    await context.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function open(address = url): Promise<Opened> {
    const page = await context.newPage();
    const requests: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(address);
    return { page, requests, complaints };
  }

  test('loads nothing but itself and breaks no rule of its own policy', async () => {
    const { page, requests, complaints } = await open();
    await page.getByRole('heading', { name: /^Use / }).waitFor();
    assert.deepEqual(
      requests.filter((request) => !request.startsWith('data:')),
      [url],
    );
    assert.deepEqual(complaints, []);
    await page.close();
  });

  test('shows the answer, the comparison, the map, one chart a budget and the costs', async () => {
    const { page } = await open();
    assert.match(
      await page.locator('#answer').innerText(),
      /use Pretrained on look-alike text \(slm-is\): held-out perplexity/,
    );
    assert.equal(await page.locator('svg.chart:visible').count(), 7);
    for (const caption of ['Held-out perplexity on letters', 'Corpora by split', 'Setting']) {
      assert.ok(await page.getByRole('table', { name: caption }).isVisible(), caption);
    }
    await page.close();
  });

  test('a choice of unit, in-domain size or domain shows the chart that was asked for', async () => {
    const { page } = await open();
    const budget = page.locator('.view:visible .budget', {
      hasText: 'Perplexity against pretraining budget',
    });
    await budget.getByRole('radio', { name: 'device-seconds' }).check();
    await budget.getByRole('radio', { name: '50k' }).check();
    const title = budget.locator('svg.chart:visible > title');
    assert.equal(await budget.locator('svg.chart:visible').count(), 1);
    assert.match((await title.textContent()) ?? '', /after fine-tuning on 50k in-domain tokens/);
    assert.match(await budget.locator('svg.chart:visible').innerHTML(), /Generic device-seconds/);
    await page.getByRole('radio', { name: 'letters' }).check();
    const shown = page.locator('.view:visible');
    assert.equal(await shown.count(), 1);
    assert.match(
      (await shown.locator('svg.chart:visible > title').first().textContent()) ?? '',
      /on letters/,
    );
    await page.close();
  });

  test('no text of a chart is drawn over another or outside the picture', async () => {
    const { page } = await open();
    assert.deepEqual(await textFaults(page), []);
    await page.close();
  });

  test('nor in any chart of ten methods on crossing axes, whatever is chosen', async () => {
    const results = syntheticResults({ domains: ['letters'], grid: 'crossing at the smallest size' });
    const files = await writeReport(results, join(folder, 'crossing'));
    const { page } = await open(pathToFileURL(files.html).href);
    await page.addStyleTag({ content: '.curves figure { display: block !important; }' });
    const figures = await page.locator('figure').count();
    assert.equal(await page.locator('svg.chart:visible').count(), figures);
    assert.ok(figures > 30, `${figures}`);
    assert.deepEqual(await textFaults(page), []);
    await page.close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`has no serious accessibility fault in ${colorScheme} colours`, async () => {
      // One domain and three methods have every kind of element; the checker is slow on long pages.
      const results = syntheticResults({ domains: ['letters'], methods: ['slm-nopt', 'slm', 'llm'] });
      const files = await writeReport(results, join(folder, 'short'));
      const { page } = await open(pathToFileURL(files.html).href);
      await page.emulateMedia({ colorScheme });
      for (const details of await page.locator('details:visible').all())
        await details.locator('> summary').click();
      const faults = await seriousFaults(page, colorScheme === 'light' ? 'all' : 'contrast');
      assert.deepEqual(faults, []);
      await page.close();
    });
  }

  test('fits a phone: only charts and tables scroll sideways', async () => {
    const { page } = await open();
    await page.setViewportSize({ width: 400, height: 800 });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 400, `the page is ${width} pixels wide`);
    await page.close();
  });

  test('hostile names stay text', async () => {
    const hostile =
      '</title></desc></svg><script>document.title="taken"</script><img src="https://example.invalid/x">';
    const results = syntheticResults({ domains: [hostile] });
    const files = await writeReport(
      {
        ...results,
        name: hostile,
        command: hostile,
        methods: results.methods.map((method) => ({ ...method, title: hostile })),
      },
      join(folder, 'hostile'),
    );
    const { page, requests, complaints } = await open(pathToFileURL(files.html).href);
    assert.equal(await page.locator('img, script').count(), 0);
    assert.equal(requests.filter((request) => request.includes('example.invalid')).length, 0);
    assert.deepEqual(complaints, []);
    assert.ok((await page.title()).includes(hostile));
    await page.close();
  });
});

/** Texts of the charts shown that overlap another or stand outside their picture. */
function textFaults(page: Page): Promise<readonly string[]> {
  return page.locator('svg.chart:visible').evaluateAll((charts) =>
    charts.flatMap((chart) => {
      const frame = chart.getBoundingClientRect();
      const title = chart.querySelector('title')?.textContent;
      const texts = [...chart.querySelectorAll('text')].map((text) => ({
        name: text.textContent,
        box: text.getBoundingClientRect(),
      }));
      const outside = texts
        .filter(({ box }) => box.left < frame.left - 1 || box.right > frame.right + 1)
        .map(({ name }) => `${title}: ${name} is outside`);
      const overlaps = texts.flatMap((a, index) =>
        texts.slice(index + 1).flatMap((b) => {
          const wide = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
          const high = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
          return wide > 1 && high > 4 ? [`${title}: ${a.name} overlaps ${b.name}`] : [];
        }),
      );
      return [...outside, ...overlaps];
    }),
  );
}
