/** The training loop with streams and objectives other than those of plain training, on the real engine. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { InterruptedError } from '../../src/common/errors.ts';
import { OnnxRuntimeEngine } from '../../src/engines/onnxruntime/engine.ts';
import { denseParameterization, initialWeights } from '../../src/models/parameterization.ts';
import {
  initialProjectedWeights,
  projectedParameterization,
  projectedTrainingFlopsPerToken,
} from '../../src/models/projected.ts';
import type { TrainingStart } from '../../src/training/beginning.ts';
import { readCheckpoint } from '../../src/training/checkpoint.ts';
import { distillation, distillationFlopsPerToken, teacherState } from '../../src/training/distillation.ts';
import { groupStream } from '../../src/training/group-stream.ts';
import { updateFlops } from '../../src/training/optimizers/optimizer.ts';
import { optimizers, PRETRAINING } from '../../src/training/recipe.ts';
import type { TrainingReport, TrainingSettings } from '../../src/training/settings.ts';
import { windowStream } from '../../src/training/stream.ts';
import { train } from '../../src/training/trainer.ts';
import { windowsOf } from '../support/windows.ts';

const CONTEXT = 8;
const size = { layers: 1, width: 16, heads: 2, feedForward: 24, context: CONTEXT, vocabulary: 60 };
const schedule = { warmupSteps: 2, stableUntil: 8, end: 10 };
const common = { size, recipe: PRETRAINING, schedule, steps: 10, rows: 8, microBatches: 2 };
const batchTokens = common.rows * CONTEXT;

/** Windows of one cluster: their tokens are `first` to `first` + 19. */
function windowsFrom(first: number) {
  const windows = windowsOf([8, 8, 3], CONTEXT, first);
  return {
    ...windows,
    read(window: number, inputs: Int32Array, targets: Int32Array, at: number) {
      const length = windows.read(window, inputs, targets, at);
      for (let i = at; i < at + length; i++) inputs[i] = Math.max(0, targets[i] - 1);
      return length;
    },
  };
}

const engine = new OnnxRuntimeEngine({ threads: 2 });
let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parlance-training-'));
});
after(async () => {
  await engine.dispose();
  await rm(folder, { recursive: true, force: true });
});

interface Watched {
  readonly signal?: AbortSignal;
  readonly onProgress?: (report: TrainingReport) => void;
}

async function run(
  settings: TrainingSettings,
  weights: TrainingStart,
  scratch: string,
  { signal = new AbortController().signal, onProgress = () => {} }: Watched = {},
) {
  const lastCheckpoint = join(scratch, 'last.safetensors');
  const result = await train(settings, weights, { engine, scratch, lastCheckpoint, signal, onProgress });
  return { ...result, state: (await readCheckpoint(lastCheckpoint)).state };
}

test('a projected network that is stopped and resumed ends bit for bit as if it had not been', async () => {
  const shape = { experts: 3, slabs: 3, expertWidth: 2 };
  const groups = 4;
  const flopsPerToken = projectedTrainingFlopsPerToken(size, shape, { groups, tokens: batchTokens });
  const settings = (): TrainingSettings => ({
    ...common,
    weights: projectedParameterization(size, shape, groups),
    flopsPerToken,
    stream: groupStream({
      windowsByCluster: [0, 20, 40].map(windowsFrom),
      shares: [2, 1, 1],
      groups,
      seed: 1,
    }),
  });
  const start = { weights: async () => initialProjectedWeights(size, shape, 1) };
  const whole = await run(settings(), start, await mkdtemp(join(folder, 'whole-')));
  const scratch = await mkdtemp(join(folder, 'stopped-'));
  const controller = new AbortController();
  const stopped = run(settings(), start, scratch, {
    signal: controller.signal,
    onProgress: ({ step }) => {
      if (step === 5) controller.abort();
    },
  });
  await assert.rejects(stopped, InterruptedError);
  const resumed = await run(settings(), start, scratch);
  assert.deepEqual(resumed.state, whole.state);
  assert.deepEqual(resumed.progress.training, whole.progress.training);
  const { trainable } = projectedParameterization(size, shape, groups);
  const booked = 10 * (batchTokens * flopsPerToken + updateFlops(trainable, optimizers(PRETRAINING)));
  assert.ok(Math.abs(resumed.progress.spent.flops / booked - 1) < 1e-12);
  const losses = whole.progress.training.map(({ loss }) => loss);
  assert.ok((losses.at(-1) ?? 0) < losses[0], `${losses}`);
});

test('distillation trains the student alone, and books the teacher with it', async () => {
  const teacher = { ...size, layers: 2, width: 24 };
  const mixture = { weight: 0.5, temperature: 2 };
  const flopsPerToken = distillationFlopsPerToken(size, teacher, mixture);
  const given = teacherState(initialWeights(teacher, 2));
  const weights = denseParameterization(size);
  const { state, best, progress } = await run(
    {
      ...common,
      weights,
      losses: distillation(size, teacher, mixture),
      flopsPerToken,
      stream: windowStream(windowsFrom(0), 1),
    },
    { weights: async () => ({ ...initialWeights(size, 1), ...given }) },
    await mkdtemp(join(folder, 'student-')),
  );
  for (const name of Object.keys(given)) assert.ok(!(name in state), `${name} is no part of what changes`);
  assert.deepEqual(Object.keys(best).sort(), Object.keys(initialWeights(size, 1)).sort());
  const updates = updateFlops(weights.trainable, optimizers(PRETRAINING));
  assert.equal(progress.spent.flops, 10 * (batchTokens * flopsPerToken + updates));
});
