import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tokens } from '../../../src/common/units.ts';
import { durationWords, runWords } from '../../../src/ui/run-words.ts';
import { measurement, runView, t } from './fixtures.ts';

test('a run that moves says its phase, share, time left and held-out perplexity', () => {
  const run = runView({ fraction: 0.4399, secondsLeft: 290, measurements: [measurement()] });
  assert.equal(runWords(run, t), 'running · 43 % · 5 min left · held-out perplexity 60.91');
});

test('a run that waits or has ended says nothing of progress', () => {
  for (const phase of ['queued', 'finished', 'lost'] as const) {
    assert.doesNotMatch(runWords(runView({ phase, fraction: 0.5, secondsLeft: 60 }), t), /%|left/);
  }
});

test('with several domains the perplexity is their average and says so', () => {
  const measurements = [measurement(), measurement({ domain: 'mail', perplexity: 20 })];
  assert.match(
    runWords(runView({ measurements }), t),
    /held-out perplexity 34\.90 \(macro average over 2 domains\)$/,
  );
});

test('seeds count as their mean, and the largest in-domain set, not the lowest number', () => {
  const measurements = [
    measurement({ perplexity: 10, domainTokens: tokens(2048), requestedDomainTokens: 2048 }),
    measurement({ perplexity: 50, requestedDomainTokens: 'all' }),
    measurement({ perplexity: 72, requestedDomainTokens: 'all', seed: 2 }),
  ];
  assert.match(runWords(runView({ measurements }), t), /held-out perplexity 60\.00$/);
});

test('of a run of several methods no figure stands for all: which to use is the answer of the experiment', () => {
  const measurements = [measurement(), measurement({ method: 'llm', perplexity: 20 })];
  assert.match(runWords(runView({ measurements }), t), / · 2 measurements$/);
});

test('a time left is coarse enough to stand still between reports', () => {
  const words = [20, 59, 3540, 3601, 7900, 86_400, 100_000, 200_000].map((value) => durationWords(value, t));
  assert.deepEqual(words, [
    'under 1 min',
    '1 min',
    '59 min',
    '1 h',
    '2 h 10 min',
    '1 d',
    '1 d 4 h',
    '2 d 8 h',
  ]);
});

test('in a row the words are few enough that the number is seen', () => {
  const run = runView({ phase: 'finished', measurements: [measurement()] });
  assert.equal(runWords(run, t, 'short'), 'finished · perplexity 60.91');
});
