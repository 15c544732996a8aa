import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flops, seconds, tokens } from '../../../../src/common/units.ts';
import { answerFor } from '../../../../src/experiments/report/answer.ts';
import { BITS_PER_BYTE, comparisonTable, PERPLEXITY } from '../../../../src/experiments/report/comparison.ts';
import { totalCostTable } from '../../../../src/experiments/report/costs.ts';
import { contentOf } from '../../../../src/experiments/report/sections.ts';
import type { ExperimentResults } from '../../../../src/experiments/results.ts';
import { viewsOf } from '../../../../webview/charts/aggregate.ts';
import { syntheticResults } from '../../../fixtures/results.ts';

interface Row {
  readonly method: string;
  readonly size: number;
  readonly perplexities: readonly number[];
}

/** Results on one domain whose perplexities are given seed by seed; size 0 is before fine-tuning. */
function resultsOf(rows: readonly Row[]): ExperimentResults {
  const template = syntheticResults({ domains: ['letters'] });
  const measurements = rows.flatMap(({ method, size, perplexities }) =>
    perplexities.map((perplexity, seed) => ({
      ...template.measurements[0],
      method,
      seed,
      perplexity,
      pretrainingTokens: tokens(method === 'slm-nopt' ? 0 : 1e6),
      domainTokens: tokens(size),
      phase: size === 0 ? ('before fine-tuning' as const) : ('after fine-tuning' as const),
      genericFlops: flops(method === 'slm-is' ? 0 : 100e9),
      genericSeconds: seconds(100),
      specializationFlops: flops(10e9),
      specializationSeconds: seconds(10),
    })),
  );
  return { ...template, measurements };
}

function answer(rows: readonly Row[], changes: Partial<ExperimentResults> = {}): string {
  const results = { ...resultsOf(rows), ...changes };
  return answerFor(results, viewsOf(results.measurements)[0]);
}

const SCRATCH = { method: 'slm-nopt', size: 2e6, perplexities: [100, 100] };
const BEFORE = { method: 'slm', size: 0, perplexities: [30, 30] };
const TUNED = { method: 'slm', size: 2e6, perplexities: [18, 18] };
const PROJECTED = { method: 'slm-pn', size: 2e6, perplexities: [16, 16.5] };
const LARGE = { method: 'llm', size: 2e6, perplexities: [12, 12] };

test('the answer names the best method within the cap, its spread, and what it compares with', () => {
  assert.equal(
    answer([SCRATCH, BEFORE, TUNED, PROJECTED, LARGE]),
    'On letters, with 2M in-domain tokens and at most 1,328,256 parameters, slm-pn (projected network) gave the lowest ' +
      'held-out perplexity: 16.25 (16.00 to 16.50 over 2 seeds). For comparison: pretrained only, slm gave 30.00; from ' +
      'scratch, slm-nopt gave 100.0. The large model (llm, 8.7M parameters) reached 12.00; it is over the inference ' +
      'cap: a ceiling, not a candidate.',
  );
});

test('an order that the spread does not settle is said to be unsettled', () => {
  const close = { ...TUNED, perplexities: [16.4, 17] };
  assert.match(answer([close, PROJECTED]), /overlaps that of slm \(16\.70\): their order is not settled\./);
  assert.doesNotMatch(answer([TUNED, PROJECTED]), /not settled/);
});

test('one seed has no spread and one method has no rival, and the answer says so', () => {
  assert.equal(
    answer([{ ...TUNED, perplexities: [18] }]),
    'On letters, with 2M in-domain tokens and at most 1,328,256 parameters, slm (small, pretrained) gave a held-out ' +
      'perplexity of 18.00 (1 seed, so its spread is unknown); no other method was measured within the cap.',
  );
});

test('a large model alone is never the answer', () => {
  const text = answer([LARGE]);
  assert.match(text, /no method has been measured yet\. The large model/);
  assert.match(text, /a ceiling, not a candidate/);
});

test('what is missing is left out: model facts, fine-tuning, everything', () => {
  assert.match(answer([TUNED, PROJECTED], { models: [] }), /and within the inference cap, slm-pn/);
  assert.equal(answer([BEFORE]), 'On letters, no method has been measured after fine-tuning yet.');
  assert.deepEqual(contentOf(resultsOf([])).answers, ['Nothing has been measured yet.']);
});

test('the comparison has a row a method, a column a size, and marks the best within the cap', () => {
  const results = resultsOf([SCRATCH, BEFORE, TUNED, { ...TUNED, size: 5e5 }, PROJECTED, LARGE]);
  const table = comparisonTable(results, viewsOf(results.measurements)[0], PERPLEXITY);
  assert.deepEqual(
    table.columns.map(({ title }) => title),
    ['Method', 'Pretraining tokens', 'Pretrained only', '500k in-domain tokens', '2M in-domain tokens'],
  );
  assert.deepEqual(
    table.rows.map((row) => row.map(({ text, best }) => (best ? `*${text}*` : text))),
    [
      ['slm-nopt', 'none', '–', '–', '100.0'],
      ['slm', '1M', '30.00', '18.00', '18.00'],
      ['slm-pn', '1M', '–', '–', '*16.25*'],
      ['llm', '1M', '–', '–', '12.00'],
    ],
  );
  assert.equal(table.rows[2][4].detail, '16.00–16.50');
  const bits = comparisonTable(results, viewsOf(results.measurements)[0], BITS_PER_BYTE);
  assert.equal(bits.caption, 'Held-out bits per byte on letters');
  assert.match(bits.rows[2][4].text, /^\d\.\d{4}$/);
});

test('the total cost for N domains is the generic cost once and the specialization cost N times', () => {
  const results = resultsOf([TUNED, { ...TUNED, method: 'slm-is' }]);
  const table = totalCostTable(results, viewsOf(results.measurements)[0]);
  assert.deepEqual(
    table?.rows.map((row) => row.slice(2).map(({ text }) => text)),
    [
      ['100 GFLOP', '10.0 GFLOP', '110 GFLOP', '170 GFLOP', '600 GFLOP'],
      ['0 FLOP', '10.0 GFLOP', '10.0 GFLOP', '70.0 GFLOP', '500 GFLOP'],
    ],
  );
});

test('measurements that cannot be shown are counted in the report', () => {
  const results = resultsOf([{ ...TUNED, perplexities: [18, Number.POSITIVE_INFINITY] }, PROJECTED]);
  assert.match(contentOf(results).comparison.notes[1], /^1 measurement without a finite perplexity/);
});
