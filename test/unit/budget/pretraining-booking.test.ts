import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MeasuredPoint } from '../../../src/budget/measured-point.ts';
import { bookingOfPretraining, pretrainedPerDomain } from '../../../src/budget/pretraining-booking.ts';

const spread = { mean: 1, min: 1, max: 1, n: 1 };

function point(
  method: string,
  tokens: readonly [pretraining: number, domain: number],
  flops: readonly [generic: number, specialization: number],
): MeasuredPoint {
  const costs = {
    genericFlops: flops[0],
    specializationFlops: flops[1],
    genericSeconds: 0,
    specializationSeconds: 0,
  };
  const [pretrainingTokens, domainTokens] = tokens;
  return {
    method,
    pretrainingTokens,
    domainTokens,
    perplexity: spread,
    validation: spread,
    seeds: [],
    ...costs,
  };
}

test('before fine-tuning the larger share is the pretraining, however long the fine-tuning was', () => {
  const tuned = point('slm', [100, 50], [10, 90]);
  assert.equal(bookingOfPretraining([tuned, point('slm', [100, 0], [10, 1])]), 'generic');
  assert.equal(bookingOfPretraining([tuned, point('slm', [100, 0], [1, 10])]), 'specialization');
});

test('without such a point it is where a larger budget costs more', () => {
  const small = point('slm-is', [100, 50], [8, 20]);
  assert.equal(bookingOfPretraining([small, point('slm-is', [200, 50], [8, 30])]), 'specialization');
  assert.equal(bookingOfPretraining([small, point('slm-is', [200, 50], [18, 20])]), 'generic');
});

test('clustering that costs more than the pretraining is not taken for it, where two budgets were measured', () => {
  const before = [point('slm-is', [100, 0], [490, 13]), point('slm-is', [800, 0], [490, 104])];
  assert.deepEqual(pretrainedPerDomain([...before, point('slm-is', [800, 50], [490, 110])]), ['slm-is']);
});

test('what a larger in-domain set costs is not taken for pretraining, whatever the order of the points', () => {
  const points = [
    point('slm', [200, 900], [18, 90]),
    point('slm', [200, 50], [18, 20]),
    point('slm', [100, 50], [8, 20]),
  ];
  for (const own of [points, points.toReversed()]) assert.equal(bookingOfPretraining(own), 'generic');
});

test('methods without pretraining pay none for each domain, whatever their sets cost', () => {
  const points = [
    point('slm-nopt', [0, 50], [0, 20]),
    point('slm-nopt', [0, 900], [0, 90]),
    point('slm-is', [100, 0], [1, 10]),
  ];
  for (const all of [points, points.toReversed()]) assert.deepEqual(pretrainedPerDomain(all), ['slm-is']);
  assert.equal(bookingOfPretraining(points.slice(0, 2)), undefined);
});
