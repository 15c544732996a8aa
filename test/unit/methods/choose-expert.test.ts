/** Which expert of a mixture is taken, by each rule, on real models and text. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { OnnxRuntimeEngine } from '../../../src/engines/onnxruntime/engine.ts';
import {
  bestTunedExpertStage,
  lowestLossExpertStage,
  modalExpertStage,
  readChoice,
} from '../../../src/methods/stages/choose-expert.ts';
import { MODEL_FILES } from '../../../src/methods/stages/models.ts';
import { initialWeights } from '../../../src/models/parameterization.ts';
import { writeWeights } from '../../../src/training/checkpoint.ts';
import { type MadeDocument, temporaryFolder, trainDocuments } from '../corpus/made-documents.ts';
import { stage } from '../pipeline/fixtures.ts';
import { inputsOn, madeSize, runOn, textFolders } from './made-inputs.ts';

const engine = new OnnxRuntimeEngine({ threads: 1 });
after(() => engine.dispose());

const experts = { models: [stage('a'), stage('b')], name: 'two experts' };
const set = { tokens: 60, seed: 1 };

/** Two models with random weights; `validation` is the lowest validation loss of each training. */
async function models(t: TestContext, validation = [3, 2]): Promise<Record<string, string>> {
  const folders: Record<string, string> = {};
  for (const [i, loss] of validation.entries()) {
    const folder = await temporaryFolder(t);
    for (const file of MODEL_FILES) await writeFile(join(folder, file), '{}');
    await writeWeights(join(folder, 'model.safetensors'), initialWeights(madeSize, i + 1));
    const curve = [4, loss, 3.5].map((value, step) => ({ step, tokens: step, loss: value }));
    const counts = { steps: 2, bestStep: 1, datasetTokens: 60, repetition: 1 };
    await writeFile(
      join(folder, 'training.json'),
      JSON.stringify({ ...counts, training: [], validation: curve }),
    );
    folders[i === 0 ? 'expert' : `expert ${i + 1}`] = folder;
  }
  return folders;
}

const train = trainDocuments(['the owl and the pussycat went to sea', 'in a beautiful pea-green boat']);
const other = (text: string): MadeDocument[] => [
  { text: `held out: ${text}`, split: 'heldout' },
  { text: `stop by: ${text}`, split: 'validation' },
];

test('the lowest loss is that on the in-domain set alone: other held-out and validation text changes nothing', async (t) => {
  const found = [];
  const folders = await models(t);
  for (const documents of [train, [...train, ...other('one')], [...other('another '.repeat(9)), ...train]]) {
    const one = lowestLossExpertStage(inputsOn(engine), experts, set);
    const text = await textFolders(t, documents);
    found.push(await readChoice(await runOn(t, one, { ...text, ...folders })));
  }
  assert.equal(found[0].losses?.length, 2);
  assert.deepEqual(found[1], found[0]);
  assert.deepEqual(found[2], found[0]);
});

test('the best fine-tuned expert is that of the lowest validation loss, and no text is read for it', async (t) => {
  const one = bestTunedExpertStage(inputsOn(engine), experts, set);
  assert.deepEqual(Object.keys(one.inputs), ['expert', 'expert 2']);
  const choice = await readChoice(await runOn(t, one, await models(t, [3, 2])));
  assert.deepEqual(choice, { expert: 1, tied: [], losses: [3, 2] });
});

test('the modal expert is that of the most frequent cluster, and a tie is kept', async (t) => {
  const chosen = async (counts: number[]) => {
    const histogram = await temporaryFolder(t);
    await writeFile(join(histogram, 'histogram.json'), JSON.stringify(counts));
    const one = modalExpertStage(inputsOn(engine), experts, set, stage('histogram'));
    return readChoice(await runOn(t, one, { histogram, ...(await models(t)) }));
  };
  assert.deepEqual(await chosen([1, 2]), { expert: 1, tied: [] });
  assert.deepEqual(await chosen([2, 2]), { expert: 0, tied: [0, 1] });
});
