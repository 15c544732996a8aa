/** The evaluation stage on real text and a real model: its parts, its bytes, and its validation figure. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { InputError } from '../../../src/common/errors.ts';
import { TokenStore } from '../../../src/corpus/tokens/token-store.ts';
import { EvaluationBatches } from '../../../src/corpus/windows/evaluation-batches.ts';
import { selectDocuments, WindowSet } from '../../../src/corpus/windows/windows.ts';
import { OnnxRuntimeEngine } from '../../../src/engines/onnxruntime/engine.ts';
import {
  type EvaluationInputs,
  evaluateStage,
  evaluateUntrainedStage,
} from '../../../src/methods/stages/evaluate.ts';
import { readDocumentEvaluations, readEvaluation } from '../../../src/methods/stages/evaluation-files.ts';
import { denseParameterization, initialWeights } from '../../../src/models/parameterization.ts';
import { writeWeights } from '../../../src/training/checkpoint.ts';
import {
  bitsPerByte,
  type EvaluationParts,
  Evaluator,
  evaluationProgram,
} from '../../../src/training/evaluate.ts';
import { byteTokenizer, makeStore, temporaryFolder } from '../corpus/made-documents.ts';
import { indexFolder, labelsText, makeFolder } from '../corpus/temporary-corpus.ts';
import { stage } from '../pipeline/fixtures.ts';
import { inputsOn, madeSize, runOn } from './made-inputs.ts';

const engine = new OnnxRuntimeEngine({ threads: 1 });
after(() => engine.dispose());

const weights = initialWeights(madeSize, 1);
const held = ['The owl and the pussycat went to sea, in a boat.', 'Größe ist zwei Byte.', 'x'];

type Split = 'heldout' | 'validation';

/** Every window of a split by itself, one a batch: what any other way of batching must add up to. */
async function evaluated(tokens: TokenStore, split: Split, rows = 1): Promise<EvaluationParts> {
  const windows = new WindowSet(tokens, selectDocuments(tokens, split), madeSize.context);
  const evaluator = await Evaluator.compile(engine, madeSize, denseParameterization(madeSize), {
    rows,
    length: madeSize.context,
  });
  const state = engine.createState(weights);
  const parts = await evaluator.evaluateParts(state, new EvaluationBatches(windows, rows));
  await evaluator.dispose();
  state.dispose();
  return parts;
}

const heldOut = (text: string) => ({ text, split: 'heldout' as const });
const near = (a: number, b: number) => assert.ok(Math.abs(a - b) <= 1e-6 * Math.abs(b), `${a} is not ${b}`);
const sum = (parts: readonly { readonly negativeLogLikelihood: number; readonly tokens: number }[]) => ({
  nats: parts.reduce((total, part) => total + part.negativeLogLikelihood, 0),
  tokens: parts.reduce((total, part) => total + part.tokens, 0),
});

test('documents and windows add up to the total, whatever the number of rows', async (t) => {
  const tokens = await makeStore(t, held.map(heldOut));
  const single = await evaluated(tokens, 'heldout');
  for (const { total, documents, windows } of [single, await evaluated(tokens, 'heldout', 3)]) {
    assert.equal(documents.length, held.length);
    for (const parts of [documents, windows]) {
      near(sum(parts).nats, total.negativeLogLikelihood);
      assert.equal(sum(parts).tokens, total.tokens);
    }
    near(total.negativeLogLikelihood, single.total.negativeLogLikelihood);
    near(total.endOfTextLogLikelihood, single.total.endOfTextLogLikelihood);
  }
  // One byte a token, and one end of text a document.
  const bytes = held.reduce((total, text) => total + Buffer.byteLength(text), 0);
  assert.deepEqual([single.total.bytes, single.total.tokens], [bytes, bytes + held.length]);
});

test('bits per byte are of the text alone: the loss of its ends is left out', async (t) => {
  const { total } = await evaluated(await makeStore(t, held.map(heldOut)), 'heldout');
  // The loss of each document's last token, which is its end, read from its last window.
  const batch = { rows: 1, length: madeSize.context };
  const executable = await engine.compile(
    evaluationProgram(madeSize, denseParameterization(madeSize), batch),
  );
  const state = engine.createState(weights);
  let ends = 0;
  for (const text of held) {
    const all = [byteTokenizer.endOfText, ...Buffer.from(text), byteTokenizer.endOfText];
    const from = madeSize.context * Math.floor((all.length - 2) / madeSize.context);
    const [ids, targets] = [new Int32Array(madeSize.context), new Int32Array(madeSize.context)];
    ids.set(all.slice(from, -1));
    targets.set(all.slice(from + 1));
    const { losses } = await executable.step(state, { ids, targets });
    ends += losses[all.length - 2 - from];
  }
  await executable.dispose();
  state.dispose();
  near(total.endOfTextLogLikelihood, ends);
  assert.ok(ends > 1);
  near(
    bitsPerByte(total) ?? 0,
    (total.negativeLogLikelihood - ends) / Math.LN2 / (total.tokens - held.length),
  );
});

const labels = labelsText([{ glob: 'held*.txt', label: 'held-out' }]);
const files = { 'train.txt': 'soup and salt', 'held.txt': held[0], 'held2.txt': held[1] };

/** The stage's folders; validation text is what is neither labelled held-out nor drawn for training. */
async function stageOn(t: TestContext, validation: number) {
  const more = Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [`more${i}.txt`, `Recipe ${i}: stir ${'salt '.repeat(i + 1)}`]),
  );
  const corpus = await temporaryFolder(t);
  const folder = await makeFolder(t, { ...files, ...more, '.parlance/labels.json': labels });
  const change = { split: { validation, heldout: 0 }, labelsFile: join(folder, '.parlance', 'labels.json') };
  const documents = await indexFolder(t, folder, change, { directory: corpus });
  const tokens = await temporaryFolder(t);
  const made = [];
  for await (const batch of documents.texts()) {
    for (const { record, text } of batch) made.push({ text, split: record.split });
  }
  await makeStore(t, made, { directory: tokens });
  const model = await temporaryFolder(t);
  await writeWeights(join(model, 'model.safetensors'), weights);
  const contamination = await temporaryFolder(t);
  const none = { documents: 2, whole: [], part: [] };
  const found = { heldout: none, validation: none, notLookedFor: 0 };
  await writeFile(join(contamination, 'contamination.json'), JSON.stringify(found));
  const one = stage('made');
  const { plan, services } = inputsOn(engine);
  const inputs: EvaluationInputs = {
    plan,
    corpus: one,
    tokens: one,
    contamination: one,
    domain: 'letters',
    services,
  };
  const stagesOf = (given: typeof inputs) => ({
    evaluation: evaluateStage(given, one, 'small'),
    untrained: evaluateUntrainedStage(given, 'small', 1),
  });
  return {
    ...stagesOf(inputs),
    withGeneric: stagesOf({ ...inputs, generic: one }),
    folders: { corpus, tokens, model, contamination },
  };
}

test('the stage measures the held-out and the validation split, each as an evaluation of it alone', async (t) => {
  const { evaluation, folders } = await stageOn(t, 0.3);
  const directory = await runOn(t, evaluation, folders);
  const result = await readEvaluation(directory);
  const tokens = await TokenStore.open(folders.tokens);
  const heldout = (await evaluated(tokens, 'heldout')).total;
  const validation = (await evaluated(tokens, 'validation')).total;
  tokens.close();
  near(result.negativeLogLikelihood, heldout.negativeLogLikelihood);
  near(result.bitsPerByte, bitsPerByte(heldout) ?? 0);
  assert.equal(result.validation.tokens, validation.tokens);
  assert.ok(validation.tokens > 0 && validation.tokens !== heldout.tokens);
  near(result.validation.negativeLogLikelihood, validation.negativeLogLikelihood);
  near(result.validation.perplexity, Math.exp(validation.negativeLogLikelihood / validation.tokens));
  const documents = await readDocumentEvaluations(directory);
  assert.deepEqual(documents.map(({ source }) => source).sort(), ['held.txt', 'held2.txt']);
  near(sum(documents).nats, heldout.negativeLogLikelihood);
  assert.equal(result.resampling.unit, 'windows');
});

test('generic held-out text is measured too, to no more than the domain’s length, and of no untrained model', async (t) => {
  const { evaluation, folders, withGeneric } = await stageOn(t, 0.3);
  assert.equal((await readEvaluation(await runOn(t, evaluation, folders))).generic, undefined);
  const generic = await temporaryFolder(t);
  const training = { text: 'not for measuring', split: 'train' as const };
  const store = await makeStore(t, [training, ...held.map(heldOut)], { directory: generic });
  const own = await readEvaluation(await runOn(t, withGeneric.evaluation, { ...folders, generic }));
  const heldout = (await evaluated(store, 'heldout')).total;
  // The third of the documents is beyond the length of the domain's held-out text.
  assert.ok(own.generic !== undefined && own.generic.tokens <= own.tokens && own.generic.tokens > 0);
  assert.ok(own.generic.tokens < heldout.tokens);
  near(own.generic.perplexity, Math.exp(own.generic.negativeLogLikelihood / own.generic.tokens));
  assert.ok(!('generic' in withGeneric.untrained.inputs));
});

test('where all generic text is for training nothing is measured on it', async (t) => {
  const { folders, withGeneric } = await stageOn(t, 0.3);
  const generic = await temporaryFolder(t);
  await makeStore(t, [{ text: 'all of it', split: 'train' }], { directory: generic });
  const own = await readEvaluation(await runOn(t, withGeneric.evaluation, { ...folders, generic }));
  assert.equal(own.generic, undefined);
});

test('the untrained model of a seed is measured as one with those weights, without any model as input', async (t) => {
  const { evaluation, untrained, folders } = await stageOn(t, 0.3);
  const { model: _, ...others } = folders;
  assert.deepEqual(Object.keys(untrained.inputs).sort(), Object.keys(others).sort());
  // The made model is what seed 1 draws.
  const drawn = await readEvaluation(await runOn(t, untrained, others));
  const given = await readEvaluation(await runOn(t, evaluation, folders));
  near(drawn.perplexity, given.perplexity);
  near(drawn.validation.perplexity, given.validation.perplexity);
});

test('each document keeps the window that has the highest loss a token', async (t) => {
  const { evaluation, folders } = await stageOn(t, 0.3);
  const documents = await readDocumentEvaluations(await runOn(t, evaluation, folders));
  const tokens = await TokenStore.open(folders.tokens);
  const windows = new WindowSet(tokens, selectDocuments(tokens, 'heldout'), madeSize.context);
  const losses = (await evaluated(tokens, 'heldout')).windows;
  for (const { passage, tokens: length } of documents) {
    assert.ok(passage !== undefined);
    const own = losses.filter((_, i) => windows.document(i) === passage.document);
    const telling = own.filter(({ tokens: count }, i) => i === 0 || count >= madeSize.context / 2);
    const highest = Math.max(...telling.map((one) => one.negativeLogLikelihood / one.tokens));
    near(passage.negativeLogLikelihood / passage.tokens, highest);
    const at = own.findIndex((one) => one.negativeLogLikelihood / one.tokens > highest * (1 - 1e-6));
    assert.equal(passage.from, at * madeSize.context);
    assert.ok(passage.from + passage.tokens <= length);
  }
  tokens.close();
});

test('without validation text an evaluation says so and leaves nothing that could be called damaged', async (t) => {
  const { evaluation, folders } = await stageOn(t, 0);
  await assert.rejects(
    runOn(t, evaluation, folders),
    (error) => error instanceof InputError && /validation/.test(error.message),
  );
});
