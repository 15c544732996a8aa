import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromPanelSchema, MOST_DOCUMENTS } from '../../../src/panel-protocol/messages.ts';
import {
  evaluationName,
  exportInWords,
  isWholeList,
  moreDocuments,
} from '../../../webview/perplexity/documents/documents.ts';
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

test('however often more files are asked for, the question is one that is answered', () => {
  const order = { by: 'tokens', isRising: false };
  let most = 20;
  for (let presses = 0; presses < 20; presses++) {
    most = moreDocuments(most);
    assert.ok(fromPanelSchema.safeParse({ type: 'askDocuments', evaluation: 'x', order, most }).success);
  }
  assert.equal(most, MOST_DOCUMENTS);
});

test('a list is whole when all files are there or as many as can be, and its export says how many these are', () => {
  const document = { index: 0, source: 'a', record: 0, tokens: 1, bytes: 1, negativeLogLikelihood: 1 };
  const list = (count: number, total: number) => ({
    documents: Array.from({ length: count }, () => document),
    total,
  });
  assert.ok(!isWholeList(list(20, 21)) && isWholeList(list(21, 21)));
  assert.ok(isWholeList(list(MOST_DOCUMENTS, MOST_DOCUMENTS + 1)));
  assert.equal(exportInWords(21), 'Export the list of files as CSV');
  assert.equal(exportInWords(10_001), 'Export the first 10,000 files of the list as CSV');
});
