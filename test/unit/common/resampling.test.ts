import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../src/common/random.ts';
import { type LossPart, RESAMPLES, resample } from '../../../src/common/resampling.ts';

/** Documents of equal length with mean losses around `level`; a model shares the documents' difficulty with others. */
function documents(count: number, level: number, own: number): LossPart[] {
  const difficulty = Random.fromSeed(7, 'difficulty');
  const chance = Random.fromSeed(level * 100, 'chance');
  return Array.from({ length: count }, () => ({
    tokens: 100,
    negativeLogLikelihood: 100 * (level + 0.5 * difficulty.normal() + own * chance.normal()),
  }));
}

const deviation = (values: readonly number[]): number => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
};

test('the resamples of one model deviate as the mean over its documents does', () => {
  const { nats, units, unit } = resample(documents(400, 4, 0), []);
  assert.deepEqual([nats.length, units, unit], [RESAMPLES, 400, 'documents']);
  // The standard error is 0.5 / sqrt(400); 200 draws tell it to some 5 %, five of which are allowed.
  const expected = 0.5 / Math.sqrt(400);
  assert.ok(Math.abs(deviation(nats) / expected - 1) < 0.25, `${deviation(nats)} is not about ${expected}`);
});

test('two models on the same documents are drawn alike: the difference deviates by what is not shared', () => {
  const first = resample(documents(400, 4, 0.05), []).nats;
  const second = resample(documents(400, 3, 0.05), []).nats;
  const differences = first.map((value, i) => value - second[i]);
  assert.ok(deviation(differences) < deviation(first) / 4);
});

test('long documents weigh by their tokens', () => {
  const long = { tokens: 9900, negativeLogLikelihood: 9900 };
  const short = { tokens: 1, negativeLogLikelihood: 1000 };
  const { nats } = resample([], [long, short]);
  assert.ok(nats.includes(1000) && nats.includes(1), 'either may be drawn twice');
  const both = nats.filter((value) => value > 1 && value < 1000);
  for (const value of both) assert.ok(Math.abs(value - 10_900 / 9901) < 1e-5);
});

test('of few documents the windows are drawn', () => {
  const windows = documents(60, 4, 0);
  const { unit, units, nats } = resample(documents(3, 4, 0), windows);
  assert.deepEqual([unit, units], ['windows', 60]);
  assert.ok(deviation(nats) > 0.03);
});
