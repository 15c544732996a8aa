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

test('methods without pretraining pay none for each domain', () => {
  const points = [point('slm-nopt', [0, 50], [0, 20]), point('slm-is', [100, 0], [1, 10])];
  assert.deepEqual(pretrainedPerDomain(points), ['slm-is']);
});
