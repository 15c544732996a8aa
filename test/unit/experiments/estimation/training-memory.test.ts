import assert from 'node:assert/strict';
import { test } from 'node:test';
import { predictDeviceNeed, predictPeakBytes } from '../../../../src/engines/memory.ts';
import { presetPlan } from '../../../../src/experiments/estimation/machine.ts';
import { plannedStep } from '../../../../src/experiments/estimation/planned-step.ts';
import {
  predictDeviceBytes,
  predictTrainingPeakBytes,
} from '../../../../src/experiments/estimation/training-memory.ts';
import type { ExperimentPlan } from '../../../../src/methods/experiment-plan.ts';
import { trainingStep } from '../../../../src/training/step.ts';

const preset = presetPlan('tiny');
const shape = { layers: 1, width: 16, heads: 2, feedForward: 32 };
const twelveParts: ExperimentPlan = {
  ...preset,
  vocabulary: 64,
  context: 16,
  models: { small: shape, large: shape },
  pretraining: { ...preset.pretraining, batchTokens: 24 * 16 },
  microBatchTokens: 32,
};

for (const [network, groups] of [
  ['small', 12],
  ['projected', 12],
  ['projected', 24],
  ['projected', 4],
] as const) {
  const { projection } = preset;
  const plan = { ...twelveParts, projection: { ...projection, groups } };
  test(`memory of ${network} with ${groups} groups, predicted from a few parts, is that of all parts`, () => {
    const whole = trainingStep(plannedStep(plan, network));
    const close = (few: number, all: number) => assert.ok(Math.abs(few / all - 1) < 0.02, `${few} ${all}`);
    close(predictDeviceBytes(plan, [network]), predictDeviceNeed(whole).bytes);
    close(predictTrainingPeakBytes(plan, [network], 0), predictPeakBytes(whole, 0));
  });
}
