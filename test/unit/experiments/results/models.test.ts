import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  keptModels,
  measuredModel,
  readModel,
  saveModel,
} from '../../../../src/experiments/results/models.ts';
import { llamaConfiguration } from '../../../../src/formats/llama.ts';
import { fingerprint } from '../../../../src/pipeline/stage.ts';
import { bench, stage } from '../../pipeline/fixtures.ts';

const size = { layers: 1, width: 4, heads: 1, feedForward: 8, context: 16, vocabulary: 10 };
const parameters = 10 * 4 + 4 * 4 * 4 + 3 * 4 * 8 + 3 * 4;

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'models-'));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

function writeModelFiles(at: string): void {
  mkdirSync(at, { recursive: true });
  const configuration = llamaConfiguration(size, { begin: 0, ends: [0] });
  writeFileSync(join(at, 'config.json'), JSON.stringify(configuration));
  writeFileSync(join(at, 'model.safetensors'), 'weights');
  writeFileSync(join(at, 'tokenizer.json'), '{}');
  writeFileSync(join(at, 'tokenizer_config.json'), '{}');
}

test('a model tells its parameters and size; without one of its files it is none', async (t) => {
  const at = folder(t);
  writeModelFiles(at);
  assert.equal((await readModel(at))?.parameters, parameters);
  rmSync(join(at, 'tokenizer.json'));
  assert.equal(await readModel(at), undefined);
});

test('a measurement leads to the model that it evaluated', async (t) => {
  const { run, store } = bench(t);
  const model = stage('model', { run: async ({ directory }) => writeModelFiles(directory) });
  const evaluation = stage('evaluation', { inputs: { model } });
  await run(evaluation);
  const found = await measuredModel(store, { fingerprint: fingerprint(evaluation) });
  assert.equal(found?.folder, store.artifactFolder(fingerprint(model)));
  rmSync(store.artifactFolder(fingerprint(model)), { recursive: true });
  assert.equal(await measuredModel(store, { fingerprint: fingerprint(evaluation) }), undefined);
});

test('a saved model is a folder of exactly the files that other programs read', async (t) => {
  const at = folder(t);
  writeModelFiles(join(at, 'from'));
  writeFileSync(join(at, 'from', 'artifact.json'), '{}');
  const target = join(at, 'to', 'model');
  await saveModel(join(at, 'from'), target);
  assert.deepEqual(readdirSync(target).sort(), [
    'config.json',
    'model.safetensors',
    'tokenizer.json',
    'tokenizer_config.json',
  ]);
  assert.equal(readFileSync(join(target, 'model.safetensors'), 'utf8'), 'weights');
  assert.deepEqual(readdirSync(join(at, 'to')), ['model']);
});

test('nothing that is there is written over, and a model that is not whole is not saved', async (t) => {
  const at = folder(t);
  writeModelFiles(join(at, 'from'));
  mkdirSync(join(at, 'taken'));
  await assert.rejects(saveModel(join(at, 'from'), join(at, 'taken')), /is there already/);
  rmSync(join(at, 'from', 'tokenizer.json'));
  await assert.rejects(saveModel(join(at, 'from'), join(at, 'to')), /no whole model/);
  assert.deepEqual(readdirSync(at).sort(), ['from', 'taken']);
});

test('a copy that breaks off leaves nothing behind', async (t) => {
  const at = folder(t);
  writeModelFiles(join(at, 'from'));
  rmSync(join(at, 'from', 'tokenizer_config.json'));
  // A folder in the place of a file cannot be copied as one.
  mkdirSync(join(at, 'from', 'tokenizer_config.json'));
  writeFileSync(join(at, 'from', 'tokenizer_config.json', 'part'), 'x');
  await assert.rejects(saveModel(join(at, 'from'), join(at, 'to')));
  assert.deepEqual(readdirSync(at), ['from']);
});

test('models of stopped runs are found with what is known of them; unfinished ones are not', async (t) => {
  const at = folder(t);
  const models = join(at, '.parlance', 'models');
  writeModelFiles(join(models, 'slm-1'));
  writeModelFiles(join(models, '.slm-2.tmp'));
  const stopped = {
    format: 1,
    title: 'micro',
    method: 'slm',
    run: 'r1',
    stage: 'pretrain small',
    fingerprint: 'f1',
    stoppedAtStep: 5,
    ofSteps: 10,
    step: 3,
    heldOut: { domain: 'mail', perplexity: 80, bitsPerByte: 1.5 },
  };
  writeFileSync(join(models, 'slm-1', 'stopped-early.json'), JSON.stringify(stopped));
  const kept = await keptModels(join(at, 'parlance.json'));
  assert.deepEqual(
    kept.map(({ folder: path, stopped: facts }) => [path, facts]),
    [[join(models, 'slm-1'), stopped]],
  );
});
