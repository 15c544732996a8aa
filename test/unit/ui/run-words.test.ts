import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationWords, runWords } from '../../../src/ui/run-words.ts';
import { measurement, runView, t } from './fixtures.ts';

test('a run that moves says its phase, share, time left and best perplexity', () => {
  const run = runView({ fraction: 0.4399, secondsLeft: 290, measurements: [measurement()] });
  assert.equal(runWords(run, t), 'running · 43 % · 5 min left · best held-out perplexity 60.91');
});

test('a run that waits or has ended says nothing of progress', () => {
  for (const phase of ['queued', 'finished', 'lost'] as const) {
    assert.doesNotMatch(runWords(runView({ phase, fraction: 0.5, secondsLeft: 60 }), t), /%|left/);
  }
});

test('with several domains the best perplexity says of which', () => {
  const measurements = [measurement(), measurement({ domain: 'mail', perplexity: 20 })];
  assert.match(runWords(runView({ measurements }), t), /perplexity 20\.00 \(mail\)$/);
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
  assert.equal(runWords(run, t, 'short'), 'finished · best perplexity 60.91');
});
