import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flops, tokens } from '../../../../src/common/units.ts';
import { distancesOf } from '../../../../src/experiments/results/likeness.ts';
import {
  checkOnLeftOutDomains,
  leftOutDomains,
  plannedMethods,
  planUnmeasured,
  planViews,
  withInferenceLimit,
} from '../../../../src/experiments/results/planned-methods.ts';
import { syntheticResults } from '../../../fixtures/results.ts';

const DOMAINS = ['letters', 'minutes', 'notes', 'orders'];
const ANY = { domains: 1, genericCorpusAtHand: true };

test('the small model is the inference limit unless another is given, and the average comes before the domains', () => {
  const results = syntheticResults({ domains: ['letters', 'minutes'] });
  const methods = plannedMethods(results.methods, results.models);
  const plans = planViews(results, methods, withInferenceLimit(ANY, results.models));
  assert.deepEqual(
    plans.map(({ view }) => view),
    ['macro average over 2 domains', 'letters', 'minutes'],
  );
  for (const { answer } of plans) {
    assert.equal(answer.recommendation.method, 'slm-is');
    assert.deepEqual(
      answer.excluded.map(({ method }) => method),
      ['llm', 'llm-lora'],
    );
  }
  const large = withInferenceLimit({ ...ANY, inference: { unit: 'parameters', value: 1e7 } }, results.models);
  assert.equal(planViews(results, methods, large)[0].answer.recommendation.method, 'llm');
});

test('without the generic corpus and for many domains a shared method is recommended', () => {
  const results = syntheticResults({ domains: ['letters'], grid: 'crossing at the smallest size' });
  const methods = plannedMethods(results.methods, results.models);
  const budgets = { domains: 50, genericCorpusAtHand: false, domainTokens: 50_000 };
  const [{ answer }] = planViews(results, methods, withInferenceLimit(budgets, results.models));
  assert.equal(answer.recommendation.method, 'slm-pn');
});

test('a recommendation from the other domains is held against what the domain left out measured', () => {
  const results = syntheticResults({ domains: DOMAINS, methods: ['slm', 'slm-is', 'slm-pn'] });
  const methods = plannedMethods(results.methods, results.models);
  const checks = checkOnLeftOutDomains(
    leftOutDomains(results.measurements, distancesOf(results.selections)),
    methods,
    ANY,
  );
  assert.deepEqual(
    checks.map(({ domain, recommended, holds }) => [domain, recommended, holds]),
    DOMAINS.map((domain) => [domain, 'slm-is', true]),
  );
  const odd = results.measurements.map((one) =>
    one.domain === 'orders' && one.method === 'slm-is' ? { ...one, perplexity: one.perplexity * 1.5 } : one,
  );
  const last = checkOnLeftOutDomains(leftOutDomains(odd, new Map()), methods, ANY).at(-1);
  assert.deepEqual([last?.domain, last?.recommended, last?.holds], ['orders', 'slm-is', false]);
  assert.notEqual(last?.best, 'slm-is');
  assert.deepEqual(leftOutDomains(syntheticResults({ domains: ['letters'] }).measurements, new Map()), []);
});

test('for a domain that was not measured those count most that are as far from the generic text', () => {
  const results = syntheticResults({ domains: ['letters', 'minutes', 'notes'], methods: ['slm', 'slm-is'] });
  const methods = plannedMethods(results.methods, results.models);
  // On one domain the other method is better, by more than the two others differ.
  const measurements = results.measurements.map((one) =>
    one.domain === 'notes' && one.method === 'slm-is'
      ? { ...one, perplexity: one.perplexity * 3, validationPerplexity: one.validationPerplexity * 3 }
      : one,
  );
  const distances = new Map([
    ['letters', 0.2],
    ['minutes', 0.25],
    ['notes', 1],
    ['like notes', 1.1],
    ['like letters', 0.2],
  ]);
  const domains = ['like notes', 'like letters', 'unknown'];
  const plans = domains.flatMap(
    (domain) => planUnmeasured(measurements, { domain, distances }, methods, ANY) ?? [],
  );
  assert.deepEqual(
    plans.map(({ view, answer, isByLikeness }) => [view, answer.recommendation.method, isByLikeness]),
    [
      ['like notes', 'slm', true],
      ['like letters', 'slm-is', true],
      ['unknown', 'slm', false],
    ],
  );
  assert.equal(plans[0].shares[0].domain, 'notes');
  assert.ok(plans[0].shares[0].share > 0.99);
  assert.deepEqual(
    plans[2].shares.map(({ share }) => share),
    [1 / 3, 1 / 3, 1 / 3],
  );
  const leftOut = leftOutDomains(measurements, distances);
  const plain = leftOutDomains(measurements, new Map());
  assert.deepEqual(
    checkOnLeftOutDomains(leftOut, methods, ANY).map(({ recommended }) => recommended)[0],
    'slm-is',
  );
  assert.deepEqual(
    checkOnLeftOutDomains(plain, methods, ANY).map(({ recommended }) => recommended)[0],
    'slm',
  );
  const only = planUnmeasured(
    measurements.filter(({ domain }) => domain === 'notes'),
    { domain: 'like letters', distances },
    methods,
    ANY,
  );
  assert.deepEqual(
    [only?.answer.recommendation.method, only?.shares],
    ['slm', [{ domain: 'notes', share: 1 }]],
  );
});

test('a domain that hardly counts takes no point from the others, and without a point in common the most alike one is followed', () => {
  const results = syntheticResults({ domains: ['letters', 'minutes', 'notes'], methods: ['slm', 'slm-is'] });
  const methods = plannedMethods(results.methods, results.models);
  // The run on one domain was stopped early, that on another had other methods.
  const measurements = results.measurements.filter(
    ({ domain, method }) => domain !== 'notes' || method === 'slm',
  );
  const far = new Map([
    ['letters', 0.2],
    ['minutes', 0.2],
    ['notes', 1],
    ['new', 0.2],
  ]);
  const planned = (some: typeof measurements, distances: ReadonlyMap<string, number>) =>
    planUnmeasured(some, { domain: 'new', distances }, methods, ANY);
  const byLikeness = planned(measurements, far);
  assert.deepEqual(
    byLikeness?.shares.map(({ domain }) => domain),
    ['letters', 'minutes'],
  );
  assert.equal(byLikeness?.answer.candidates.length, 2);
  assert.equal(planned(measurements, new Map())?.answer.candidates.length, 1);
  const apart = measurements.filter(({ domain, method }) =>
    domain === 'letters' ? method === 'slm' : domain === 'minutes' && method === 'slm-is',
  );
  assert.equal(planned(apart, new Map()), undefined);
  const nearest = planned(apart, new Map([...far, ['new', 0.19], ['minutes', 0.3]]));
  assert.deepEqual(
    [nearest?.shares, nearest?.answer.recommendation.method],
    [[{ domain: 'letters', share: 1 }], 'slm'],
  );
  assert.equal(
    leftOutDomains(
      measurements.filter(({ domain }) => domain === 'notes'),
      far,
    ).length,
    0,
  );
});

test('a recommendation that is not feasible on the domain left out counts as a miss', () => {
  const results = syntheticResults({ domains: DOMAINS, methods: ['slm', 'slm-is'] });
  const methods = plannedMethods(results.methods, results.models);
  const measured = results.measurements.map((one) =>
    one.domain === 'orders' && one.method === 'slm-is' ? { ...one, specializationFlops: flops(1e18) } : one,
  );
  const budgets = { ...ANY, specialization: { unit: 'FLOPs' as const, value: 1e16 } };
  const checks = checkOnLeftOutDomains(leftOutDomains(measured, new Map()), methods, budgets);
  const last = checks.at(-1);
  assert.deepEqual(
    [checks.length, last?.domain, last?.recommended, last?.perplexity, last?.best, last?.holds],
    [4, 'orders', 'slm-is', undefined, 'slm', false],
  );
});

test('a method that was not measured on the domain left out is neither borne out nor refuted', () => {
  const results = syntheticResults({ domains: DOMAINS, methods: ['slm', 'slm-is'] });
  const methods = plannedMethods(results.methods, results.models);
  const measured = results.measurements.filter(
    ({ domain, method }) => domain !== 'orders' || method !== 'slm-is',
  );
  const last = checkOnLeftOutDomains(leftOutDomains(measured, new Map()), methods, ANY).at(-1);
  assert.deepEqual([last?.domain, last?.recommended, last?.holds], ['orders', 'slm-is', undefined]);
});

test('a figure that is only predicted on the domain left out bears nothing out', () => {
  const results = syntheticResults({ domains: DOMAINS, methods: ['slm', 'slm-is', 'slm-pn'] });
  const methods = plannedMethods(results.methods, results.models);
  const sizes = results.measurements.map(({ domainTokens }) => domainTokens).filter((tokens) => tokens > 0);
  const budgets = { ...ANY, domainTokens: Math.min(...sizes) / 1.5 };
  const checks = checkOnLeftOutDomains(
    leftOutDomains(results.measurements, distancesOf(results.selections)),
    methods,
    budgets,
  );
  assert.equal(checks.length, DOMAINS.length);
  for (const { domain, perplexity, holds } of checks) {
    assert.deepEqual([domain, perplexity !== undefined, holds], [domain, true, undefined]);
  }
});

test('what too little held-out text cannot tell apart, and what nothing stands beside, bears no advice out', () => {
  const { measurements, ...results } = syntheticResults({ domains: DOMAINS, methods: ['slm', 'slm-is'] });
  const methods = plannedMethods(results.methods, results.models);
  const checked = (some: typeof measurements) =>
    checkOnLeftOutDomains(leftOutDomains(some, new Map()), methods, ANY);
  const little = measurements.map((one) =>
    one.domain === 'orders' ? { ...one, resampling: { ...one.resampling, units: 4 } } : one,
  );
  assert.deepEqual(
    checked(little).map(({ holds }) => holds),
    [true, true, true, undefined],
  );
  assert.deepEqual(checked(measurements.filter(({ method }) => method === 'slm')), []);
});

test('what is read between two measurements of the domain left out is said to be', () => {
  const results = syntheticResults({ domains: DOMAINS, methods: ['slm', 'slm-is'] });
  const methods = plannedMethods(results.methods, results.models);
  const sizes = [...new Set(results.measurements.map(({ domainTokens }) => domainTokens))].sort(
    (a, b) => a - b,
  );
  const [smaller, larger] = sizes.slice(-2);
  const budgets = { ...ANY, domainTokens: Math.sqrt(smaller * larger) };
  const [check] = checkOnLeftOutDomains(leftOutDomains(results.measurements, new Map()), methods, budgets);
  assert.deepEqual([check.basis, check.bestBasis], ['interpolated', 'interpolated']);
});

test('domains whose whole texts differ in length are averaged at all their text, and that is what the answer is for', () => {
  const results = syntheticResults({ domains: ['letters', 'minutes'], methods: ['slm', 'slm-is'] });
  const methods = plannedMethods(results.methods, results.models);
  const measurements = results.measurements.map((one) =>
    one.requestedDomainTokens === 'all' && one.domain === 'minutes'
      ? { ...one, domainTokens: tokens(9e5) }
      : one,
  );
  for (const { view, answer } of planViews({ measurements }, methods, ANY)) {
    assert.equal(answer.requestedDomainTokens, 'all', view);
    const isMean = /\(geometric mean of the domains\)/.test(answer.recommendation.sentence);
    assert.equal(isMean, view.startsWith('macro average'), view);
    assert.ok(answer.candidates.length === 2, view);
    assert.ok(
      answer.candidates.every((one) => one.requestedDomainTokens === 'all'),
      view,
    );
  }
});
