/** Training that is stopped by its validation loss: checkpoints, resuming, decay, and what it refuses; real engine, real files. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { DivergenceError, InputError, InterruptedError } from '../../src/common/errors.ts';
import { EvaluationBatches } from '../../src/corpus/windows/evaluation-batches.ts';
import { selectDocuments, WindowSet } from '../../src/corpus/windows/windows.ts';
import type { Engine, HostTensor } from '../../src/engines/engine.ts';
import { OnnxRuntimeEngine } from '../../src/engines/onnxruntime/engine.ts';
import {
  denseParameterization,
  initialLowRankFactors,
  initialWeights,
  lowRankParameterization,
} from '../../src/models/parameterization.ts';
import { inferenceFlopsPerToken, trainingFlopsPerToken } from '../../src/models/size.ts';
import type { TrainingStart } from '../../src/training/beginning.ts';
import { readCheckpoint } from '../../src/training/checkpoint.ts';
import { distillation, teacherState } from '../../src/training/distillation.ts';
import { updateFlops } from '../../src/training/optimizers/optimizer.ts';
import { FINE_TUNING, optimizers, PRETRAINING } from '../../src/training/recipe.ts';
import type { TrainingSettings } from '../../src/training/settings.ts';
import { windowStream } from '../../src/training/stream.ts';
import { train } from '../../src/training/trainer.ts';
import { byteTokenizer, type MadeDocument, makeStore } from '../unit/corpus/made-documents.ts';

const CONTEXT = 8;
const ROWS = 4;
const batchTokens = ROWS * CONTEXT;

const engine = new OnnxRuntimeEngine({ threads: 2 });
let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parlance-stopping-'));
});
after(async () => {
  await engine.dispose();
  await rm(folder, { recursive: true, force: true });
});

const size = {
  layers: 1,
  width: 16,
  heads: 2,
  feedForward: 24,
  context: CONTEXT,
  vocabulary: byteTokenizer.vocabularySize,
};
const start = { weights: async () => initialWeights(size, 1) };

const sentences = ['Salt the soup and stir.', 'Stir the salted soup.', 'Sail on, and mind the wind.'];
const made: MadeDocument[] = [
  ...sentences.map((text): MadeDocument => ({ text: `${text} ${text}`, split: 'train' })),
  { text: 'A quiet harbour waits; nobody answers it.', split: 'validation' },
];

async function settings(t: TestContext, others: Partial<TrainingSettings> = {}) {
  const tokens = await makeStore(t, made);
  const windows = (split: 'train' | 'validation') =>
    new WindowSet(tokens, selectDocuments(tokens, split), CONTEXT);
  const steps = 60;
  return {
    size,
    weights: denseParameterization(size),
    recipe: PRETRAINING,
    schedule: { warmupSteps: 4, stableUntil: steps, end: steps },
    steps,
    rows: ROWS,
    microBatches: 1,
    stream: windowStream(windows('train'), 1),
    validation: {
      batches: new EvaluationBatches(windows('validation'), ROWS),
      everySteps: 2,
      patienceTokens: 6 * batchTokens,
      decayShare: 0.4,
    },
    ...others,
  };
}

const scratchFolder = () => mkdtemp(join(folder, 'scratch-'));

/** `abortAt`: after which step the signal comes; 0 is before the first. */
async function run(own: TrainingSettings, start: TrainingStart, scratch: string, abortAt?: number) {
  const controller = new AbortController();
  if (abortAt === 0) controller.abort();
  const lastCheckpoint = join(scratch, 'last.safetensors');
  const result = await train(own, start, {
    engine,
    scratch,
    lastCheckpoint,
    signal: controller.signal,
    onProgress: ({ step }) => {
      if (step === abortAt) controller.abort();
    },
  });
  return { ...result, state: (await readCheckpoint(lastCheckpoint)).state };
}

/** All that must not depend on interruptions: everything but the time it took. */
function lasting({ progress, state, best, bestStep, ending }: Awaited<ReturnType<typeof run>>) {
  const { spent, ...others } = progress;
  return { ...others, flops: spent.flops, tokens: spent.tokens, state, best, bestStep, ending };
}

test('a training stopped before its first step, in its stable phase or in its decay ends and costs as if it had not been', async (t) => {
  const own = await settings(t);
  const whole = await run(own, start, await scratchFolder());
  const { decay } = whole.progress;
  assert.ok(decay !== undefined && decay.end > decay.begun + 1, JSON.stringify(decay));
  for (const abortAt of [0, decay.begun, decay.begun + 1]) {
    const scratch = await scratchFolder();
    await assert.rejects(run(own, start, scratch, abortAt), InterruptedError);
    const resumed = await run(own, start, scratch);
    assert.deepEqual(lasting(resumed), lasting(whole), `stopped at step ${abortAt}`);
  }
  const again = await scratchFolder();
  for (const abortAt of [0, 0, 3, decay.begun - 1]) {
    await assert.rejects(run(own, start, again, abortAt), InterruptedError);
  }
  assert.deepEqual(lasting(await run(own, start, again)), lasting(whole), 'stopped four times');
});

test('a training stopped at a lower rate, or right before it, ends as if it had not been, and the lower rate starts from the best step', async (t) => {
  const usual = await settings(t);
  const own = { ...usual, validation: { ...usual.validation, decayShare: 0, lowerings: 2 } };
  const whole = await run(own, start, await scratchFolder());
  const { lowering, validation } = whole.progress;
  assert.equal(lowering?.times, 2, JSON.stringify(lowering));
  const begun = lowering?.begun ?? 0;
  const [before, after] = [begun, begun + 2].map(
    (at) => validation.find(({ step }) => step === at)?.loss ?? 0,
  );
  assert.ok(after < before, `went back to the best weights: ${before}, then ${after}`);
  for (const abortAt of [begun - 1, begun, begun + 1]) {
    const scratch = await scratchFolder();
    await assert.rejects(run(own, start, scratch, abortAt), InterruptedError);
    assert.deepEqual(lasting(await run(own, start, scratch)), lasting(whole), `stopped at step ${abortAt}`);
  }
});

test('the decay goes on from the best step, and every validation is paid for', async (t) => {
  const own = await settings(t);
  const { progress, bestStep, ending } = await run(own, start, await scratchFolder());
  const { decay, validation, step } = progress;
  assert.ok(decay !== undefined);
  const before = validation.filter((point) => point.step <= decay.begun);
  const lowest = Math.min(...before.map(({ loss }) => loss));
  assert.equal(before.find(({ loss }) => loss === lowest)?.step, decay.from);
  const firstAfter = validation.find((point) => point.step > decay.begun);
  const atBegun = validation.find((point) => point.step === decay.begun);
  assert.ok((firstAfter?.loss ?? 9) < (atBegun?.loss ?? 0), 'went back to the best weights');
  assert.equal(ending, 'patience');
  assert.ok(bestStep >= decay.from);
  const read = validation.length * own.validation.batches.tokens;
  const updates = updateFlops(own.weights.trainable, optimizers(own.recipe));
  assert.equal(
    progress.spent.flops,
    step * (batchTokens * trainingFlopsPerToken(size) + updates) + read * inferenceFlopsPerToken(size),
  );
});

test('a cap that comes before patience is told as the ending', async (t) => {
  const steps = 10;
  const schedule = { warmupSteps: 4, stableUntil: steps, end: steps };
  const capped = await run(await settings(t, { steps, schedule }), start, await scratchFolder());
  assert.equal(capped.ending, 'cap');
  assert.ok(capped.progress.step <= steps);
});

/** An engine whose steps give a loss that is no number from one on. */
function divergingFrom(step: number): Engine {
  const compile: Engine['compile'] = async (program, options) => {
    const executable = await engine.compile(program, options);
    let done = 0;
    return {
      batchInputs: executable.batchInputs,
      step: async (state, inputs) => {
        const outputs = await executable.step(state, inputs);
        // Evaluations have no gradients.
        if (outputs.gradientNorm !== undefined && ++done >= step) outputs.loss[0] = Number.NaN;
        return outputs;
      },
      dispose: () => executable.dispose(),
    };
  };
  return {
    device: engine.device,
    compile,
    createState: (...given) => engine.createState(...given),
    memory: () => engine.memory(),
    dispose: () => engine.dispose(),
  };
}

test('a training that may diverge ends with its best weights, where it is an error otherwise', async (t) => {
  const own = await settings(t);
  const may = { ...own, validation: { ...own.validation, mayDiverge: true } };
  const environment = { signal: new AbortController().signal, onProgress: () => undefined };
  const diverging = async (settings: TrainingSettings, scratch: string) =>
    train(settings, start, { ...environment, engine: divergingFrom(6), scratch });
  await assert.rejects(diverging(own, await scratchFolder()), DivergenceError);
  const { diverged, ending, best, bestStep, progress } = await diverging(may, await scratchFolder());
  assert.deepEqual([diverged, ending, progress.step, bestStep], [true, undefined, 5, 4]);
  // Those of a training that ends there.
  const validation = { ...own.validation, decayShare: 0 };
  const whole = await run({ ...own, steps: 4, validation }, start, await scratchFolder());
  assert.equal(whole.bestStep, 4);
  assert.deepEqual(best, whole.best);
});

const bytes = (tensors: Readonly<Record<string, HostTensor>>): number =>
  Object.values(tensors).reduce((sum, { data }) => sum + data.byteLength, 0);

for (const kind of ['distilled', 'low-rank'] as const) {
  test(`checkpoints of a ${kind} training hold no frozen weights, and it resumes from its inputs`, async (t) => {
    const teacher = { ...size, layers: 3, width: 32 };
    const weights =
      kind === 'low-rank'
        ? lowRankParameterization(size, { rank: 2, alpha: 4 })
        : denseParameterization(size);
    const own = await settings(t, {
      weights,
      recipe: FINE_TUNING,
      ...(kind === 'distilled' && {
        losses: distillation(size, teacher, { weight: 0.5, temperature: 1 }),
      }),
    });
    const frozen = kind === 'low-rank' ? initialWeights(size, 1) : teacherState(initialWeights(teacher, 2));
    const trained = kind === 'low-rank' ? initialLowRankFactors(size, 2, 1) : initialWeights(size, 1);
    const given = { weights: async () => structuredClone({ ...frozen, ...trained }) };
    const whole = await run(own, given, await scratchFolder());
    const scratch = await scratchFolder();
    await assert.rejects(run(own, given, scratch, 5), InterruptedError);
    const files = (await readdir(scratch)).filter((name) => name.endsWith('.safetensors'));
    assert.ok(files.includes('checkpoint.safetensors') && files.some((name) => name.startsWith('best-')));
    assert.equal(files.length, 2);
    for (const name of files) {
      const { state } = await readCheckpoint(join(scratch, name));
      assert.deepEqual(
        Object.keys(state).filter((tensor) => tensor in frozen),
        [],
      );
      // Trained tensors and at most two moments of each, and some kilobytes of names.
      assert.ok((await stat(join(scratch, name))).size < 3 * bytes(trained) + 32_768);
    }
    assert.deepEqual(lasting(await run(own, given, scratch)), lasting(whole));
  });
}

test('without validation text nothing is trained, and a loss that is no number ends a training instead of being recorded', async (t) => {
  const own = await settings(t);
  const tokens = await makeStore(t, made);
  const none = new WindowSet(tokens, selectDocuments(tokens, 'heldout'), CONTEXT);
  const validation = { ...own.validation, batches: new EvaluationBatches(none, ROWS) };
  await assert.rejects(
    run({ ...own, validation }, start, await scratchFolder()),
    (error) => error instanceof InputError && /split\.validation/.test(error.hint),
  );
  const broken = Object.entries(initialWeights(size, 1)).map(
    ([name, { shape, data }]): [string, HostTensor] => [name, { shape, data: data.map(() => Number.NaN) }],
  );
  const lost = { weights: async () => Object.fromEntries(broken) };
  await assert.rejects(
    run(own, lost, await scratchFolder()),
    (error) => error instanceof DivergenceError && /validation loss at step 0 is NaN/.test(error.message),
  );
});
