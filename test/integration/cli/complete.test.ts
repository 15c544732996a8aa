/** `parlance complete` with a model that a run made. */
import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { finishedWorkspace, jsonLines, parlance } from './micro.ts';

/** The folder of a fine-tuned model. */
async function trainedModel(t: TestContext): Promise<string> {
  const artifacts = join(await finishedWorkspace(t), '.parlance', 'storage', 'artifacts');
  for (const name of await readdir(artifacts)) {
    const manifest: { kind: string } = JSON.parse(
      await readFile(join(artifacts, name, 'artifact.json'), 'utf8'),
    );
    if (manifest.kind === 'fine-tune') return join(artifacts, name);
  }
  throw new Error('no model was trained');
}

const completed = (model: string, ...options: string[]) => parlance('complete', '--model', model, ...options);

test('a text is continued, the same with the same seed, another with another', async (t) => {
  const model = await trainedModel(t);
  const draw = async (seed: string) => (await completed(model, '--seed', seed, '--', 'npm -- ')).stdout;
  const first = await draw('1');
  assert.match(first, /^npm -- .+\n$/s);
  assert.equal(await draw('1'), first);
  assert.notEqual(await draw('2'), first);
});

test('as JSON each token is a line, and the last one says why it ended', async (t) => {
  const model = await trainedModel(t);
  const { stdout } = await completed(model, '--json', '--tokens', '5', '--temperature', '0', 'npm');
  const lines = jsonLines(stdout).map((line) => (line as { type: string }).type);
  assert.deepEqual(lines, ['text', 'text', 'text', 'text', 'text', 'completed']);
});

test('a stop text ends the text before it, and the likeliest of all is the likeliest of one', async (t) => {
  const model = await trainedModel(t);
  const likeliest = (await completed(model, '--temperature', '0', '--', 'npm')).stdout;
  const [, second] = likeliest.slice('npm'.length).trim().split(/\s+/);
  const stopped = await completed(model, '--temperature', '0', '--stop', 'never', '--stop', second, 'npm');
  const at = likeliest.indexOf(second, 'npm'.length);
  assert.equal(stopped.stdout, `${likeliest.slice(0, at)}\n`);
  const one = ['--top-k', '1', '--temperature', '5'];
  assert.equal((await completed(model, ...one, '--', 'npm')).stdout, likeliest);
  const narrow = ['--top-p', '0.0001', '--temperature', '5'];
  assert.equal((await completed(model, ...narrow, '--', 'npm')).stdout, likeliest);
  const penalized = await completed(model, '--temperature', '0', '--repetition-penalty', '5', 'npm');
  assert.notEqual(penalized.stdout, likeliest);
});

test('a prompt longer than the context is cut at its beginning, and that is said', async (t) => {
  const model = await trainedModel(t);
  const { stdout, stderr } = await completed(model, '--tokens', '1', '--', 'install '.repeat(40));
  assert.ok(stdout.startsWith('install install'));
  assert.match(stderr, /^note: The model sees at most 32 tokens; the first \d+ of this text were out of/);
});

test('a folder without a model, weights that do not fit, and settings out of range are refused', async (t) => {
  const model = await trainedModel(t);
  const none = await completed(join(model, 'nothing'), 'a');
  assert.equal(none.code, 2);
  assert.match(none.stderr, /There is no whole model in/);
  for (const bad of [
    ['--temperature', '-1'],
    ['--tokens', '0'],
    ['--seed', '1.5'],
    ['--top-k', '-1'],
    ['--top-p', '0'],
    ['--repetition-penalty', '0.5'],
  ]) {
    assert.equal((await completed(model, ...bad, 'a')).code, 2, bad.join(' '));
  }
  const config = join(model, 'config.json');
  const text = await readFile(config, 'utf8');
  await writeFile(config, text.replace('"hidden_size": 16', '"hidden_size": 32'));
  const misfit = await completed(model, 'a');
  assert.match(misfit.stderr, /cannot be used: "model\.embed_tokens\.weight" is \[\d+, 16\] where/);
  await rm(join(model, 'tokenizer.json'));
  assert.match((await completed(model, 'a')).stderr, /There is no tokenizer at/);
});
