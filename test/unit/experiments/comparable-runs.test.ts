import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comparableRuns, isComparable, mergeMeasurements } from '../../../src/experiments/comparable-runs.ts';
import { syntheticResults } from '../../fixtures/results.ts';

const configuration = {
  name: 'a',
  methods: ['slm'],
  seeds: [1],
  context: 128,
  models: { small: { layers: 2, width: 64 } },
};
const corpora = { generic: 'g1', letters: 'l1' };

const run = (id: string, created: string, more: object = {}, text: Record<string, string> = corpora) => ({
  id,
  created,
  configuration: { ...configuration, ...more },
  corpora: text,
});

test('runs that differ in name, methods and seeds alone are shown together, the oldest first', () => {
  const runs = [
    run('2', '2026-02-02', { methods: ['slm-is'], seeds: [2, 3], name: 'b' }),
    run('1', '2026-01-01'),
    run('3', '2026-03-03', { context: 256 }),
  ];
  const found = comparableRuns(runs, configuration);
  assert.deepEqual(
    found.runs.map(({ id }) => id),
    ['1', '2'],
  );
  assert.equal(found.ofOtherConfiguration, 1);
});

test('runs on other text than the newest are left out and counted', () => {
  const runs = [run('1', '2026-01-01', {}, { ...corpora, letters: 'l0' }), run('2', '2026-02-02')];
  const found = comparableRuns(runs, configuration);
  assert.deepEqual(
    found.runs.map(({ id }) => id),
    ['2'],
  );
  assert.equal(found.ofOtherText, 1);
});

test('the order of keys makes no difference, the order of a list does', () => {
  assert.ok(isComparable({ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }));
  assert.ok(!isComparable({ a: [1, 2] }, { a: [2, 1] }));
});

test('a point that was measured again counts once, as measured last', () => {
  const { measurements } = syntheticResults({ domains: ['letters'], methods: ['slm'] });
  const again = { ...measurements[0], perplexity: 1.5, fingerprint: 'newer' };
  const merged = mergeMeasurements([measurements, [again]]);
  assert.equal(merged.length, measurements.length);
  assert.equal(merged[0].fingerprint, 'newer');
});
