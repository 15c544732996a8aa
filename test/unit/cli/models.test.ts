import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelBlock } from '../../../src/cli/models.ts';
import { type ResultRow, resultsOf } from '../../fixtures/answer-results.ts';

test('models before fine-tuning are told apart by the in-domain set that selected them', () => {
  const untuned: ResultRow = { method: 'slm-is', size: 0, perplexities: [30] };
  const { measurements } = resultsOf([
    { ...untuned, madeFor: 2048 },
    { ...untuned, madeFor: 'all' },
    { ...untuned, method: 'slm' },
    { method: 'slm-is', size: 2048, perplexities: [20] },
  ]);
  const model = { parameters: 1e6, storage: '/s' };
  const budgets = measurements.map((measurement) => {
    const [, facts] = modelBlock({ measurement, model, isCurrent: true }, undefined).split('\n');
    return facts.split(' · ')[2];
  });
  assert.deepEqual(budgets, [
    '1M generic + not fine-tuned, selection by 2k in-domain tokens',
    '1M generic + not fine-tuned, selection by all in-domain text',
    '1M generic + not fine-tuned',
    '1M generic + 2k in-domain tokens',
  ]);
});
