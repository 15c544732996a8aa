import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measurementText } from '../../../src/cli/display/display.ts';
import { resultsOf } from '../../fixtures/answer-results.ts';

test('what was measured is told with all that tells models apart: before fine-tuning too, the set that selected it', () => {
  const { measurements } = resultsOf([
    { method: 'slm', size: 'all', perplexities: [18] },
    { method: 'slm', size: 0, perplexities: [30] },
    { method: 'slm-mix', size: 0, madeFor: 2048, perplexities: [37.05] },
    { method: 'slm-mix', size: 0, madeFor: 'all', perplexities: [33.29] },
  ]);
  const told = measurements.map(measurementText);
  assert.deepEqual(told, [
    'held-out perplexity 18.00: slm on letters, seed 1, pretrained on 1M, trained on 2M in-domain',
    'held-out perplexity 30.00: slm on letters, seed 1, pretrained on 1M, before fine-tuning',
    'held-out perplexity 37.05: slm-mix on letters, seed 1, pretrained on 1M, before fine-tuning, selection by 2k in-domain tokens',
    'held-out perplexity 33.29: slm-mix on letters, seed 1, pretrained on 1M, before fine-tuning, selection by all in-domain text',
  ]);
});
