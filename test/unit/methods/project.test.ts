/** The projection that is fitted to a domain reads the in-domain set alone. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { OnnxRuntimeEngine } from '../../../src/engines/onnxruntime/engine.ts';
import { projectStage } from '../../../src/methods/stages/project.ts';
import { initialProjectedWeights } from '../../../src/models/projected.ts';
import { writeWeights } from '../../../src/training/checkpoint.ts';
import { type MadeDocument, temporaryFolder, trainDocuments } from '../corpus/made-documents.ts';
import { stage } from '../pipeline/fixtures.ts';
import { inputsOn, madePlan, madeSize, runOn, textFolders } from './made-inputs.ts';

const engine = new OnnxRuntimeEngine({ threads: 1 });
after(() => engine.dispose());

const { clusters, slabs, expertSize } = madePlan.projection;
const shape = { experts: clusters, slabs, expertWidth: expertSize };
const train = trainDocuments(['the owl and the pussycat went to sea', 'in a beautiful pea-green boat']);
const other = (text: string): MadeDocument[] => [
  { text: `held out: ${text}`, split: 'heldout' },
  { text: `stop by: ${text}`, split: 'validation' },
];

/** The weights' file of a projection of one and the same network. */
async function projected(t: TestContext, fit: boolean, documents: readonly MadeDocument[]): Promise<Buffer> {
  const [network, histogram] = [await temporaryFolder(t), await temporaryFolder(t)];
  const weights = initialProjectedWeights(madeSize, shape, 1, undefined, 0.2);
  await writeWeights(join(network, 'model.safetensors'), weights);
  await writeFile(
    join(histogram, 'histogram.json'),
    JSON.stringify(Array.from({ length: clusters }, (_, i) => i)),
  );
  const given = inputsOn(engine);
  const plan = { ...madePlan, projection: { ...madePlan.projection, soft: true, fit } };
  const set = { tokens: 60, seed: 1 };
  const one = projectStage({ ...given, plan }, stage('network'), { histogram: stage('histogram'), set });
  assert.equal('tokens' in one.inputs, fit);
  const text = await textFolders(t, documents);
  const directory = await runOn(t, one, { ...text, network, histogram });
  return readFile(join(directory, 'model.safetensors'));
}

test('a fitted projection is another one, and the same whatever the held-out and validation text', async (t) => {
  const fitted = await projected(t, true, train);
  assert.notDeepEqual(fitted, await projected(t, false, train));
  assert.deepEqual(await projected(t, true, [...train, ...other('one')]), fitted);
  assert.deepEqual(await projected(t, true, [...other('another '.repeat(9)), ...train]), fitted);
});
