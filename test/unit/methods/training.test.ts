/** Training as part of a stage: what it costs. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { flops, tokens } from '../../../src/common/units.ts';
import { trainInStage } from '../../../src/methods/stages/training.ts';
import { denseParameterization, initialWeights } from '../../../src/models/parameterization.ts';
import { trainingFlopsPerToken } from '../../../src/models/size.ts';
import type { StageContext } from '../../../src/pipeline/stage.ts';
import { updateFlops } from '../../../src/training/optimizers/optimizer.ts';
import { optimizers, PRETRAINING } from '../../../src/training/recipe.ts';
import type { TrainingSettings } from '../../../src/training/settings.ts';
import { windowStream } from '../../../src/training/stream.ts';
import { fakeEngine } from '../../support/fake-engine.ts';
import { windowsOf } from '../../support/windows.ts';
import { bench, stage } from '../pipeline/fixtures.ts';
import { servicesWith } from './made-inputs.ts';

const size = { layers: 1, width: 8, heads: 2, feedForward: 12, context: 8, vocabulary: 60 };
const STEPS = 10;
const ROWS = 4;
const settings: TrainingSettings = {
  size,
  weights: denseParameterization(size),
  recipe: PRETRAINING,
  schedule: { warmupSteps: 1, stableUntil: STEPS, end: STEPS },
  steps: STEPS,
  rows: ROWS,
  microBatches: 1,
  stream: windowStream(windowsOf([8, 8, 3], size.context), 1),
};

test('a training whose stage fails after the last step is booked once, however often it is tried', async (t) => {
  const engine = fakeEngine();
  const { run } = bench(t);
  /** Trains with an interruption after this step, if any; `leave` is what comes after the training. */
  const training = (leave: (directory: string) => void, interruptedAt?: number) =>
    stage('training', {
      run: async (context: StageContext) => {
        const stop = new AbortController();
        const services = servicesWith(engine);
        const progress: StageContext['progress'] = ({ metrics }) => {
          if (metrics?.step === interruptedAt) stop.abort();
        };
        const start = { weights: async () => initialWeights(size, 1) };
        await trainInStage(settings, start, { ...context, services, progress, signal: stop.signal });
        leave(context.directory);
      },
    });
  const fullDisk = () => {
    throw new Error('The disk is full.');
  };
  await assert.rejects(run(training(fullDisk, STEPS - 1)), /stopped/i);
  await assert.rejects(run(training(fullDisk)), /The disk is full/);
  await assert.rejects(run(training(fullDisk)), /The disk is full/);
  const { manifest } = await run(training((folder) => writeFileSync(join(folder, 'model'), 'x')));
  // The last step three times: the checkpoint was made before it.
  assert.equal(engine.steps(), STEPS + 2);
  const seen = STEPS * ROWS * size.context;
  const updates = updateFlops(settings.weights.trainable, optimizers(PRETRAINING));
  assert.deepEqual(
    [manifest.cost.tokens, manifest.cost.flops],
    [tokens(seen), flops(seen * trainingFlopsPerToken(size) + STEPS * updates)],
  );
});
