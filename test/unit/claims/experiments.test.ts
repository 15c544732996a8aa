import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkExperiment } from '../../../src/experiments/config/configuration.ts';
import { presets } from '../../../src/experiments/config/presets.ts';
import { claimExperiments, experimentFile } from '../../claims/experiments.ts';

test('every experiment that the claims are judged by is one that a user could write', () => {
  const text = { name: 'letters', sources: [{ path: 'letters' }] };
  const domain = { name: 'letters', sample: text, whole: text };
  for (const one of claimExperiments(presets.small)) {
    const checked = checkExperiment(experimentFile(one, 'generic', domain, 1));
    assert.deepEqual('problems' in checked ? checked.problems : [], [], one.name);
  }
});
