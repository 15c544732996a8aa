import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tokens } from '../../../src/common/units.ts';
import {
  detailWords,
  durationWords,
  leadWords,
  methodWords,
  runWords,
  shortMethodWords,
} from '../../../src/ui/run-words.ts';
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

const row = (run: Parameters<typeof runView>[0]) => [
  leadWords(runView(run), t).join(' · '),
  detailWords(runView(run), t),
];

test('in a row the perplexity stands before the name, then how far the run is; the state behind it', () => {
  const measurements = [measurement()];
  assert.deepEqual(row({ phase: 'finished', measurements }), ['60.91', 'finished']);
  assert.deepEqual(row({ fraction: 0.43, secondsLeft: 290, measurements }), [
    '60.91 · 43 %',
    'running · 5 min left',
  ]);
  assert.deepEqual(row({ fraction: 0.43 }), ['43 %', 'running']);
});

test('in a row a state that is neither moving nor finished stands before the name too', () => {
  assert.deepEqual(row({ phase: 'finished' }), ['finished', '']);
  assert.deepEqual(row({ phase: 'running' }), ['running', '']);
  assert.deepEqual(row({ phase: 'paused', fraction: 0.5 }), ['paused · 50 %', '']);
  assert.deepEqual(row({ phase: 'lost', fraction: 0.5 }), ['broken off', 'ended without a word']);
  assert.deepEqual(row({ phase: 'queued', message: 'Waits for its turn behind slm.' }), [
    'waiting',
    'waits for its turn behind slm',
  ]);
});

test('of several methods a row gives no figure for all', () => {
  const measurements = [measurement(), measurement({ method: 'llm', perplexity: 20 })];
  assert.deepEqual(row({ phase: 'finished', measurements }), ['finished', '2 measurements']);
});

test('a run is named by its method in words, the id behind or left out', () => {
  assert.equal(methodWords(runView(), t), 'Pretrained on look-alike text (slm-is)');
  assert.equal(shortMethodWords(runView(), t), 'Pretrained on look-alike text');
  assert.equal(shortMethodWords(runView({ methods: ['slm', 'llm'] }), t), '2 methods');
  assert.equal(shortMethodWords(runView({ methods: ['unknown'] }), t), 'unknown');
});

test('a run that came with the workspace says so in place of its state', () => {
  const words = runWords(runView({ phase: 'finished', recordedOn: 'Some Processor' }), t);
  assert.match(words, /^came with the workspace/);
});
