import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneOfEachModel } from '../../../../src/experiments/results/experiment-models.ts';
import { syntheticResults } from '../../../fixtures/results.ts';

test('a model that methods share is of the one that was measured first', () => {
  const [one] = syntheticResults().measurements;
  const measured = (method: string, fingerprint: string) => ({ ...one, method, fingerprint });
  const first = { measurements: [measured('slm', 'shared'), measured('slm-d', 'shared')] };
  const later = { measurements: [measured('slm-d', 'shared'), measured('slm-d', 'own')] };
  assert.deepEqual(
    oneOfEachModel([first, later]).map(({ method, fingerprint }) => [method, fingerprint]),
    [
      ['slm', 'shared'],
      ['slm-d', 'own'],
    ],
  );
});
