import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { OnnxRuntimeEngine } from '../../../../src/engines/onnxruntime/engine.ts';
import { calibrate } from '../../../../src/experiments/estimation/calibration.ts';
import { presetPlan } from '../../../../src/experiments/estimation/machine.ts';
import type { ExperimentPlan } from '../../../../src/methods/experiment-plan.ts';

const engine = new OnnxRuntimeEngine({ threads: 1 });
after(() => engine.dispose());

const preset = presetPlan('tiny');
/** Wide enough for another optimizer than from scratch, with another batch. */
const wide = { layers: 1, width: 264, heads: 2, feedForward: 16 };
const plan: ExperimentPlan = {
  ...preset,
  vocabulary: 32,
  context: 8,
  models: { small: wide, large: wide },
  pretraining: { ...preset.pretraining, batchTokens: 32 },
  fineTuning: { ...preset.fineTuning, batchTokens: 16 },
};
const given = { folder: 'given', content: '', tokenizer: '' };

for (const [words, from] of [
  ['from scratch', {}],
  ['that was given', { small: given }],
] as const) {
  test(`the speed of a model ${words} is measured on the step that it is trained with`, async () => {
    const { model, steps, trainingTokensPerSecond } = await calibrate({ ...plan, from }, 'small', engine);
    assert.deepEqual([model, steps], ['small', 3]);
    assert.ok(trainingTokensPerSecond > 0 && Number.isFinite(trainingTokensPerSecond));
  });
}
