/** Stages that are stopped in the middle free what they opened, on the real engine and real files. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { TokenStore } from '../../../src/corpus/tokens/token-store.ts';
import type { Engine } from '../../../src/engines/engine.ts';
import { OnnxRuntimeEngine } from '../../../src/engines/onnxruntime/engine.ts';
import { lowestLossExpertStage } from '../../../src/methods/stages/choose-expert.ts';
import { clusteringStage, histogramStage } from '../../../src/methods/stages/selection/clustering.ts';
import { initialWeights } from '../../../src/models/parameterization.ts';
import type { Stage } from '../../../src/pipeline/stage.ts';
import { LsiEmbedding } from '../../../src/selection/embedding/lsi.ts';
import { VectorFile, writeVectors } from '../../../src/selection/embedding/vectors.ts';
import { writeWeights } from '../../../src/training/checkpoint.ts';
import { temporaryFolder, trainDocuments } from '../corpus/made-documents.ts';
import { stage } from '../pipeline/fixtures.ts';
import { inputsOn, madePlan, madeSize, runOn, textFolders } from './made-inputs.ts';

const engine = new OnnxRuntimeEngine({ threads: 1 });
after(() => engine.dispose());

/** The engine, and how many programs and states of it are not disposed of yet. */
function counted(): { engine: Engine; live: { programs: number; states: number } } {
  const live = { programs: 0, states: 0 };
  return {
    live,
    engine: {
      device: engine.device,
      memory: () => engine.memory(),
      dispose: () => engine.dispose(),
      createState(initial) {
        const state = engine.createState(initial);
        live.states++;
        const dispose = state.dispose.bind(state);
        state.dispose = () => {
          live.states--;
          dispose();
        };
        return state;
      },
      async compile(program, options) {
        const executable = await engine.compile(program, options);
        live.programs++;
        const dispose = executable.dispose.bind(executable);
        executable.dispose = () => {
          live.programs--;
          return dispose();
        };
        return executable;
      },
    },
  };
}

type ReadOf = Parameters<TokenStore['read']>;

const texts = ['the owl and the pussycat went to sea', 'the owl looked up to the stars above'];

/** Runs a stage that is told to stop before its own work begins. */
function runStopped(t: TestContext, one: Stage, inputs: Readonly<Record<string, string>>): Promise<string> {
  return runOn(t, one, inputs, AbortSignal.abort());
}

test('a choice of experts that is stopped frees its program and models and closes the text', async (t) => {
  const closed = t.mock.method(TokenStore.prototype, 'close');
  const { engine: own, live } = counted();
  const folders = await textFolders(t, trainDocuments(texts));
  const expert = await temporaryFolder(t);
  await writeWeights(join(expert, 'model.safetensors'), initialWeights(madeSize, 1));
  const one = lowestLossExpertStage(
    inputsOn(own),
    { models: [stage('expert')], name: 'experts' },
    { tokens: 30, seed: 1 },
  );
  await assert.rejects(runStopped(t, one, { ...folders, expert }), /Stopped/);
  assert.deepEqual(live, { programs: 0, states: 0 });
  assert.equal(closed.mock.callCount(), 1);
});

test('a clustering that is stopped closes its vectors and frees its programs', async (t) => {
  const closed = t.mock.method(VectorFile.prototype, 'close');
  const { engine: own, live } = counted();
  const vectors = await temporaryFolder(t);
  await writeVectors(join(vectors, 'vectors.npy'), 2, [Float32Array.of(1, 0, 0, 1, -1, 0, 0, -1)]);
  await assert.rejects(runStopped(t, clusteringStage(inputsOn(own), 2, 1), { vectors }));
  assert.equal(closed.mock.callCount(), 1);
  assert.deepEqual(live, { programs: 0, states: 0 });
});

test('a clustering that is stopped while its cards are made ends before the next cluster', async (t) => {
  const folders = await textFolders(t, trainDocuments(texts));
  const vectors = await temporaryFolder(t);
  const windows = texts.map((text) => Math.ceil((text.length + 1) / madePlan.context));
  const count = windows.reduce((sum, one) => sum + one, 0);
  await writeVectors(join(vectors, 'vectors.npy'), 1, [Float32Array.from({ length: count }, (_, i) => i)]);
  const controller = new AbortController();
  const { read } = TokenStore.prototype;
  const reading = t.mock.method(TokenStore.prototype, 'read', function (this: TokenStore, ...of: ReadOf) {
    if (reading.mock.callCount() === 0) setImmediate(() => controller.abort());
    read.apply(this, of);
  });
  const one = clusteringStage(inputsOn(engine), 2, 1);
  await assert.rejects(runOn(t, one, { ...folders, vectors }, controller.signal), /Stopped/);
  assert.ok(reading.mock.callCount() > 0);
});

test('a histogram that is stopped closes the embedding and the text', async (t) => {
  const embeddingClosed = t.mock.method(LsiEmbedding.prototype, 'close');
  const textClosed = t.mock.method(TokenStore.prototype, 'close');
  const folders = await textFolders(t, trainDocuments(texts));
  const embedding = await temporaryFolder(t);
  async function* windows() {
    yield texts;
  }
  await (await LsiEmbedding.fit(windows, { seed: 1 })).save(embedding);
  const one = histogramStage(inputsOn(engine), stage('clusters'), { tokens: 'all', seed: 1 });
  await assert.rejects(runStopped(t, one, { ...folders, embedding }), /Stopped/);
  assert.equal(embeddingClosed.mock.callCount(), 1);
  assert.equal(textClosed.mock.callCount(), 1);
});
