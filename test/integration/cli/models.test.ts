/** `parlance models` after a run: the same models, order and words as its answer. */
import assert from 'node:assert/strict';
import { appendFile, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { finishedWorkspace, jsonLines, makeWorkspace, parlance } from './micro.ts';

test('the models of a run are listed, the one to use first, each with a folder that holds it', async (t) => {
  const folder = await finishedWorkspace(t);
  const { code, stdout, stderr } = await parlance('models', folder, '--json');
  assert.equal(code, 0, stderr);
  const models = jsonLines(stdout);
  const run = jsonLines((await parlance('run', folder, '--json')).stdout);
  const measured = run.filter(({ type }) => type === 'measurement').map(({ measurement }) => measurement);
  const perplexities = (all: readonly unknown[]) =>
    (all as { perplexity: number }[]).map(({ perplexity }) => perplexity).sort();
  assert.deepEqual(perplexities(models), perplexities(measured));
  const report = (await parlance('report', folder)).stdout.trim().replace(/html$/, 'json');
  const { answers }: { answers: { view: string; method: string }[] } = JSON.parse(
    await readFile(report, 'utf8'),
  );
  assert.deepEqual([models[0].standing, models[0].method], ['chosen', answers[0].method]);
  for (const { folder: own } of models) {
    const files = await readdir(String(own));
    assert.ok(files.includes('config.json') && files.includes('model.safetensors'), String(own));
  }
  const text = (await parlance('models', folder)).stdout;
  const [first] = text.match(/^ +[\d.]+ {2}.*$/m) ?? [];
  assert.match(first ?? '', / · use this/);
  assert.ok(text.includes(`\n          ${models[0].folder}\n`), text);
});

test('models that were cleaned away are not listed, and a damaged log hides no other run', async (t) => {
  const folder = await finishedWorkspace(t);
  const storage = join(folder, '.parlance', 'storage');
  const [first, ...others] = jsonLines((await parlance('models', folder, '--json')).stdout);
  await rm(join(String(first.folder)), { recursive: true });
  const left = jsonLines((await parlance('models', folder, '--json')).stdout);
  assert.deepEqual(
    left.map((one) => one.folder),
    others.map((one) => one.folder).filter((one) => one !== first.folder),
  );
  const [run] = await readdir(join(storage, 'runs'));
  await appendFile(join(storage, 'runs', run, 'events.jsonl'), 'no JSON\n');
  assert.match((await parlance('models', folder)).stdout, new RegExp(`The log of run ${run} is damaged`));
});

test('before the first run it says what to do', async (t) => {
  const folder = await makeWorkspace(t);
  const { code, stdout } = await parlance('models', folder);
  assert.equal(code, 0);
  assert.match(stdout, /There is no model yet; run: .*run /);
});
