import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Measurement } from '../../../src/budget/measurement.ts';
import { viewsOf } from '../../../src/budget/views.ts';
import { domainCountChart } from '../../../src/charts/domain-counts.ts';
import { summarize } from '../../../src/charts/summary.ts';
import { flops, tokens } from '../../../src/common/units.ts';
import type { ExperimentResults } from '../../../src/experiments/results/results.ts';
import { chartIn } from '../../fixtures/charts.ts';
import { syntheticResults } from '../../fixtures/results.ts';

test('with the number of domains shared methods gain, sampled ones do not, and none goes beyond its points', () => {
  const results = byHandCosts();
  const drawn = chartIn(results, 'domains', '11.0 TFLOP', 50_000);
  const course = (method: string): readonly (readonly [number, number])[] =>
    drawn.series
      .find((one) => one.method === method)
      ?.points.map(({ x, perplexity }) => [x, Math.round(perplexity.mean * 10) / 10] as const) ?? [];
  // slm: 10, 40, 160 TFLOP once and 1 TFLOP a domain for perplexities of 40, 20, 10. For two domains the first
  // two points cost 6 and 21 TFLOP each; 40 * 2 ** -(ln(11/6) / ln(21/6)) = 28.6 at 11.
  assert.deepEqual(course('slm').slice(0, 2), [
    [1, 40],
    [2, 28.6],
  ]);
  assert.deepEqual(course('slm').at(-1), [100, 10]);
  // slm-is pays the same for each domain: at 11 TFLOP its smallest budget, whatever their number.
  assert.ok(course('slm-is').every(([, perplexity]) => perplexity === 40));
  assert.equal(course('slm-is').length, 9);
});

/** Costs and perplexities of `slm` and `slm-is` in round numbers, at one in-domain size. */
function byHandCosts(): ExperimentResults {
  const results = syntheticResults({ domains: ['letters'], methods: ['slm', 'slm-is'], seeds: [1] });
  const measurements = results.measurements.map((one) => {
    const budget = (one.pretrainingTokens / 4e6) * 10e12;
    const isShared = one.method === 'slm';
    return {
      ...one,
      genericFlops: flops(isShared ? budget : 0),
      specializationFlops: flops(1e12 + (isShared ? 0 : budget)),
      perplexity: 40 / Math.sqrt(one.pretrainingTokens / 4e6),
    };
  });
  return { ...results, measurements };
}

interface Course {
  /** Pretraining tokens, generic and specialization FLOPs, perplexity on held-out and on validation text. */
  readonly points: readonly (readonly [number, number, number, number, number])[];
  /** FLOPs for each domain. */
  readonly level: number;
}

/** Of one method over the number of domains. */
function courseOverDomains({ points, level }: Course) {
  const results = syntheticResults({ domains: ['letters'], methods: ['slm'], seeds: [1] });
  const [first] = results.measurements.filter(({ phase }) => phase === 'after fine-tuning');
  const measurements = points.map(
    ([pretraining, generic, specialization, perplexity, validationPerplexity]): Measurement => ({
      ...first,
      pretrainingTokens: tokens(pretraining),
      genericFlops: flops(generic),
      specializationFlops: flops(specialization),
      perplexity,
      validationPerplexity,
    }),
  );
  const drawn = domainCountChart(results, viewsOf(measurements)[0], level, 50_000);
  assert.ok(drawn !== undefined);
  return drawn;
}

test('with the number of domains a method does not get worse where its smallest budget is fine-tuned for longest', () => {
  const drawn = courseOverDomains({
    points: [
      [3e6, 1.297e12, 0.874e12, 35.89, 35.39],
      [25e6, 10.374e12, 0.26e12, 28.83, 30.26],
    ],
    level: 10.4e12,
  });
  const [{ points }] = drawn.series;
  const perplexities = points.map(({ perplexity }) => perplexity.mean);
  assert.deepEqual(
    perplexities,
    perplexities.toSorted((a, b) => b - a),
  );
  // With one domain the larger budget costs 10.63 TFLOP, a little too much; with two it is within the cost.
  assert.ok(perplexities[0] > 28.83 && perplexities[0] < 29.5);
  assert.deepEqual(new Set(perplexities.slice(1)), new Set([28.83]));
  assert.deepEqual(points.map(({ estimated }) => estimated).slice(0, 2), ['interpolated', undefined]);
  assert.match(summarize(drawn), /slm from 28\.9\d at 1 domain \(interpolated\) to 28\.83 at 100 domains/);
});

test('over the number of domains the validation split chooses among what the cost allows, held-out text is shown', () => {
  const drawn = courseOverDomains({
    points: [
      [1e6, 1e12, 1e12, 22, 20],
      [2e6, 2e12, 1e12, 21, 21],
    ],
    level: 2.5e12,
  });
  const [{ points }] = drawn.series;
  assert.deepEqual(new Set(points.map(({ perplexity }) => perplexity.mean)), new Set([22]));
});
