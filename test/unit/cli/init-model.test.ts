import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findModels } from '../../../src/experiments/proposal/model-folders.ts';
import { hubServer, llamaFiles } from '../../support/hub-server.ts';
import { enters, talk, textFolder } from '../../support/terminal-talk.ts';

const TEXT = { 'notes/a.md': 60_000, 'notes/b.md': 60_000, 'notes/c.md': 60_000 };
const FILES = llamaFiles(1000);

/** A state folder of the test's own, so that what its user fetched has no part in it. */
async function ownState(t: TestContext): Promise<string> {
  const before = process.env.XDG_STATE_HOME;
  const folder = await mkdtemp(join(tmpdir(), 'parlance-state-'));
  process.env.XDG_STATE_HOME = folder;
  t.after(async () => {
    if (before === undefined) delete process.env.XDG_STATE_HOME;
    else process.env.XDG_STATE_HOME = before;
    await rm(folder, { recursive: true, force: true });
  });
  return join(folder, 'parlance', 'models');
}

async function writeModel(folder: string, without: readonly string[] = []): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(FILES)) {
    if (!without.includes(name)) await writeFile(join(folder, name), content);
  }
}

const experimentIn = async (file: string) => {
  const { name: _, ...experiment } = JSON.parse(await readFile(file, 'utf8'));
  return experiment;
};

test('models are found in the workspace and among those that were fetched: whole ones, of the layout, within bounds', async (t) => {
  const fetched = await ownState(t);
  const root = await textFolder(t, TEXT);
  await writeModel(join(root, 'models', 'one'));
  await writeModel(join(root, 'deep', 'er', 'two'));
  await writeModel(join(root, 'models', 'no-weights'), ['model.safetensors']);
  await writeModel(join(root, 'models', 'no-tokenizer'), ['tokenizer.json']);
  await writeModel(join(root, 'models', 'shards'), ['model.safetensors']);
  await writeFile(join(root, 'models', 'shards', 'model.safetensors.index.json'), '{}');
  for (const hidden of ['.hidden', 'node_modules', 'cut-off.part']) await writeModel(join(root, hidden));
  await writeModel(join(root, 'other'));
  await writeFile(join(root, 'other', 'config.json'), '{"model_type": "gpt2"}');
  await writeModel(join(root, 'damaged'));
  await writeFile(join(root, 'damaged', 'config.json'), '{');
  await writeModel(join(fetched, 'tiny--llama'));
  await writeModel(join(fetched, 'tiny--llama.part'));

  const found = await findModels(root);
  assert.deepEqual(
    found.map(({ name, path }) => [name, path]),
    [
      ['one', 'models/one'],
      ['shards', 'models/shards'],
      ['two', 'deep/er/two'],
      ['tiny/llama', join(fetched, 'tiny--llama')],
    ],
  );
  // The level below the root is looked at, and no more.
  assert.deepEqual(
    (await findModels(root, undefined, 9)).map(({ name }) => name),
    ['tiny/llama'],
  );
});

test('a model that was found is begun with: it is shown with its size, and without generic text more methods remain', async (t) => {
  await ownState(t);
  const root = await textFolder(t, TEXT);
  await writeModel(join(root, 'models', 'one'));
  // The domain, the model, no generic text, preset, methods, sizes, seeds, the end.
  const { file, shown, error } = await talk(root, ['', '2', ...enters(6)]);
  assert.equal(error, undefined, shown);
  assert.deepEqual(await experimentIn(file), {
    preset: 'tiny',
    domains: [{ name: 'notes', sources: [{ path: 'notes' }] }],
    models: { small: { from: 'models/one' } },
    methods: ['slm-nopt', 'slm', 'slm-lora'],
    specialization: { domainTokens: [4096, 'all'] },
  });
  // Of 16 tokens, width 8, 16 in the feed-forward part, and a head of its own.
  const parameters = 2 * 16 * 8 + 4 * 8 * 8 + 3 * 8 * 16 + 3 * 8;
  assert.match(shown, new RegExp(`^ {3}2 {2}one +${parameters} parameters\\n {6}models/one$`, 'm'));
  assert.match(shown, /slm-nopt, slm, slm-lora remain: a pretrained model adapted/);
  assert.match(shown, /last step predicts its memory/);
});

test('going back to from scratch takes the model out again, and what it made possible', async (t) => {
  await ownState(t);
  const root = await textFolder(t, TEXT);
  await writeModel(join(root, 'models', 'one'));
  const { file, shown, error } = await talk(root, ['', '2', 'b', '1', ...enters(5)]);
  assert.equal(error, undefined, shown);
  const { models, methods } = await experimentIn(file);
  assert.deepEqual([models, methods], [undefined, ['slm-nopt']]);
  assert.match(shown, /Only slm-nopt remains/);
});

test('another folder is named; what cannot be used says why, and the question is asked again', async (t) => {
  await ownState(t);
  const root = await textFolder(t, TEXT);
  const outside = await textFolder(t, {});
  await writeModel(join(outside, 'mine'));
  await writeModel(join(outside, 'other'));
  await writeFile(join(outside, 'other', 'config.json'), '{"model_type": "gpt2"}');
  const answers = ['2', join(outside, 'other'), '2', outside, '2', '', '2', join(outside, 'mine'), ''];
  const { file, shown, error } = await talk(root, ['', ...answers, ...enters(6)]);
  assert.equal(error, undefined, shown);
  const { from } = (await experimentIn(file)).models.small;
  assert.equal(join(root, from), join(outside, 'mine'));
  assert.match(shown, /cannot be used: "model_type"/);
  assert.match(shown, /has no config\.json\. Name a Hugging Face folder of the Llama layout/);
});

test('a model of the hub is fetched after both questions of parlance model, and nothing is asked of it before', async (t) => {
  const fetched = await ownState(t);
  const hub = await hubServer(t, FILES);
  const root = await textFolder(t, TEXT);
  const options = { hub: hub.url };
  // No name, no yes, no second yes; then both.
  const before = ['3', '../x', 'b', '3', 'tiny/llama', 'n'];
  const refused = await talk(root, ['', ...before, undefined], options);
  assert.deepEqual(hub.asked, []);
  assert.match(refused.shown, /Write <owner>\/<name>/);
  const declined = await talk(root, ['', '3', 'tiny/llama', 'y', 'n', undefined], options);
  assert.deepEqual(hub.contentOf('model.safetensors'), [], declined.shown);
  await assert.rejects(readdir(fetched), { code: 'ENOENT' });
  const absent = await talk(root, ['', '3', 'tiny/other', 'y', undefined], options);
  assert.match(absent.shown, /has no model tiny\/other, or not for everybody\. Check its name/);

  const { file, shown, error } = await talk(
    root,
    ['', '3', 'tiny/llama', 'y', 'y', '', ...enters(6)],
    options,
  );
  assert.equal(error, undefined, shown);
  const folder = join(fetched, 'tiny--llama');
  assert.deepEqual((await experimentIn(file)).models, { small: { from: folder } });
  assert.ok((await readdir(folder)).includes('model.safetensors'));
  assert.match(shown, /^\* {2}2 {2}tiny\/llama +\d+ parameters/m);
});

test('an experiment with models that is changed keeps what was not asked, and is proposed its own model', async (t) => {
  await ownState(t);
  const root = await textFolder(t, TEXT);
  const small = join(root, 'models', 'one');
  await writeModel(small);
  const file = join(root, 'parlance.json');
  const own = {
    preset: 'tiny',
    domains: [{ name: 'notes', sources: [{ path: 'notes' }] }],
    models: { small: { from: 'models/one', cost: '2e18' }, large: { from: 'models/two' } },
    methods: ['slm'],
  };
  const written = async (experiment: object, answers: readonly string[]) => {
    await writeFile(file, JSON.stringify(experiment));
    const { error, shown } = await talk(root, ['y', ...answers]);
    assert.equal(error, undefined, shown);
    return (await experimentIn(file)).models;
  };
  assert.deepEqual(await written(own, enters(8)), own.models);
  assert.deepEqual(await written(own, ['', '1', ...enters(6)]), { large: own.models.large });
  const sized = { ...own, models: { small: { layers: 1, width: 16, heads: 2, feedForward: 32 } } };
  assert.deepEqual(await written(sized, enters(7)), sized.models);
  assert.deepEqual(await written(sized, ['', '2', ...enters(6)]), { small: { from: 'models/one' } });
  // It went elsewhere.
  await cp(small, join(root, 'moved'), { recursive: true });
  await rm(small, { recursive: true });
  await writeFile(file, JSON.stringify(own));
  const { shown } = await talk(root, ['y', '', undefined]);
  assert.match(shown, /models\/one has no config\.json/);
});
