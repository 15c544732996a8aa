import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { viewsOf } from '../../../../webview/charts/aggregate.ts';
import { BUDGETS, chartOf, chartSizes, type Subject } from '../../../../webview/charts/budgets.ts';
import type { Chart } from '../../../../webview/charts/chart.ts';
import { drawChart } from '../../../../webview/charts/plot.ts';
import { SERIES_COLOURS } from '../../../../webview/charts/styles.ts';
import { summarize } from '../../../../webview/charts/summary.ts';
import { chartTable, tableHtml } from '../../../../webview/charts/table.ts';
import { syntheticResults } from '../../../fixtures/results.ts';

type Results = ReturnType<typeof syntheticResults>;

function chartsOf(results: Results): readonly Chart[] {
  return viewsOf(results.measurements).flatMap((view) =>
    BUDGETS.flatMap((budget) =>
      budget.axes.flatMap((axis) =>
        chartSizes(budget, view).flatMap((size) => chartOf(results, view, budget, axis, size) ?? []),
      ),
    ),
  );
}

function chart(results: Results, budgetId: string, choice: string, size: number | undefined): Chart {
  const budget = BUDGETS.find(({ id }) => id === budgetId);
  const axis = budget?.axes.find((candidate) => candidate.choice === choice);
  assert.ok(budget !== undefined && axis !== undefined);
  const [view] = viewsOf(results.measurements);
  const found = chartOf(results, view, budget, axis, size);
  assert.ok(found !== undefined);
  return found;
}

/** Domain, methods and perplexities set by hand. */
function byHand(): Results {
  const results = syntheticResults({ domains: ['letters'], methods: ['slm', 'slm-pn', 'llm'], seeds: [1] });
  const levels: Readonly<Record<string, number>> = { slm: 20, 'slm-pn': 18, llm: 15 };
  return {
    ...results,
    measurements: results.measurements.map((measurement) => ({
      ...measurement,
      perplexity: levels[measurement.method] * (64e6 / measurement.pretrainingTokens) ** 0.5,
    })),
  };
}

test('a summary names every method with its first and last number, and the lowest within the cap', () => {
  assert.equal(
    summarize(chart(byHand(), 'pretraining', 'tokens', 50_000)),
    'Perplexity against pretraining budget, on letters, after fine-tuning on 50k in-domain tokens: ' +
      'slm from 80.00 at 4M tokens to 20.00 at 64M tokens; slm-pn from 72.00 at 4M tokens to 18.00 at 64M tokens; ' +
      'llm (ceiling) from 60.00 at 4M tokens to 15.00 at 64M tokens. ' +
      'Lowest within the inference cap: slm-pn, 18.00 at 64M tokens.',
  );
});

test('the table of a chart has a row for each point and the exact x', () => {
  const table = chartTable(chart(byHand(), 'domain-size', 'tokens', undefined));
  assert.deepEqual(
    table.rows.slice(0, 2).map((row) => row.map(({ text }) => text)),
    [
      ['slm', 'not used', '20.00', '20.00', '20.00', '1'],
      ['slm', '50,000', '20.00', '20.00', '20.00', '1'],
    ],
  );
  assert.equal(table.rows.length, 3 * 4);
});

test('a method is shown at each pretraining budget only where the axis counts what that budget costs it', () => {
  const results = syntheticResults({ domains: ['letters'] });
  const points = (budget: string, choice: string, method: string): number | undefined =>
    chart(results, budget, choice, 50_000).series.find((series) => series.method === method)?.points.length;
  assert.deepEqual(
    [points('pretraining', 'tokens', 'slm'), points('pretraining', 'tokens', 'slm-is')],
    [3, 3],
  );
  assert.deepEqual([points('pretraining', 'FLOPs', 'slm'), points('pretraining', 'FLOPs', 'slm-is')], [3, 1]);
  assert.deepEqual(
    [points('specialization', 'FLOPs', 'slm'), points('specialization', 'FLOPs', 'slm-is')],
    [1, 3],
  );
  const shared = 'FLOPs with the generic work shared by 7 domains';
  assert.deepEqual(
    [points('specialization', shared, 'slm'), points('specialization', shared, 'slm-is')],
    [3, 3],
  );
});

test('a picture has a role, a title, a description, and for each line a colour, a shape and a label', () => {
  const drawn = chart(syntheticResults({ domains: ['letters'] }), 'pretraining', 'tokens', 50_000);
  const svg = drawChart(drawn, 'c');
  assert.match(svg, /role="img" aria-labelledby="c-title c-desc"/);
  assert.match(svg, /<title id="c-title">Perplexity against pretraining budget, on letters/);
  assert.match(svg, /<desc id="c-desc">/);
  for (const { method, index } of drawn.series) {
    assert.match(svg, new RegExp(`class="marker series-${index + 1}"`));
    assert.match(svg, new RegExp(`class="label"[^>]*>${method}[ <]`));
  }
  const shapes = new Set(
    [...svg.matchAll(/class="marker (series-\d)" d="M[\d. -]+([^"]*)"/g)].map((m) => m[2]),
  );
  assert.ok(shapes.size >= drawn.series.length);
});

test('whiskers stand only where there are several seeds', () => {
  const count = (seeds: readonly number[]): number =>
    drawChart(chart(syntheticResults({ domains: ['a'], seeds }), 'pretraining', 'tokens', 50_000), 'c').split(
      'class="whisker',
    ).length - 1;
  assert.equal(count([1]), 0);
  assert.equal(count([1, 2]), 1 + 6 * 3);
});

test('whatever is missing, a chart has no NaN, no infinity and nothing undefined', () => {
  const parts = fc.record({
    methods: fc.subarray(['slm-nopt', 'slm', 'slm-is', 'slm-pn', 'llm'], { minLength: 1 }),
    seeds: fc.subarray([1, 2, 3], { minLength: 1 }),
    domains: fc.subarray(['letters', 'minutes'], { minLength: 1 }),
    kept: fc.array(fc.nat({ max: 200 }), { minLength: 1, maxLength: 6 }),
    withModels: fc.boolean(),
  });
  fc.assert(
    fc.property(parts, ({ kept, withModels, ...options }) => {
      const results = syntheticResults(options);
      const some = {
        ...results,
        models: withModels ? results.models : [],
        measurements: kept.map((index) => results.measurements[index % results.measurements.length]),
      };
      for (const drawn of chartsOf(some)) {
        const text = drawChart(drawn, 'c') + summarize(drawn) + tableHtml(chartTable(drawn));
        assert.doesNotMatch(text, /NaN|Infinity|undefined/);
      }
    }),
    { numRuns: 40 },
  );
});

test('without any measurement there is no chart', () => {
  assert.deepEqual(chartsOf({ ...syntheticResults(), measurements: [] }), []);
});

test('a large model is a ceiling by its size, or by its name when sizes are unknown', () => {
  const results = syntheticResults({ domains: ['letters'], methods: ['slm', 'llm'] });
  const ceilings = (subject: Subject): readonly boolean[] =>
    chart({ ...results, ...subject }, 'domain-size', 'tokens', undefined).series.map(
      ({ ceiling }) => ceiling,
    );
  assert.deepEqual(ceilings(results), [false, true]);
  assert.deepEqual(ceilings({ methods: results.methods, models: [] }), [false, true]);
  const equal = results.models.map((model) => ({ ...model, parameters: 5 }));
  assert.deepEqual(ceilings({ methods: results.methods, models: equal }), [false, false]);
});

test('the colours of lines stand out from light and dark paper by 3 to 1 or more', () => {
  for (const { light, dark } of SERIES_COLOURS) {
    assert.ok(contrast(light, '#ffffff') >= 3, light);
    assert.ok(contrast(dark, '#15181d') >= 3, dark);
  }
});

/** WCAG 2.2 contrast ratio of two `#rrggbb` colours. */
function contrast(one: string, other: string): number {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
