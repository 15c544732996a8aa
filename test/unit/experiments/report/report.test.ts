import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeHtml, escapeMarkdown } from '../../../../src/charts/escape.ts';
import { reportMarkdown } from '../../../../src/experiments/report/markdown.ts';
import { reportHtml } from '../../../../src/experiments/report/page.ts';
import { writeReport } from '../../../../src/experiments/report/report.ts';
import type { ExperimentResults } from '../../../../src/experiments/results/results.ts';
import { syntheticResults } from '../../../fixtures/results.ts';

const HOSTILE = `</style><script>x</script>"'><img src=x onerror=y>|\`\`\`[a](b)`;

/** Every text field of the results replaced by a hostile one. */
function hostileResults(): ExperimentResults {
  const results = syntheticResults({ domains: [HOSTILE], methods: ['slm', 'slm-nopt'], seeds: [1] });
  return {
    ...results,
    name: HOSTILE,
    command: HOSTILE,
    started: HOSTILE,
    finished: HOSTILE,
    versions: { ...results.versions, parlance: HOSTILE, node: HOSTILE, engine: HOSTILE, processor: HOSTILE },
    configuration: { [HOSTILE]: HOSTILE },
    corpora: results.corpora.map((corpus) => ({
      ...corpus,
      name: HOSTILE,
      fingerprint: HOSTILE,
      skipped: [{ reason: HOSTILE, count: 1 }],
    })),
    methods: results.methods.map((method) => ({ ...method, id: `${method.id}${HOSTILE}`, title: HOSTILE })),
    measurements: results.measurements.map((one) => ({ ...one, method: `${one.method}${HOSTILE}` })),
    selections: results.selections.map((selection) => ({
      ...selection,
      histograms: selection.histograms.map((facts) => ({
        ...facts,
        methods: [HOSTILE],
        cards: facts.cards.map((card) => ({ ...card, terms: [HOSTILE], excerpts: [HOSTILE] })),
      })),
      choices: selection.choices.map((facts) => ({ ...facts, rule: HOSTILE, terms: [HOSTILE] })),
      unread: [HOSTILE],
    })),
    ledger: results.ledger.map((entry) => ({
      ...entry,
      kind: HOSTILE,
      label: HOSTILE,
      fingerprint: HOSTILE,
    })),
  };
}

test('three files are written whole, and the JSON is the results and the answers', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-report-'));
  try {
    const results = syntheticResults({ domains: ['letters'] });
    const files = await writeReport(results, join(folder, 'made', 'here'));
    assert.deepEqual((await readdir(join(folder, 'made', 'here'))).sort(), [
      'report.html',
      'report.json',
      'report.md',
    ]);
    const { answers, ...written } = JSON.parse(await readFile(files.json, 'utf8'));
    assert.deepEqual(written, results);
    const html = await readFile(files.html, 'utf8');
    assert.ok(html.includes(escapeHtml(answers[0].paragraph)));
    assert.equal(html, reportHtml(results));
    assert.equal(await readFile(files.markdown, 'utf8'), reportMarkdown(results));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('the page has a policy that forbids everything, no script and no address', () => {
  const html = reportHtml(syntheticResults());
  assert.match(
    html,
    /http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:;/,
  );
  assert.doesNotMatch(html, /<script|javascript:|https?:|@import|url\(|\son\w+=/);
});

test('every identifier of the page is used once, and every reference has its target', () => {
  const html = reportHtml(syntheticResults());
  const ids = [...html.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
  assert.equal(new Set(ids).size, ids.length);
  const references = [...html.matchAll(/(?:aria-labelledby="|href="#)([^"]+)"/g)].flatMap((match) =>
    match[1].split(' '),
  );
  assert.deepEqual(
    references.filter((reference) => !ids.includes(reference)),
    [],
  );
});

test('names from data never become markup, in any field', () => {
  const html = reportHtml(hostileResults());
  assert.doesNotMatch(html, /<script|<img|onerror=y>/);
  assert.equal(html.split('</style>').length, 2);
  assert.ok(html.includes('&lt;/style&gt;&lt;script&gt;'));
});

test('names from data never become Markdown: no cell, link, tag or fence of their own', () => {
  const markdown = reportMarkdown(hostileResults());
  const [text] = markdown.split('## Repeat it');
  assert.doesNotMatch(text, /<|(?<!\\)`|(?<!\\)\]\(/);
  const tables = text.split('\n\n').filter((block) => block.startsWith('| '));
  for (const table of tables) {
    const widths = table.split('\n').map((line) => line.split(/(?<!\\)\|/).length);
    assert.equal(new Set(widths).size, 1, table);
  }
  assert.match(markdown, /\n````sh\n/);
});

test('escaped Markdown leaves no character that can start a construct', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      assert.doesNotMatch(escapeMarkdown(text), /\n|<|>|(?<!\\)(?:\\\\)*[*_`[\]|#~!]/);
    }),
  );
});

test('with nothing measured there is still a whole report', () => {
  const empty = {
    ...syntheticResults(),
    measurements: [],
    selections: [],
    ledger: [],
    corpora: [],
    models: [],
    methods: [],
  };
  for (const text of [reportHtml(empty), reportMarkdown(empty)]) {
    assert.match(text, /Nothing has been measured yet\./);
    assert.doesNotMatch(text, /NaN|Infinity|undefined/);
  }
});

test('a full report has no NaN, infinity or undefined', () => {
  const results = syntheticResults();
  for (const text of [reportHtml(results), reportMarkdown(results)]) {
    assert.doesNotMatch(text, /NaN|Infinity|undefined/);
  }
});

test('methods that are in no average are named, and the settings are said to be no experiment file', () => {
  const all = syntheticResults({ domains: ['letters', 'notes'], methods: ['slm', 'slm-pn'], seeds: [1] });
  const some = all.measurements.filter(({ method, domain }) => method !== 'slm-pn' || domain === 'letters');
  const said = /Not in the average, as not measured on all domains: slm-pn\./;
  const markdown = reportMarkdown({ ...all, measurements: some });
  assert.match(markdown, said);
  assert.doesNotMatch(reportMarkdown(all), /Not in the average/);
  assert.match(markdown, /Effective settings \(not an experiment file\):\n\n```json/);
});
