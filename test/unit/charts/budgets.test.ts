import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Measurement } from '../../../src/budget/measurement.ts';
import { standingCells, viewsOf } from '../../../src/budget/views.ts';
import type { Chart } from '../../../src/charts/chart.ts';
import { drawChart } from '../../../src/charts/plot.ts';
import { summarize } from '../../../src/charts/summary.ts';
import { chartTable } from '../../../src/charts/table.ts';
import { chartIn, groupIn } from '../../fixtures/charts.ts';
import { syntheticResults } from '../../fixtures/results.ts';

test('over in-domain sizes a method has one point before fine-tuning, of the largest set that chose its generic text', () => {
  const results = syntheticResults({ domains: ['letters'], methods: ['slm', 'slm-is'], seeds: [1] });
  const measurements = results.measurements.flatMap((one): readonly Measurement[] => {
    if (one.method !== 'slm-is' || one.phase !== 'before fine-tuning') return [one];
    const chosenBy = [400_000, 'all', 50_000] as const;
    return chosenBy.map((size, index) => ({
      ...one,
      requestedDomainTokens: size,
      perplexity: 30 + index,
    }));
  });
  const drawn = chartIn({ ...results, measurements }, 'domain-size', 'tokens', undefined);
  const before = drawn.series.map(({ points }) => points.filter(({ x }) => x === 0));
  assert.deepEqual(
    before.map((points) => points.length),
    [1, 1],
  );
  assert.equal(before[1][0].perplexity.mean, 31);
  assert.match(summarize(drawn), /slm-is from 31\.00 \(not fine-tuned\) to /);
});

test('where pretraining budgets do not vary, a method stands at the one of the answer, and chart and table name it', () => {
  const results = syntheticResults({ domains: ['letters'], methods: ['slm', 'slm-is'], seeds: [1] });
  const measurements = results.measurements.map((one): Measurement => {
    const { method, pretrainingTokens, perplexity, validationPerplexity } = one;
    if (method !== 'slm' || pretrainingTokens !== 64e6) return one;
    return { ...one, perplexity: 1.5 * perplexity, validationPerplexity: 1.5 * validationPerplexity };
  });
  const [view] = viewsOf(measurements);
  const standing = standingCells(view).find(({ method }) => method === 'slm');
  assert.equal(standing?.pretrainingTokens, 16e6);
  const placesOf = (chart: Chart) => {
    const { columns, rows } = chartTable(chart);
    const column = columns.findIndex(({ title }) => title === 'Pretraining tokens');
    return rows.filter(([method]) => method.text === 'slm').map((row) => row[column].text);
  };
  const made = { ...results, measurements };
  for (const [id, choice] of [
    ['inference', 'parameters'],
    ['specialization', 'FLOPs'],
  ] as const) {
    const chart = chartIn(made, id, choice, 'all');
    const [point] = chart.series[0].points;
    assert.equal(point.perplexity.mean, standing.perplexity.mean);
    assert.deepEqual(placesOf(chart), ['16M']);
    assert.match(summarize(chart), /lowest on validation text[,:] /);
  }
  const sizes = chartIn(made, 'domain-size', 'tokens', undefined);
  assert.deepEqual(new Set(placesOf(sizes)), new Set(['64M']));
  assert.match(summarize(sizes), /^[^:]*, each method at its largest pretraining budget: /);
});

test('charts of the total cost say for how many domains it is', () => {
  const results = syntheticResults({ domains: ['letters'], methods: ['slm', 'slm-is'], seeds: [1] });
  for (const domains of ['1 domain', '7 domains', '50 domains']) {
    const drawn = chartIn(results, 'total', domains, 50_000);
    const heading = `Perplexity against total cost, on letters, after fine-tuning on 50k in-domain tokens, for ${domains}`;
    assert.equal(chartTable(drawn).caption, heading);
    assert.ok(summarize(drawn).startsWith(`${heading}: `));
    assert.ok(drawChart(drawn, 'c').includes(`<title id="c-title">${heading}</title>`));
  }
});

test('of an average over domains headings and points say that all their text is a mean; a size of all is none', () => {
  const made = (...domains: readonly string[]) => syntheticResults({ domains, methods: ['slm'], seeds: [1] });
  const [average, letters] = [made('letters', 'minutes'), made('letters')];
  const notes = ({ series: [{ points }] }: Chart) => points.map(({ note }) => note);
  const mean = 'all 3.2M in-domain tokens (geometric mean of the domains)';
  const context = `macro average over 2 domains, after fine-tuning on ${mean}`;
  const pretraining = chartIn(average, 'pretraining', 'tokens', 'all');
  assert.equal(pretraining.context, context);
  assert.equal(notes(pretraining).at(-1), `64M pretraining tokens, after fine-tuning on ${mean}`);
  const sizes = notes(chartIn(average, 'domain-size', 'tokens', undefined));
  assert.deepEqual(
    sizes.map((note) => note.endsWith(mean)),
    [false, false, false, true],
  );
  const dearest = groupIn(average, 'domains').choices.at(-1) ?? '';
  const counts = chartIn(average, 'domains', dearest, 'all');
  assert.ok(counts.context.startsWith(context));
  assert.ok(notes(counts).at(-1)?.endsWith(mean));
  for (const other of [
    chartIn(letters, 'pretraining', 'tokens', 'all'),
    chartIn(average, 'pretraining', 'tokens', 50_000),
  ]) {
    assert.doesNotMatch([other.context, ...notes(other)].join(), /geometric mean/);
  }
});
