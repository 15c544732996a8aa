import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { tokens } from '../../../../src/common/units.ts';
import { readExperiment } from '../../../../src/experiments/config/configuration.ts';
import { configurationJson } from '../../../../src/experiments/config/recorded-facts.ts';
import {
  comparableRuns,
  mergeMeasurements,
  READ_BY,
  resultsFit,
} from '../../../../src/experiments/runs/comparable-runs.ts';
import { methods } from '../../../../src/methods/registry.ts';
import { fingerprint } from '../../../../src/pipeline/stage.ts';
import { syntheticResults } from '../../../fixtures/results.ts';
import { gridOf, madePlan } from '../execution/made-grid.ts';

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
  assert.equal(found.others.length, 1);
});

test('runs on other text than the newest are left out and counted', () => {
  const runs = [run('1', '2026-01-01', {}, { ...corpora, letters: 'l0' }), run('2', '2026-02-02')];
  const found = comparableRuns(runs, configuration);
  assert.deepEqual(
    found.runs.map(({ id }) => id),
    ['2'],
  );
  assert.equal(found.others.length, 1);
});

test('where it was measured makes no difference, but for the smallest budget, of which the warm-up is a share', () => {
  const grid = (budgets: number[], domainTokens: (number | string)[], more: object = {}) => ({
    ...configuration,
    pretraining: { budgets, batchTokens: 1024 },
    fineTuning: { domainTokens, maximumEpochs: 8 },
    ...more,
  });
  const first = grid([1000, 2000], [512, 'all']);
  assert.ok(resultsFit(first, grid([1000, 2000, 4000], [512, 1024, 'all'])));
  assert.ok(resultsFit(first, grid([1000], ['all'], { points: [{ pretraining: 1500, domainTokens: 99 }] })));
  assert.ok(!resultsFit(first, grid([500, 1000, 2000], [512, 'all'])));
  assert.ok(!resultsFit(first, { ...first, pretraining: { budgets: [1000, 2000], batchTokens: 2048 } }));
  assert.ok(!resultsFit(first, { ...first, fineTuning: { domainTokens: [512, 'all'], maximumEpochs: 9 } }));
});

test('models before fine-tuning that were made for other in-domain sets are other points', () => {
  const { measurements } = syntheticResults({ domains: ['letters'], methods: ['slm-is'] });
  const before = { ...measurements[0], phase: 'before fine-tuning' as const, domainTokens: tokens(0) };
  const sets = [2048, 'all' as const].map((requestedDomainTokens) => ({ ...before, requestedDomainTokens }));
  assert.equal(mergeMeasurements([sets, [sets[0]]]).length, 2);
});

test('the order of keys makes no difference, the order of a list does', () => {
  assert.ok(resultsFit({ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }));
  assert.ok(!resultsFit({ a: [1, 2] }, { a: [2, 1] }));
});

test('a point that was measured again counts once, as measured last', () => {
  const { measurements } = syntheticResults({ domains: ['letters'], methods: ['slm'] });
  const again = { ...measurements[0], perplexity: 1.5, fingerprint: 'newer' };
  const merged = mergeMeasurements([measurements, [again]]);
  assert.equal(merged.length, measurements.length);
  assert.equal(merged[0].fingerprint, 'newer');
});

test('a run that has not looked at the text yet neither says which text counts nor is left out', () => {
  const { corpora: _unknown, ...queued } = run('3', '2026-03-03');
  const runs = [run('1', '2026-01-01', {}, { ...corpora, letters: 'l0' }), run('2', '2026-02-02'), queued];
  assert.deepEqual(
    comparableRuns(runs, configuration).runs.map(({ id }) => id),
    ['2', '3'],
  );
});

test('settings that a run’s methods do not read keep none of its results away', () => {
  const run = { ...configuration, projection: { fit: false } };
  const now = { ...configuration, projection: { fit: true } };
  assert.ok(resultsFit(run, now));
  assert.ok(!resultsFit({ ...run, methods: ['slm', 'slm-pn'] }, now));
  // A setting of the past that has gone, or of the present that is new, is another only to who reads it.
  assert.ok(resultsFit(configuration, now));
  assert.ok(!resultsFit({ ...configuration, methods: ['slm-pn'] }, now));
});

test('what each method reads of these settings is what changes its models', () => {
  const { selection, mixture, projection, distillation, decay } = madePlan;
  const changes = {
    selection: { selection: { ...selection, clusters: 5, balanced: true } },
    mixture: { mixture: { ...mixture, experts: mixture.experts + 1 } },
    projection: { projection: { ...projection, slabs: projection.slabs + 1 } },
    distillation: { distillation: { ...distillation, weight: 0.25 } },
    decay: { decay: { ...decay, domainShare: 0.2 } },
  };
  assert.deepEqual(Object.keys(changes), Object.keys(READ_BY));
  for (const { id } of methods) {
    const models = (change = {}) =>
      gridOf([id], change)
        .map(({ model }) => fingerprint(model))
        .join();
    for (const [setting, change] of Object.entries(changes))
      assert.equal(models(change) !== models(), READ_BY[setting].includes(id), `${id}, ${setting}`);
  }
});

test('the runs that came with the sample are of its experiment as it is read today', async () => {
  const samples = new URL('../../../../samples/', import.meta.url);
  const experiment = await readExperiment(fileURLToPath(new URL('experiment/parlance.json', samples)));
  const runs = readdirSync(new URL('results/runs/', samples)).map((name) => {
    const text = readFileSync(new URL(`results/runs/${name}/run.json`, samples), 'utf8');
    return z.object({ configuration: z.json() }).parse(JSON.parse(text)).configuration;
  });
  assert.ok(runs.length > 0);
  for (const run of runs) assert.ok(resultsFit(run, configurationJson(experiment)));
});
