/** When training on few tokens ends, as a function of its progress. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrainingProgress } from '../../../src/training/checkpoint.ts';
import {
  endingOf,
  longestTraining,
  type StoppingInputs,
  scheduledStep,
  whatNext,
} from '../../../src/training/stopping.ts';

const inputs: StoppingInputs = { steps: 100, tokensPerStep: 10, patienceTokens: 50, decayShare: 0.4 };

/** A training at `step` with validation losses at these steps. */
function at(step: number, losses: Readonly<Record<number, number>>, others: Partial<TrainingProgress> = {}) {
  const validation = Object.entries(losses).map(([own, loss]) => ({
    step: Number(own),
    tokens: 10 * Number(own),
    loss,
  }));
  const spent = { tokens: 0, flops: 0, seconds: 0 };
  return { step, tokens: 10 * step, spent, sampler: undefined, training: [], validation, ...others };
}

test('the rate falls once as many tokens as patience allows brought no lower loss, from the best step on', () => {
  const losses = { 0: 5, 3: 4, 6: 3, 9: 3.5 };
  assert.equal(whatNext(at(9, losses), inputs), 'step');
  assert.equal(whatNext(at(11, losses), inputs), 'step', 'judged at validations only');
  const spent = { ...losses, 12: 3.5 };
  // Four tenths of the ten steps that the best six are six tenths of.
  assert.deepEqual(whatNext(at(12, spent), inputs), {
    decay: { because: 'patience', from: 6, begun: 12, end: 16 },
  });
  const flat = { ...inputs, decayShare: 0 };
  assert.equal(whatNext(at(12, spent), flat), 'end');
  assert.equal(endingOf(at(12, spent), flat), 'patience');
});

test('near the cap the rate falls without patience, so that all steps together are no more than the cap', () => {
  const losses = { 0: 5, 30: 4, 58: 3, 60: 3.1 };
  assert.equal(whatNext(at(59, losses), inputs), 'step');
  const decay = whatNext(at(60, losses), inputs);
  assert.deepEqual(decay, { decay: { because: 'cap', from: 58, begun: 60, end: 99 } });
  const flat = { ...inputs, decayShare: 0 };
  assert.equal(whatNext(at(60, losses), flat), 'step');
  assert.equal(whatNext(at(100, { 0: 5, 99: 1, 100: 2 }), flat), 'end');
  assert.equal(endingOf(at(100, { 0: 5, 99: 1, 100: 2 }), flat), 'cap');
});

test('a decay ends at its last step, or when it brings nothing for as long as patience allows', () => {
  const decay = { because: 'cap', from: 20, begun: 30, end: 60 } as const;
  const losses = { 0: 5, 20: 3 };
  assert.equal(whatNext(at(34, { ...losses, 34: 3.2 }, { decay }), inputs), 'step');
  assert.equal(whatNext(at(35, { ...losses, 35: 3.2 }, { decay }), inputs), 'end');
  assert.equal(whatNext(at(35, { ...losses, 35: 2.9 }, { decay }), inputs), 'step');
  assert.equal(whatNext(at(60, { ...losses, 58: 2.9 }, { decay }), inputs), 'end');
  assert.equal(endingOf(at(60, losses, { decay }), inputs), 'cap');
});

test('a training that never got better ends without a decay: there is no step to go back to', () => {
  assert.equal(whatNext(at(6, { 0: 5, 3: 6, 6: 7 }), inputs), 'end');
});

test('a training is capped in passes and in tokens, but sees its set once', () => {
  const limits = { maximumEpochs: 4, maximumTokens: 1000 };
  assert.equal(longestTraining(limits, 100), 400);
  assert.equal(longestTraining(limits, 500), 1000);
  assert.equal(longestTraining(limits, 3000), 3000);
});

test('an adapted model goes on from its best step at a third of the rate, as often as it may', () => {
  const adapting = { ...inputs, decayShare: 0, lowerings: 2 };
  const schedule = { warmupSteps: 0, stableUntil: 100, end: 100 };
  const first = whatNext(at(11, { 0: 5, 6: 3, 11: 4 }), adapting);
  assert.deepEqual(first, { lowering: { times: 1, from: 6, begun: 11 } });
  const lowering = { times: 1, from: 6, begun: 11 };
  const { rate, step } = scheduledStep(schedule, 12, { lowering });
  assert.ok(Math.abs(rate - 1 / 3) < 1e-12);
  assert.equal(step, 7, 'the seventh step of these weights and moments');
  // A lower loss at the lower rate: its own step is the one to go on from.
  const better = { 0: 5, 6: 3, 11: 4, 14: 2.9, 19: 3.1 };
  assert.equal(whatNext(at(18, better, { lowering }), adapting), 'step');
  assert.deepEqual(whatNext(at(19, better, { lowering }), adapting), {
    lowering: { times: 2, from: 9, begun: 19 },
  });
  // None: the same weights once more.
  const none = { 0: 5, 6: 3, 11: 4, 16: 3.1 };
  assert.deepEqual(whatNext(at(16, none, { lowering }), adapting), {
    lowering: { times: 2, from: 6, begun: 16 },
  });
  const last = { times: 2, from: 6, begun: 16 };
  assert.equal(whatNext(at(20, { ...none, 20: 3.2 }, { lowering: last }), adapting), 'step');
  assert.equal(whatNext(at(21, { ...none, 21: 3.2 }, { lowering: last }), adapting), 'end');
  assert.equal(endingOf(at(21, { ...none, 21: 3.2 }, { lowering: last }), adapting), 'patience');
});

test('a model that no step at the first rate improves is begun anew at a lower one, and nothing outlasts the cap', () => {
  const adapting = { ...inputs, decayShare: 0, lowerings: 2 };
  assert.deepEqual(whatNext(at(5, { 0: 3, 5: 4 }), adapting), { lowering: { times: 1, from: 0, begun: 5 } });
  assert.equal(whatNext(at(100, { 0: 3, 96: 2, 100: 2.1 }), adapting), 'end');
});
