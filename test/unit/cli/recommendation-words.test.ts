/** What `parlance plan` says of advice on domains that were not measured, and of how well advice held. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checksInWords, noAdviceInWords, sourcesInWords } from '../../../src/cli/recommendation-text.ts';
import { plannedMethods, planUnmeasured } from '../../../src/experiments/results/planned-methods.ts';
import { syntheticResults } from '../../fixtures/results.ts';

const results = syntheticResults({ domains: ['letters', 'minutes', 'notes'], methods: ['slm', 'slm-is'] });
const methods = plannedMethods(results.methods, results.models);
const DISTANCES = { letters: 0.2, minutes: 0.25, notes: 1 };

function words(own: number | undefined, change: { readonly problem?: string; readonly only?: string } = {}) {
  const distances = new Map(Object.entries({ ...DISTANCES, ...(own !== undefined && { new: own }) }));
  const measurements = results.measurements.filter(
    ({ domain }) => change.only === undefined || domain === change.only,
  );
  const plan = planUnmeasured(measurements, { domain: 'new', distances }, methods, {
    domains: 1,
    genericCorpusAtHand: true,
  });
  assert.ok(plan);
  return sourcesInWords(plan, { distances, problem: change.problem });
}

test('the domains that count are named with their distances, and whether they are alike', () => {
  assert.equal(
    words(0.9),
    'The figures are averages over the measured domains, of which those count most that are about as far from the ' +
      'generic text as new is (0.90 nats): notes 100 % (1.00 nats).',
  );
  assert.match(words(0.2), /: letters 57 % \(0\.20 nats\) and minutes 43 % \(0\.25 nats\)\.$/);
  assert.match(
    words(5),
    /domains\. None of them is about as far from the generic text as new is \(5\.00 nats\); the nearest count most: notes 100 % \(1\.00 nats\)\.$/,
  );
});

test('where nothing tells which are alike, that is said with its reason', () => {
  const problem = 'The corpus new has only one document of its own.';
  assert.match(
    words(undefined, { problem }),
    /; which of them new is like cannot be told\. The corpus new has/,
  );
  assert.match(words(undefined), /cannot be told: no clusters of the generic text are known of all\.$/);
  assert.equal(
    words(0.2, { only: 'notes' }),
    'The figures are those of notes, the only domain that was measured.',
  );
});

test('where the measured domains have nothing in common, it is said why nothing is recommended', () => {
  assert.match(
    noAdviceInWords(undefined),
    /^Nothing can be recommended: .* No clusters of the generic text are known of all\.$/,
  );
  assert.match(noAdviceInWords('The corpus new is empty.'), /cannot be told\. The corpus new is empty\.$/);
});

test('how often advice held is said with what it was made from', () => {
  const held = {
    domain: 'letters',
    recommended: 'slm',
    perplexity: 20,
    basis: 'measured' as const,
    best: 'slm',
    bestPerplexity: 20,
    bestBasis: 'measured' as const,
    holds: true,
  };
  const missed = {
    domain: 'notes',
    recommended: 'slm',
    perplexity: 20,
    basis: 'measured' as const,
    best: 'slm-is',
    bestPerplexity: 15,
    bestBasis: 'measured' as const,
    holds: false,
  };
  assert.equal(checksInWords([], true), undefined);
  assert.equal(
    checksInWords([held, missed], true),
    'Made from the other domains alone, those about as far from the generic text counting most, the recommendation was ' +
      'borne out on 1 of 2 domains: on notes slm gave 20.00, slm-is gave 15.00.',
  );
  assert.match(checksInWords([held], false) ?? '', /^Made from the other domains alone, the recommendation/);
  assert.match(
    checksInWords([held, { ...missed, bestBasis: 'interpolated' }], false) ?? '',
    /on notes slm gave 20\.00, slm-is is at 15\.00 \(interpolated\)\. On 1 of these a figure is read between two measurements\.$/,
  );
});
