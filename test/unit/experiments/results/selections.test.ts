import assert from 'node:assert/strict';
import { rmSync, truncateSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Json } from '../../../../src/common/json.ts';
import { collectSelections } from '../../../../src/experiments/results/selections.ts';
import { methods } from '../../../../src/methods/registry.ts';
import { writeWindowList } from '../../../../src/methods/stages/selection/window-list.ts';
import { fingerprint, type Stage } from '../../../../src/pipeline/stage.ts';
import { histogramOf } from '../../../../src/selection/clustering/histogram.ts';
import { drawWindows } from '../../../../src/selection/sampling/importance-sampling.ts';
import { bench, stage } from '../../pipeline/fixtures.ts';

/** Windows of the generic text in each of three clusters, and of the domain. */
const GENERIC = [Uint32Array.of(0, 1), Uint32Array.of(2, 3, 4, 5, 6, 7, 8, 9), new Uint32Array()];
const DOMAIN = [6, 2, 2];

const writes = (name: string, content: Json): Pick<Stage, 'run'> => ({
  run: ({ directory }) => writeFile(join(directory, name), JSON.stringify(content)),
});

const clustering = stage('3 clusters', {
  kind: 'clustering',
  ...writes(
    'cards.json',
    GENERIC.map((windows, cluster) => ({
      cluster,
      windows: windows.length,
      genericShare: windows.length / 10,
      terms: windows.length === 0 ? [] : [{ term: `term${cluster}`, score: 2 }],
      nearest: Array.from(windows.slice(0, 1), (window) => ({ window, distance: 0, text: 'x'.repeat(400) })),
    })),
  ),
});

const histogram = stage('histogram', {
  kind: 'histogram',
  inputs: { clustering },
  ...writes('histogram.json', DOMAIN),
});

const { windows: drawn, report: drawReport } = drawWindows({
  domain: histogramOf(Float64Array.from(DOMAIN)),
  windowsByCluster: GENERIC,
  tokensOf: () => 10,
  wantedTokens: 100,
  smoothing: 0.1,
  maximumRepetition: 2,
  seed: 5,
});

const sample = stage('sample', {
  kind: 'importance-sample',
  inputs: { clustering, histogram },
  run: ({ directory }) => writeWindowList(directory, drawn, drawReport),
});

const expert = (number: number) => stage(`expert ${number}`, { kind: 'pretrain', inputs: { clustering } });

const choice = stage('choice', {
  kind: 'choose-expert',
  parameters: { rule: 'lowest loss on the in-domain set' },
  inputs: { expert: expert(0), 'expert 2': expert(1), tokens: stage('tokens') },
  ...writes('choice.json', { expert: 1, tied: [], losses: [4, 3] }),
});

function point(method: string, model: Stage, domain = 'letters') {
  const found = methods.find(({ id }) => id === method);
  assert.ok(found);
  return { domain, method: found, point: { seed: 5, budget: 2000, domainTokens: 2048 }, model };
}

const resampled = stage('resampled', { kind: 'pretrain', inputs: { selection: sample } });
const continued = stage('continued', { kind: 'pretrain', inputs: { selection: sample } });
const tuned = stage('tuned', { kind: 'fine-tune', inputs: { pretrained: resampled } });
const points = [
  point('slm-is', tuned),
  point('slm-is', resampled),
  point('slm-is-cont', continued),
  point('slm-mix', choice),
  point('slm', stage('plain'), 'minutes'),
];

async function store(t: TestContext) {
  const { run, store: made } = bench(t);
  for (const { model } of points) await run(model);
  return made;
}

test('a histogram is told once with all methods that used it, its shares, weights and cards', async (t) => {
  const [letters, ...others] = await collectSelections(points, await store(t));
  assert.deepEqual(others, [], 'a domain that nothing was selected for has no entry');
  assert.equal(letters.domain, 'letters');
  const [facts, ...more] = letters.histograms;
  assert.deepEqual(more, []);
  assert.equal(facts.fingerprint, fingerprint(histogram));
  assert.deepEqual(facts.methods, ['slm-is', 'slm-is-cont']);
  assert.deepEqual([facts.clusters, facts.domainWindows, facts.genericWindows], [3, 10, 10]);
  assert.deepEqual(facts.domainShares, [0.6, 0.2, 0.2]);
  assert.deepEqual(facts.genericShares, [0.2, 0.8, 0]);
  // By hand: 0.8 of the domain is covered, so that its shares there are 0.75 and 0.25.
  for (const [c, weight] of [0.75 / 0.2, 0.25 / 0.8, 0].entries()) {
    assert.ok(Math.abs(facts.weights[c] - weight) < 1e-12);
  }
  const nats = -(0.6 * Math.log(0.6) + 0.4 * Math.log(0.2));
  assert.ok(Math.abs(facts.entropy - nats) < 1e-12);
  assert.ok(Math.abs(facts.effectiveClusters - Math.exp(nats)) < 1e-12);
  assert.deepEqual([facts.modalCluster, facts.modalShare, facts.tiedClusters], [0, 0.6, []]);
  assert.deepEqual([facts.seed, facts.domainTokens], [5, 2048]);
  assert.ok(Math.abs(facts.uncoveredShare - 0.2) < 1e-12);
  assert.deepEqual(
    facts.cards.map(({ cluster, windows, terms }) => [cluster, windows, terms]),
    [
      [0, 2, ['term0']],
      [1, 8, ['term1']],
      [2, 0, []],
    ],
  );
  assert.equal(facts.cards[0].excerpts[0], `${'x'.repeat(200)}…`);
});

test('a draw is told with its seed, and without the histograms that are told already', async (t) => {
  const [{ draws }] = await collectSelections(points, await store(t));
  const { asked, used, ...told } = drawReport;
  assert.equal(draws.length, 1);
  const change = used.shares.reduce((sum, share, c) => sum + Math.abs(share - asked.shares[c]), 0) / 2;
  assert.ok(change > 0.1 && Math.abs(draws[0].change - change) < 1e-12);
  assert.deepEqual(draws[0], {
    fingerprint: fingerprint(sample),
    methods: ['slm-is', 'slm-is-cont'],
    seed: 5,
    domainTokens: 2048,
    budgetTokens: [2000],
    clusters: 3,
    change: draws[0].change,
    ...told,
  });
});

test('windows that two pretraining budgets read are told of both', async (t) => {
  const larger = { ...point('slm-is-cont', continued), point: { seed: 5, budget: 8000, domainTokens: 2048 } };
  const [{ draws }] = await collectSelections([larger, ...points], await store(t));
  assert.deepEqual(
    draws.map(({ budgetTokens, methods: by }) => [budgetTokens, by]),
    [
      [
        [2000, 8000],
        ['slm-is-cont', 'slm-is'],
      ],
    ],
  );
});

test('a chosen expert is told with its rule, its losses and what its cluster is about', async (t) => {
  const [{ choices }] = await collectSelections(points, await store(t));
  assert.deepEqual(choices, [
    {
      fingerprint: fingerprint(choice),
      methods: ['slm-mix'],
      seed: 5,
      domainTokens: 2048,
      rule: 'lowest loss on the in-domain set',
      pretrainingTokens: 2000,
      expert: 1,
      tied: [],
      experts: 2,
      losses: [4, 3],
      terms: ['term1'],
    },
  ]);
});

test('clusters and experts that tie are told', async (t) => {
  const even = stage('even', {
    kind: 'histogram',
    inputs: { clustering },
    ...writes('histogram.json', [4, 4, 2]),
  });
  const tied = stage('tied', {
    kind: 'choose-expert',
    parameters: { rule: 'most frequent cluster of the in-domain set' },
    inputs: { expert: expert(0), 'expert 2': expert(1), histogram: even },
    ...writes('choice.json', { expert: 0, tied: [0, 1] }),
  });
  const { run, store: made } = bench(t);
  await run(tied);
  const [facts] = await collectSelections([point('slm-mix', tied)], made);
  assert.deepEqual([facts.histograms[0].modalCluster, facts.histograms[0].tiedClusters], [0, [0, 1]]);
  assert.deepEqual([facts.choices[0].expert, facts.choices[0].tied], [0, [0, 1]]);
});

test('artifacts that were cleaned away or are damaged are named, and the rest is told', async (t) => {
  const made = await store(t);
  rmSync(made.artifactFolder(fingerprint(clustering)), { recursive: true });
  truncateSync(join(made.artifactFolder(fingerprint(sample)), 'selection.json'), 10);
  const [facts] = await collectSelections(points, made);
  assert.deepEqual(facts.unread, ['histogram', 'sample']);
  assert.deepEqual([facts.histograms, facts.draws], [[], []]);
  assert.deepEqual(facts.choices[0].terms, []);
});

test('two domains of the same text are told of each', async (t) => {
  const twice = [point('slm-is', tuned), point('slm-is', tuned, 'copy')];
  const selections = await collectSelections(twice, await store(t));
  assert.deepEqual(
    selections.map(({ domain, histograms, draws }) => [domain, histograms.length, draws.length]),
    [
      ['letters', 1, 1],
      ['copy', 1, 1],
    ],
  );
});

test('a histogram over many clusters has cards of the 12 that hold most of the domain', async (t) => {
  const shares = Array.from({ length: 40 }, (_, cluster) => (cluster % 2 === 0 ? 0 : cluster));
  const many = stage('40 clusters', {
    kind: 'clustering',
    ...writes(
      'cards.json',
      shares.map((_, cluster) => ({ cluster, windows: 1, genericShare: 1 / 40, terms: [], nearest: [] })),
    ),
  });
  const wide = stage('wide', {
    kind: 'histogram',
    inputs: { clustering: many },
    ...writes('histogram.json', shares),
  });
  const { run, store: made } = bench(t);
  await run(wide);
  const [{ histograms }] = await collectSelections([point('slm-pn', wide)], made);
  assert.deepEqual(
    histograms[0].cards.map(({ cluster }) => cluster),
    [39, 37, 35, 33, 31, 29, 27, 25, 23, 21, 19, 17],
  );
});
