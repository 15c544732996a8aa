import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Measurement } from '../../../../src/budget/measurement.ts';
import { tokens } from '../../../../src/common/units.ts';
import { reportMarkdown } from '../../../../src/experiments/report/markdown.ts';
import { trainingSection } from '../../../../src/experiments/report/training.ts';
import { LOWERINGS } from '../../../../src/methods/stages/fine-tuning-kinds.ts';
import { syntheticResults } from '../../../fixtures/results.ts';

const results = syntheticResults({ domains: ['letters'], methods: ['slm', 'slm-nopt'], seeds: [1] });
const tuned = results.measurements.filter(({ phase }) => phase === 'after fine-tuning');

function capped(bestStep: number): Measurement {
  return {
    ...tuned[0],
    bestStep,
    steps: 100,
    stopping: { ending: 'cap', validationTokens: tokens(4096) },
  };
}

test('the report says of each training its best step, what ended it and the validation text that it read', () => {
  const { folded, notes } = trainingSection(results.measurements);
  const [{ columns, rows }] = folded;
  assert.equal(rows.length, tuned.length);
  const cell = (title: string) => rows[0][columns.findIndex((column) => column.title === title)].text;
  assert.deepEqual(['Best step', 'Steps', 'Ended by', 'Validation tokens read to stop'].map(cell), [
    '180',
    '240',
    'patience',
    '4.1k',
  ]);
  assert.ok(!notes.some((note) => note.includes('maximumTokens')));
  assert.match(reportMarkdown(results), /## Training on in-domain text/);
});

test('the perplexity beside the tokens that stopping read is said to be of the whole validation split', () => {
  const { folded, notes } = trainingSection(tuned);
  assert.ok(folded[0].columns.some(({ title }) => title === 'Perplexity of the whole validation split'));
  assert.ok(notes.some((note) => /the validation perplexity.*is of the whole validation split/.test(note)));
});

test('the decay that ends a training from scratch is told of the methods that have it, and of no others', () => {
  const decays = (measurements: readonly Measurement[]) =>
    trainingSection(measurements).notes.filter((note) => /learning rate fall to zero/.test(note));
  const [note, ...others] = decays(results.measurements);
  assert.match(note, /^Training from scratch \(slm-nopt\).*“Ended by” says what began this decay/);
  assert.deepEqual(others, []);
  assert.deepEqual(decays(results.measurements.filter(({ method }) => method !== 'slm-nopt')), []);
  const given = results.measurements
    .filter(({ method }) => method === 'slm')
    .map((one) => ({ ...one, pretrainingTokens: tokens(0) }));
  assert.deepEqual(decays(given), [], 'a model that was given is adapted');
  const [{ columns, rows }] = trainingSection(given).folded;
  const column = columns.findIndex(({ title }) => title === 'Pretraining tokens');
  assert.deepEqual(new Set(rows.map((row) => row[column].text)), new Set(['given']));
});

test('a cap that ended a training near its best step is flagged; one that came long after it is not', () => {
  const near = trainingSection([capped(90), capped(95), ...tuned]);
  assert.ok(near.notes.some((note) => /2 trainings.*specialization\.maximumTokens/.test(note)));
  assert.equal(near.folded[0].rows[0].at(-1)?.detail, 'best step in the second half');
  const far = trainingSection([capped(10)]);
  assert.ok(!far.notes.some((note) => note.includes('maximumTokens')));
  assert.deepEqual(far.folded[0].rows[0].at(-1), { text: 'cap' });
});

test('where validation chose among several trainings the report says which, and of how many', () => {
  const chosen = { rate: 1 / 3, weightDecay: 0.5, replay: 0.1, tried: 4, diverged: 1 };
  const { folded, notes } = trainingSection([{ ...tuned[0], tuning: chosen }, tuned[1]]);
  const [{ columns, rows }] = folded;
  assert.equal(columns.at(-1)?.title, 'Chosen by validation');
  assert.deepEqual(rows[0].at(-1), {
    text: 'rates × 0.3333, weight decay 0.5, replay 10 %',
    detail: 'of 4 trainings, 1 of which diverged',
  });
  assert.deepEqual(rows[1].at(-1), { text: '–' });
  assert.ok(notes.some((note) => /the lowest validation loss was kept; the cost counts all/.test(note)));
  const without = trainingSection(tuned);
  assert.equal(without.folded[0].columns.at(-1)?.title, 'Ended by');
});

test('fine-tuning is said to lower its rate as often as it does, and only where anything was fine-tuned', () => {
  const note = (of: readonly Measurement[]) => trainingSection(of).notes.filter((one) => /a third/.test(one));
  assert.match(note(tuned)[0], /it does so twice before it ends/);
  assert.deepEqual([LOWERINGS.full, LOWERINGS['low-rank'], LOWERINGS.distilled], [2, 2, 2]);
  assert.deepEqual(note(tuned.filter(({ method }) => method === 'slm-nopt')), []);
});
