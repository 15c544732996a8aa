/** What the training loop leaves on the disk while it goes on. That of real training is in test/integration/stopping.test.ts. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { InterruptedError } from '../../../src/common/errors.ts';
import { EvaluationBatches } from '../../../src/corpus/windows/evaluation-batches.ts';
import { selectDocuments, WindowSet } from '../../../src/corpus/windows/windows.ts';
import { denseParameterization, initialWeights } from '../../../src/models/parameterization.ts';
import { FINE_TUNING } from '../../../src/training/recipe.ts';
import type { TrainingReport, TrainingSettings } from '../../../src/training/settings.ts';
import { windowStream } from '../../../src/training/stream.ts';
import { train } from '../../../src/training/trainer.ts';
import { fakeEngine } from '../../support/fake-engine.ts';
import { windowsOf } from '../../support/windows.ts';
import { byteTokenizer, makeStore, temporaryFolder } from '../corpus/made-documents.ts';

const size = {
  layers: 1,
  width: 8,
  heads: 2,
  feedForward: 12,
  context: 8,
  vocabulary: byteTokenizer.vocabularySize,
};
const STEPS = 12;

/** Validates after each step; one batch is a validation. */
async function settings(t: TestContext): Promise<TrainingSettings> {
  const store = await makeStore(t, [{ text: 'stop in time', split: 'validation' }]);
  const windows = new WindowSet(store, selectDocuments(store, 'validation'), size.context);
  const batches = new EvaluationBatches(windows, 4);
  return {
    size,
    weights: denseParameterization(size),
    recipe: FINE_TUNING,
    schedule: { warmupSteps: 1, stableUntil: STEPS, end: STEPS },
    steps: STEPS,
    rows: 4,
    microBatches: 1,
    stream: windowStream(windowsOf([8, 8, 3], size.context), 1),
    validation: { batches, everySteps: 1, patienceTokens: 1e6, decayShare: 0 },
  };
}

test('of a training that only gets better the weights of two steps are kept at most, those of the checkpoint among them', async (t) => {
  const own = await settings(t);
  const engine = fakeEngine((evaluation) => 4 - evaluation / 100);
  const scratch = await temporaryFolder(t);
  const kept = () => readdirSync(scratch).filter((name) => name.startsWith('best-'));
  /** No checkpoint but at an interruption; `onStep` may interrupt, or throw as if the process had been killed. */
  const run = (signal: AbortSignal, onStep: (report: TrainingReport) => void) =>
    train(
      own,
      { weights: async () => initialWeights(size, 1) },
      {
        engine,
        scratch,
        signal,
        onProgress: onStep,
        checkpointSeconds: Number.POSITIVE_INFINITY,
      },
    );
  const stop = new AbortController();
  const stopped = run(stop.signal, ({ step }) => {
    assert.deepEqual(kept(), [`best-${step - 1}.safetensors`]);
    if (step === 5) stop.abort();
  });
  await assert.rejects(stopped, InterruptedError);
  const killed = run(new AbortController().signal, ({ step }) => {
    const last = step === 6 ? [] : [`best-${step - 1}.safetensors`];
    assert.deepEqual(kept().sort(), ['best-5.safetensors', ...last].sort());
    if (step === 9) throw new Error('killed');
  });
  await assert.rejects(killed, /killed/);
  const resumedFrom: number[] = [];
  const { bestStep } = await run(new AbortController().signal, ({ step }) => resumedFrom.push(step));
  assert.equal(resumedFrom[0], 6);
  assert.equal(bestStep, STEPS);
});
