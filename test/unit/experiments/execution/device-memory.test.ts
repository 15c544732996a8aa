import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeviceMemoryError, InputError } from '../../../../src/common/errors.ts';
import type { Experiment } from '../../../../src/experiments/config/experiment.ts';
import { presetPlan } from '../../../../src/experiments/estimation/machine.ts';
import { adviseOnMemory, smallerMicroBatch } from '../../../../src/experiments/execution/device-memory.ts';

const experiment: Experiment = {
  name: 'test',
  file: 'parlance.json',
  plan: presetPlan('tiny'),
  methods: ['slm'],
};

/** Activations outweigh the model: 16,384 tokens are computed at a time. */
const wide: Experiment = {
  ...experiment,
  plan: {
    ...experiment.plan,
    microBatchTokens: 16_384,
    pretraining: { ...experiment.plan.pretraining, batchTokens: 16_384 },
  },
};

test('out of memory, the user is told parts of a batch that are predicted to need clearly less', () => {
  const advice = smallerMicroBatch(wide);
  assert.ok(advice !== undefined && advice.share <= 0.85 && advice.microBatchTokens < 16_384);
  const cause = new DeviceMemoryError('full', '');
  const error = adviseOnMemory(cause, wide);
  assert.ok(error instanceof DeviceMemoryError);
  assert.match(error.hint, new RegExp(`"microBatch": ${advice.microBatchTokens} .*predicted`));
});

test('where the model itself takes the memory, smaller parts are not promised', () => {
  const { plan } = experiment;
  const smallest = { ...experiment, plan: { ...plan, microBatchTokens: plan.context } };
  const error = adviseOnMemory(new DeviceMemoryError('full', ''), smallest);
  assert.ok(error instanceof DeviceMemoryError);
  assert.match(error.hint, /would not help/);
});

test('other errors stay as they are', () => {
  const error = new InputError('no', '');
  assert.equal(adviseOnMemory(error, experiment), error);
});
