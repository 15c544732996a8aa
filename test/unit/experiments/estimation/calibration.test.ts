import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { DeviceReport, Engine, Program } from '../../../../src/engines/engine.ts';
import { OnnxRuntimeEngine } from '../../../../src/engines/onnxruntime/engine.ts';
import { calibrate, calibrateAll } from '../../../../src/experiments/estimation/calibration.ts';
import { presetPlan } from '../../../../src/experiments/estimation/machine.ts';
import type { ExperimentPlan } from '../../../../src/methods/experiment-plan.ts';
import { modelSize } from '../../../../src/methods/stages/training.ts';
import { parameterCount, trainingFlopsPerToken } from '../../../../src/models/size.ts';

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

/** An engine that computes nothing and keeps how many numbers it was given. */
function idleEngine(device: Partial<DeviceReport> = {}) {
  const sizes: number[] = [];
  const idle: Engine = {
    device: { engine: 'onnxruntime:cpu', version: '', device: '', threads: 1, ...device },
    createState: (initial) => {
      sizes.push(Object.values(initial).reduce((sum, { data }) => sum + data.length, 0));
      return { names: [], read: async () => ({}), write: async () => undefined, dispose: () => undefined };
    },
    compile: async () => ({ batchInputs: [], step: async () => ({}), dispose: async () => [] }),
    memory: () => ({ stateBytes: 0, peakBytes: 0 }),
    dispose: async () => undefined,
  };
  return { idle, sizes };
}

test('for models whose steps take a processor minutes one small model stands in, and the speeds follow from it', async () => {
  const base = presetPlan('base');
  const { idle, sizes } = idleEngine();
  const [small, large] = await calibrateAll(base, ['small', 'large'], idle);
  assert.equal(sizes.length, 1);
  assert.ok(sizes[0] < parameterCount(modelSize(base, 'small', base.vocabulary)) / 4);
  assert.deepEqual(small.standIn, large.standIn);
  const flops = (model: 'small' | 'large') => trainingFlopsPerToken(modelSize(base, model, base.vocabulary));
  const ratio = (small.trainingTokensPerSecond * flops('small')) / large.flopsPerSecond;
  assert.ok(Math.abs(ratio - 1) < 1e-9);
});

test('no model stands in for one whose steps are short', async () => {
  const { idle } = idleEngine();
  for (const { standIn } of await calibrateAll(preset, ['small', 'large'], idle))
    assert.equal(standIn, undefined);
});

test('what an engine computes on decides whether one stands in, not which engine it is', async () => {
  const laptop = presetPlan('laptop');
  for (const engine of ['pytorch', 'tensorflow:tensorflow']) {
    const onProcessor = idleEngine({ engine, accelerated: false });
    assert.ok((await calibrate(laptop, 'small', onProcessor.idle)).standIn);
  }
  const { idle, sizes } = idleEngine({ engine: 'pytorch', accelerated: true });
  assert.equal((await calibrate(laptop, 'small', idle)).standIn, undefined);
  assert.ok(sizes[0] >= parameterCount(modelSize(laptop, 'small', laptop.vocabulary)));
});

test('several devices are measured together, as they train', async () => {
  const programs: Program[] = [];
  const { idle } = idleEngine({ accelerated: true });
  const engine: Engine = {
    ...idle,
    devices: 2,
    compile: (program) => {
      programs.push(program);
      return idle.compile(program);
    },
  };
  await calibrate(plan, 'small', engine);
  assert.deepEqual(
    programs.map(({ others }) => others?.length),
    [1],
  );
});

test('ONNX Runtime says of its providers which compute on a graphics processor', () => {
  const accelerated = (['cpu', 'webgpu', 'cuda'] as const).filter(
    (provider) => new OnnxRuntimeEngine({ threads: 1, provider }).device.accelerated,
  );
  assert.deepEqual(accelerated, ['webgpu', 'cuda']);
});
