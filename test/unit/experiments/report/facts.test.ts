import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelTable } from '../../../../src/experiments/report/facts.ts';
import { syntheticResults } from '../../../fixtures/results.ts';

test('the speed of inference is a median of evaluations, and nothing where there was none', () => {
  const { columns, rows } = modelTable(syntheticResults({ methods: ['slm'] }));
  const column = columns.findIndex(({ title }) => title === 'Inference, tokens a second');
  const [small, large] = rows.map((row) => row[column]);
  assert.deepEqual(small, { text: '50k', detail: 'median of the evaluations, in batches' });
  assert.deepEqual(large, { text: '–' });
});
