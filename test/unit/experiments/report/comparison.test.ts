/** The report's tables of methods by in-domain size, and of costs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { viewsOf } from '../../../../src/budget/views.ts';
import type { Table } from '../../../../src/charts/table.ts';
import {
  BITS_PER_BYTE,
  comparisonTable,
  PERPLEXITY,
  VALIDATION,
} from '../../../../src/experiments/report/comparison.ts';
import { totalCostTable } from '../../../../src/experiments/report/costs.ts';
import { contentOf } from '../../../../src/experiments/report/sections.ts';
import type { ExperimentResults } from '../../../../src/experiments/results/results.ts';
import { type ResultRow, resultsOf } from '../../../fixtures/answer-results.ts';

const SCRATCH: ResultRow = { method: 'slm-nopt', size: 'all', perplexities: [100, 100] };
const BEFORE: ResultRow = { method: 'slm', size: 0, perplexities: [30, 30] };
const TUNED: ResultRow = { method: 'slm', size: 'all', perplexities: [18, 18] };
const PROJECTED: ResultRow = { method: 'slm-pn', size: 'all', perplexities: [16, 16.5] };
const LARGE: ResultRow = { method: 'llm', size: 'all', perplexities: [12, 12] };

const viewOf = (results: ExperimentResults) => viewsOf(results.measurements)[0];
const marked = ({ rows }: Table) =>
  rows.map((row) => row.map(({ text, best }) => (best ? `*${text}*` : text)));

test('all in-domain text comes first, beside it what chose; then the curve, and the best within the cap is marked', () => {
  const results = resultsOf([SCRATCH, BEFORE, TUNED, { ...TUNED, size: 5e5 }, PROJECTED, LARGE]);
  const table = comparisonTable(results, viewOf(results), PERPLEXITY);
  assert.deepEqual(
    table.columns.map(({ title }) => title),
    [
      'Method',
      'Pretraining tokens',
      'all 2M in-domain tokens',
      'Chosen by: validation',
      'Before fine-tuning',
      '500k in-domain tokens',
    ],
  );
  assert.deepEqual(marked(table), [
    ['slm-nopt', 'none', '100.0', '97.00', '–', '–'],
    ['slm', '1M', '18.00', '17.46', '30.00', '18.00'],
    ['slm-pn', '1M', '*16.25*', '15.76', '–', '–'],
    ['llm', '1M', '12.00', '11.64', '–', '–'],
  ]);
  assert.equal(table.rows[2][2].detail, '16.00–16.50');
  const bits = comparisonTable(results, viewOf(results), BITS_PER_BYTE);
  assert.equal(bits.caption, 'Held-out bits per byte on letters');
  assert.match(bits.rows[2][2].text, /^\d\.\d{4}$/);
});

const madeFor = (set: number | 'all', perplexity: number): ResultRow => ({
  method: 'slm-is',
  size: 0,
  madeFor: set,
  perplexities: [perplexity, perplexity],
});
const titles = ({ columns }: Table) => columns.map(({ title }) => title);

test('a model before fine-tuning that was made for an in-domain set says for which', () => {
  const results = resultsOf([
    BEFORE,
    TUNED,
    madeFor(2048, 28),
    madeFor('all', 24.78),
    { method: 'slm-is', size: 2048, perplexities: [26.64, 26.64] },
    { method: 'slm-is', size: 'all', perplexities: [17, 17] },
  ]);
  const table = comparisonTable(results, viewOf(results), PERPLEXITY);
  assert.deepEqual(titles(table).slice(4), [
    'Before fine-tuning, selection by all in-domain text',
    '2k in-domain tokens',
  ]);
  const [, resampled] = table.rows;
  assert.deepEqual(
    resampled.slice(4).map(({ text }) => text),
    ['24.78', '26.64'],
  );
  const isNote = (note: string) =>
    note.startsWith('“Before fine-tuning” of slm-is is a model that was made for');
  assert.ok(contentOf(results).comparison.notes.some(isNote));
  const without = resultsOf([BEFORE, TUNED]);
  assert.ok(titles(comparisonTable(without, viewOf(without), PERPLEXITY)).includes('Before fine-tuning'));
  assert.ok(!contentOf(without).comparison.notes.some((note) => note.includes('Before fine-tuning')));
});

test('before anything is fine-tuned, the model that was made for the largest set is shown', () => {
  for (const rows of [
    [madeFor(2048, 28), madeFor('all', 24.78), madeFor(16_384, 26), BEFORE],
    [BEFORE, madeFor(16_384, 26), madeFor('all', 24.78), madeFor(2048, 28)],
  ]) {
    const results = resultsOf(rows);
    const table = comparisonTable(results, viewOf(results), VALIDATION);
    assert.equal(titles(table)[2], 'Before fine-tuning, selection by all in-domain text');
    const resampled = table.rows.find(([{ text }]) => text === 'slm-is');
    assert.equal(resampled?.[2].text, '24.04');
  }
});

test('of a model that was given the pretraining tokens are not said to be none', () => {
  const given = { pretraining: 0 } as const;
  const results = resultsOf([SCRATCH, { ...BEFORE, ...given }, { ...TUNED, ...given }, PROJECTED]);
  const { rows } = comparisonTable(results, viewOf(results), PERPLEXITY);
  assert.deepEqual(
    rows.map(([{ text }, pretraining]) => [text, pretraining]),
    [
      ['slm-nopt', { text: 'none' }],
      ['slm', { text: 'given', detail: 'a model from elsewhere' }],
      ['slm-pn', { text: '1M' }],
    ],
  );
});

test('all the text of several domains is said to be a mean of theirs', () => {
  const one = resultsOf([TUNED, PROJECTED]);
  const results = {
    ...one,
    measurements: [...one.measurements, ...resultsOf([TUNED], 'notes').measurements],
  };
  const [average, letters] = viewsOf(results.measurements);
  assert.equal(
    titles(comparisonTable(results, average, PERPLEXITY))[2],
    'all 2M in-domain tokens (geometric mean of the domains)',
  );
  assert.match(totalCostTable(results, average)?.caption ?? '', /all 2M in-domain tokens \(geometric mean/);
  assert.equal(titles(comparisonTable(results, letters, PERPLEXITY))[2], 'all 2M in-domain tokens');
});

test('in a tie none is marked alone, and each says that it ties', () => {
  const close: ResultRow = { method: 'slm-is', size: 'all', perplexities: [17.95, 17.95] };
  const results = resultsOf([SCRATCH, TUNED, close]);
  const table = comparisonTable(results, viewOf(results), PERPLEXITY);
  assert.deepEqual(
    table.rows.map(([, , cell]) => [cell.best ?? false, cell.detail]),
    [
      [false, '2 seeds'],
      [true, '2 seeds, tie'],
      [true, '2 seeds, tie'],
    ],
  );
});

test('the mark follows validation, not the figure that is shown', () => {
  const results = resultsOf([
    { ...TUNED, validation: 15 },
    { ...PROJECTED, validation: 16 },
  ]);
  assert.deepEqual(
    marked(comparisonTable(results, viewOf(results), VALIDATION)).map((row) => row[2]),
    ['*15.00*', '16.00'],
  );
  assert.deepEqual(
    marked(comparisonTable(results, viewOf(results), PERPLEXITY)).map((row) => row[2]),
    ['*18.00*', '16.25'],
  );
});

test('what fine-tuning forgets is told of the methods that were measured on generic text, and marks none', () => {
  const plain = resultsOf([SCRATCH, BEFORE, TUNED]);
  const tables = ({ comparison }: ReturnType<typeof contentOf>) =>
    comparison.folded.filter(({ caption }) => /forgets/.test(caption));
  assert.deepEqual(tables(contentOf(plain)), []);
  const measurements = plain.measurements.map((one) =>
    one.method === 'slm-nopt'
      ? one
      : { ...one, genericPerplexity: one.phase === 'before fine-tuning' ? 25 : 40 },
  );
  const [table] = tables(contentOf({ ...plain, measurements }));
  assert.match(table.caption, /of models made for letters$/);
  assert.deepEqual(marked(table), [
    ['slm-nopt', 'none', '–', '–'],
    ['slm', '1M', '40.00', '25.00'],
  ]);
});

test('the total cost for N domains is the generic cost once and the specialization cost N times', () => {
  const results = resultsOf([TUNED, { ...TUNED, method: 'slm-is' }]);
  const table = totalCostTable(results, viewOf(results));
  assert.match(table?.caption ?? '', /and all 2M in-domain tokens/);
  assert.deepEqual(
    table?.rows.map((row) => row.slice(2).map(({ text }) => text)),
    [
      ['100 GFLOP', '10.0 GFLOP', '110 GFLOP', '170 GFLOP', '600 GFLOP'],
      ['0 FLOP', '120 GFLOP', '120 GFLOP', '840 GFLOP', '6.00 TFLOP'],
    ],
  );
});

test('measurements that cannot be shown are counted in the report', () => {
  const results = resultsOf([{ ...TUNED, perplexities: [18, Number.POSITIVE_INFINITY] }, PROJECTED]);
  const { notes } = contentOf(results).comparison;
  assert.ok(notes.some((note) => note.startsWith('1 measurement without a finite perplexity')));
});

test('a size that a domain has too little text for is told, not passed over', () => {
  const configuration = { fineTuning: { domainTokens: [2048, 9e6, 'all'] } };
  const { notes } = contentOf({ ...resultsOf([TUNED]), configuration }).comparison;
  assert.ok(notes.some((note) => note.startsWith('letters: in-domain sizes of 9,000,000 tokens and more')));
  const enough = { fineTuning: { domainTokens: [2048, 'all'] } };
  const { notes: none } = contentOf({ ...resultsOf([TUNED]), configuration: enough }).comparison;
  assert.ok(!none.some((note) => note.includes('in-domain sizes of')));
});
