/** The fitted expert: its gradient by other ways, and that it is the best on the in-domain set. */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { InterruptedError } from '../../../src/common/errors.ts';
import { EvaluationBatches } from '../../../src/corpus/windows/evaluation-batches.ts';
import { selectDocuments, WindowSet } from '../../../src/corpus/windows/windows.ts';
import { OnnxRuntimeEngine } from '../../../src/engines/onnxruntime/engine.ts';
import { denseParameterization } from '../../../src/models/parameterization.ts';
import {
  EXPERTS,
  expertVector,
  initialProjectedWeights,
  mixingName,
  projectWeights,
} from '../../../src/models/projected.ts';
import { layerWeight } from '../../../src/models/size.ts';
import { Evaluator, meanLoss } from '../../../src/training/evaluate.ts';
import { evaluationFlops, expertProgram, fitExpert } from '../../../src/training/expert-fit.ts';
import { assertClose } from '../../support/compare.ts';
import { finiteDifferences } from '../../support/finite-differences.ts';
import { evaluate, type Values } from '../../support/reference.ts';
import { makeStore, temporaryFolder, trainDocuments } from '../corpus/made-documents.ts';

const size = { layers: 2, width: 8, heads: 2, feedForward: 12, context: 16, vocabulary: 257 };
const shape = { experts: 3, slabs: 4, expertWidth: 3 };
const ROWS = 4;
const batch = { rows: ROWS, length: size.context };

/** Experts that differ much, as trained ones do. */
const network = initialProjectedWeights(size, shape, 3, undefined, 0.2);
for (const layer of [0, 1])
  for (const part of ['gate_proj', 'up_proj', 'down_proj']) {
    const { data } = network[mixingName(layerWeight(layer, `mlp.${part}`))];
    for (let i = 0; i < data.length; i++) data[i] *= 4;
  }
const start = expertVector(shape, network, Float32Array.of(0.5, 0.3, 0.2));

const engine = new OnnxRuntimeEngine({ threads: 1 });
after(() => engine.dispose());

async function batchesOf(t: TestContext, texts: readonly string[]): Promise<EvaluationBatches> {
  const store = await makeStore(t, trainDocuments(texts), { directory: await temporaryFolder(t) });
  const windows = new WindowSet(store, selectDocuments(store, 'train'), size.context);
  return new EvaluationBatches(windows, ROWS);
}

const texts = ['the owl and the pussycat went to sea', 'in a beautiful pea-green boat', 'they took'];

test('loss and gradient of a vector are those in float64 of what it projects to, padding not counted', async (t) => {
  const [first] = await batchesOf(t, texts);
  const { loss, gradient } = expertProgram(size, shape, batch).metrics;
  const fixed: Values = {
    ...Object.fromEntries(Object.entries(network).map(([name, { data }]) => [name, data])),
    ids: Array.from(first.inputs),
    targets: Array.from(first.targets),
    weights: Array.from(first.weights),
  };
  const [value, own] = evaluate([loss, gradient], { ...fixed, expert: start });
  const differences = finiteDifferences((expert) => evaluate([loss], { ...fixed, expert })[0][0], start);
  assertClose(own, differences, 1e-6, 'gradient');
  assert.ok(first.tokens < ROWS * size.context, 'there is padding');
  const evaluator = await Evaluator.compile(engine, size, denseParameterization(size), batch);
  const [only] = [await batchesOf(t, texts)];
  const state = engine.createState(projectWeights(size, network, start));
  const whole = await evaluator.evaluate(state, only);
  const executable = await engine.compile(expertProgram(size, shape, batch));
  let sum = 0;
  for (const { inputs, targets, weights } of only) {
    const fed = { ids: inputs, targets, weights, expert: Float32Array.from(start) };
    sum += (await executable.step(engine.createState(network), fed)).loss[0];
  }
  assertClose([sum], [whole.negativeLogLikelihood], 1e-5, 'loss');
  assert.ok(Number.isFinite(value[0]));
  await executable.dispose();
  await evaluator.dispose();
});

test('the fitted vector has a lower loss on the set than the start and than every expert', async (t) => {
  const batches = await batchesOf(t, texts);
  const shares: number[] = [];
  const watch = { signal: new AbortController().signal, onEvaluated: (share: number) => shares.push(share) };
  const found = await fitExpert({ size, shape, network, batches, start }, engine, watch);
  assert.equal(found.flops, shares.length * evaluationFlops(size, shape, batches));
  assert.ok(shares.length > 2 && shares.every((share, i) => share <= 1 && share > (shares[i - 1] ?? 0)));
  const evaluator = await Evaluator.compile(engine, size, denseParameterization(size), batch);
  const lossOf = async (vector: Float64Array) =>
    meanLoss(await evaluator.evaluate(engine.createState(projectWeights(size, network, vector)), batches));
  const fitted = await lossOf(found.vector);
  assert.ok(fitted < (await lossOf(start)));
  for (let i = 0; i < shape.experts; i++) {
    const own = network[EXPERTS].data.subarray(i * shape.expertWidth, (i + 1) * shape.expertWidth);
    assert.ok(fitted < (await lossOf(Float64Array.from(own))));
  }
  await evaluator.dispose();
});

test('it can be stopped', async (t) => {
  const batches = await batchesOf(t, texts);
  const stopped = { signal: AbortSignal.abort(), onEvaluated: () => undefined };
  await assert.rejects(
    fitExpert({ size, shape, network, batches, start }, engine, stopped),
    InterruptedError,
  );
});
