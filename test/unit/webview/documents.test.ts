import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluationName } from '../../../webview/perplexity/documents/documents.ts';
import { type ResultRow, resultsOf } from '../../fixtures/answer-results.ts';

test('every model of an experiment has a name of its own: before fine-tuning the set that selected it is in it', () => {
  const untuned: ResultRow = { method: 'slm-mix', size: 0, perplexities: [30] };
  const { measurements } = resultsOf([
    { ...untuned, madeFor: 2048 },
    { ...untuned, madeFor: 'all' },
    { ...untuned, method: 'slm' },
    { ...untuned, method: 'llm', pretraining: 0 },
    { method: 'slm-nopt', size: 2048, perplexities: [90] },
  ]);
  assert.deepEqual(measurements.map(evaluationName), [
    'slm-mix on letters: 1M pretraining tokens, before fine-tuning, selection by 2k in-domain tokens, seed 1',
    'slm-mix on letters: 1M pretraining tokens, before fine-tuning, selection by all in-domain text, seed 1',
    'slm on letters: 1M pretraining tokens, before fine-tuning, seed 1',
    'llm on letters: a given model, before fine-tuning, seed 1',
    'slm-nopt on letters: no pretraining, 2k in-domain tokens, seed 1',
  ]);
});
