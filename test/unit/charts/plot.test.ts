import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { viewsOf } from '../../../src/budget/views.ts';
import type { Subject } from '../../../src/charts/budgets.ts';
import type { Chart } from '../../../src/charts/chart.ts';
import { isMap } from '../../../src/charts/figures.ts';
import { chartGroups, telltaleSize } from '../../../src/charts/groups.ts';
import { markerPath } from '../../../src/charts/markers.ts';
import { drawChart } from '../../../src/charts/plot.ts';
import { chartStyles, SERIES_COLOURS, seriesVariables } from '../../../src/charts/styles.ts';
import { summarize } from '../../../src/charts/summary.ts';
import { chartTable, tableHtml } from '../../../src/charts/table.ts';
import { formatCount } from '../../../src/common/format.ts';
import { chartIn, groupIn } from '../../fixtures/charts.ts';
import { syntheticResults } from '../../fixtures/results.ts';

type Results = ReturnType<typeof syntheticResults>;

function chartsOf(results: Results): readonly Chart[] {
  return viewsOf(results.measurements).flatMap((view) =>
    chartGroups(results, view).flatMap(({ charts }) =>
      charts.flatMap(({ chart }) => (isMap(chart) ? [] : chart)),
    ),
  );
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
    summarize(chartIn(byHand(), 'pretraining', 'tokens', 50_000)),
    'Perplexity against pretraining budget, on letters, after fine-tuning on 50k in-domain tokens: ' +
      'slm from 80.00 at 4M tokens to 20.00 at 64M tokens; slm-pn from 72.00 at 4M tokens to 18.00 at 64M tokens; ' +
      'llm (ceiling) from 60.00 at 4M tokens to 15.00 at 64M tokens. ' +
      'Lowest within the inference cap: slm-pn, 18.00 at 64M tokens.',
  );
});

test('the table of a chart has a row for each point and the exact x', () => {
  const table = chartTable(chartIn(byHand(), 'domain-size', 'tokens', undefined));
  assert.deepEqual(
    table.rows.slice(0, 2).map((row) => row.map(({ text }) => text)),
    [
      ['slm', 'not fine-tuned', '64M', '20.00', '20.00', '20.00', '1'],
      ['slm', '50,000', '64M', '20.00', '20.00', '20.00', '1'],
    ],
  );
  assert.equal(table.rows.length, 3 * 4);
});

test('a method is shown at each pretraining budget only where the axis counts what that budget costs it', () => {
  const results = syntheticResults({ domains: ['letters'] });
  const points = (budget: string, choice: string, method: string): number | undefined =>
    chartIn(results, budget, choice, 50_000).series.find((series) => series.method === method)?.points.length;
  assert.deepEqual(
    [points('pretraining', 'tokens', 'slm'), points('pretraining', 'tokens', 'slm-is')],
    [3, 3],
  );
  assert.deepEqual([points('pretraining', 'FLOPs', 'slm'), points('pretraining', 'FLOPs', 'slm-is')], [3, 1]);
  assert.deepEqual(
    [points('specialization', 'FLOPs', 'slm'), points('specialization', 'FLOPs', 'slm-is')],
    [1, 3],
  );
  assert.deepEqual([points('total', '7 domains', 'slm'), points('total', '7 domains', 'slm-is')], [3, 3]);
});

test('a picture has a role, a title, a description, and for each line a colour, a shape and a label', () => {
  const drawn = chartIn(syntheticResults({ domains: ['letters'] }), 'pretraining', 'tokens', 50_000);
  const svg = drawChart(drawn, 'c');
  assert.match(svg, /role="img" aria-labelledby="c-title c-desc"/);
  assert.match(svg, /<title id="c-title">Perplexity against pretraining budget, on letters/);
  assert.match(svg, /<desc id="c-desc">/);
  for (const { method, index } of drawn.series) {
    assert.match(svg, new RegExp(`class="marker series-${index + 1}"`));
    assert.match(svg, new RegExp(`class="label"[^>]*>${method}[ <]`));
  }
  const shapes = new Set(
    [...svg.matchAll(/class="marker (series-\d+)" d="M[\d. -]+([^"]*)"/g)].map((m) => m[2]),
  );
  assert.ok(shapes.size >= drawn.series.length);
});

test('whiskers stand only where there are several seeds', () => {
  const count = (seeds: readonly number[]): number =>
    drawChart(
      chartIn(syntheticResults({ domains: ['a'], seeds }), 'pretraining', 'tokens', 50_000),
      'c',
    ).split('class="whisker').length - 1;
  assert.equal(count([1]), 0);
  assert.equal(count([1, 2]), 1 + 9 * 3);
});

test('whatever is missing, a chart has no NaN, no infinity and nothing undefined', () => {
  const parts = fc.record({
    methods: fc.subarray(['slm-nopt', 'slm', 'slm-is', 'slm-pn', 'llm'], { minLength: 1 }),
    seeds: fc.subarray([1, 2, 3], { minLength: 1 }),
    domains: fc.subarray(['letters', 'minutes'], { minLength: 1 }),
    kept: fc.array(fc.nat({ max: 200 }), { minLength: 1, maxLength: 6 }),
    withModels: fc.boolean(),
    grid: fc.constantFrom(
      'full' as const,
      'crossing at the smallest size' as const,
      'crossing at the largest size' as const,
    ),
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

test('the Pareto front has the points within the cap that none beats in cost and perplexity both', () => {
  const results = syntheticResults({ domains: ['letters'], seeds: [1] });
  for (const choice of ['1 domain', '7 domains', '50 domains']) {
    const drawn = chartIn(results, 'total', choice, 50_000);
    const points = drawn.series.filter(({ ceiling }) => !ceiling).flatMap((series) => series.points);
    const unbeaten = points.filter(
      (one) =>
        !points.some(
          (other) => other !== one && other.x <= one.x && other.perplexity.mean <= one.perplexity.mean,
        ),
    );
    assert.deepEqual(new Set(drawn.front), new Set(unbeaten));
    assert.equal(chartTable(drawn).rows.filter((row) => row.at(-1)?.text === 'yes').length, unbeaten.length);
    assert.match(summarize(drawn), / Pareto front, cheapest first: /);
    assert.match(drawChart(drawn, 'c'), /class="front"/);
  }
  const methodsOn = (choice: string): Set<string> => {
    const drawn = chartIn(results, 'total', choice, 50_000);
    const own = drawn.series.filter(({ points }) => points.some((point) => drawn.front?.includes(point)));
    return new Set(own.map(({ method }) => method));
  };
  assert.ok(methodsOn('1 domain').has('slm-is'));
  assert.ok(methodsOn('50 domains').has('slm-pn'));
});

test('either grid has its courses: sizes where every budget is one are left out, and the fullest is shown first', () => {
  for (const [grid, size] of [
    ['crossing at the smallest size', 50_000],
    ['crossing at the largest size', 'all'],
  ] as const) {
    const results = syntheticResults({ domains: ['letters'], grid });
    const pretraining = groupIn(results, 'pretraining');
    const shown = new Set(pretraining.charts.map((one) => pretraining.sizes[one.size]));
    assert.deepEqual(shown, new Set([0, size]));
    const total = groupIn(results, 'total');
    assert.equal(total.sizes[telltaleSize(total) ?? -1], size);
    assert.equal(new Set(total.charts.map((one) => one.size)).size, 4);
  }
});

test('models of one size are held together at that size, the only place named on their axis, and said to be alike', () => {
  const results = syntheticResults({
    domains: ['letters'],
    methods: ['slm', 'slm-is', 'slm-pn'],
    seeds: [1],
  });
  const drawn = chartIn(results, 'inference', 'parameters', 50_000);
  const svg = drawChart(drawn, 'c');
  assert.deepEqual(placesNamed(svg), ['1,328,256']);
  assert.equal(svg.split('class="axis bracket"').length - 1, 1);
  assert.match(svg, />Parameters of the final model \(the same for all\)</);
  assert.match(svg, />Models of one size stand side by side</);
  assert.match(summarize(drawn), /, all at 1\.3M parameters: /);
});

test('models of two sizes have two places on the axis, and one alone needs no bracket', () => {
  const results = syntheticResults({ domains: ['letters'], methods: ['slm', 'slm-is', 'llm'], seeds: [1] });
  const drawn = chartIn(results, 'inference', 'parameters', 50_000);
  const svg = drawChart(drawn, 'c');
  const sizes = results.models.map(({ parameters }) => formatCount(parameters));
  assert.deepEqual(placesNamed(svg), sizes);
  assert.equal(svg.split('class="axis bracket"').length - 1, 1);
  assert.match(svg, />Parameters of the final model \(log scale\)</);
  assert.doesNotMatch(summarize(drawn), /, all at /);
});

/** What stands under the x axis. */
function placesNamed(svg: string): readonly string[] {
  return [...svg.matchAll(/class="tick" x="[\d.]+" y="[\d.]+" text-anchor="middle">([^<]*)</g)].map(
    ([, text]) => text,
  );
}

test('twelve methods have twelve colours and twelve shapes', () => {
  assert.equal(new Set(SERIES_COLOURS.map(({ light }) => light)).size, 12);
  assert.equal(new Set(SERIES_COLOURS.map((_, index) => markerPath(index, 0, 0))).size, 12);
});

test('without any measurement there is no chart', () => {
  assert.deepEqual(chartsOf({ ...syntheticResults(), measurements: [] }), []);
});

test('a large model is a ceiling by its size, or by its name when sizes are unknown', () => {
  const results = syntheticResults({ domains: ['letters'], methods: ['slm', 'llm'] });
  const ceilings = (subject: Subject): readonly boolean[] =>
    chartIn({ ...results, ...subject }, 'domain-size', 'tokens', undefined).series.map(
      ({ ceiling }) => ceiling,
    );
  assert.deepEqual(ceilings(results), [false, true]);
  assert.deepEqual(ceilings({ methods: results.methods, models: [] }), [false, true]);
  const equal = results.models.map((model) => ({ ...model, parameters: 5 }));
  assert.deepEqual(ceilings({ methods: results.methods, models: equal }), [false, false]);
});

test('each series has a colour of its own in every page, and the areas of a map keep theirs under forced colours', () => {
  for (const theme of ['light', 'dark'] as const) {
    const values = [...seriesVariables(theme).matchAll(/--chart-series-(\d+): (#\w+);/g)];
    assert.deepEqual(
      values.map(([, place]) => place),
      SERIES_COLOURS.map((_, index) => `${index + 1}`),
    );
    assert.equal(new Set(values.map(([, , colour]) => colour)).size, 12);
  }
  assert.doesNotMatch(chartStyles(), /--colour: var\(--chart-series-\d+, var\(--vscode/);
  const [, forced] = chartStyles().split('forced-colors: active');
  assert.match(forced, /:not\(\.region\) \{ --colour: CanvasText; \}/);
  assert.match(forced, /\.chart \.region \{ forced-color-adjust: none; \}/);
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
