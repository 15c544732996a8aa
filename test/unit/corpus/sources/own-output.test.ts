/** What Parlance wrote never becomes text of a corpus: real stores, records of runs, reports and saved models. */
import assert from 'node:assert/strict';
import { cp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { corpusFingerprint } from '../../../../src/corpus/sources/fingerprint.ts';
import { MARKDOWN_MARK, markStorage, OUTPUT_MARKER } from '../../../../src/corpus/sources/own-output.ts';
import { SourceWalk } from '../../../../src/corpus/sources/source-walk.ts';
import { listFiles } from '../../../../src/corpus/sources/sources.ts';
import type { CorpusSource } from '../../../../src/corpus/sources/specification.ts';
import { exportModel } from '../../../../src/experiments/export/export.ts';
import { EXPORT_FORMATS } from '../../../../src/experiments/export/formats.ts';
import { writeReport } from '../../../../src/experiments/report/report.ts';
import { saveModel } from '../../../../src/experiments/results/models.ts';
import { createRun } from '../../../../src/experiments/runs/run-writer.ts';
import { CARD_FILE } from '../../../../src/formats/model-folder.ts';
import { runStage } from '../../../../src/pipeline/runner.ts';
import { ArtifactStore } from '../../../../src/pipeline/store.ts';
import { syntheticResults } from '../../../fixtures/results.ts';
import { byteTokenizer } from '../../../support/random-model.ts';
import { modelVariants, saveRandomModel } from '../../../support/random-models.ts';
import { stage } from '../../pipeline/fixtures.ts';
import { allTexts, indexFolder, makeFolder, sentences } from '../temporary-corpus.ts';

const OWN = { 'a.md': sentences(1, 60), 'b.md': sentences(2, 60), 'notes/c.txt': sentences(3, 60) };

/** A storage with an artifact, a record of a run and a cache, as a run leaves it. */
async function makeStorage(storage: string): Promise<void> {
  await markStorage(storage);
  const signal = new AbortController().signal;
  const write = async (context: { readonly directory: string }) =>
    writeFile(join(context.directory, 'texts.txt'), sentences(4, 60));
  await runStage(stage('texts', { run: write }), {
    store: new ArtifactStore(storage),
    signal,
    onEvent: () => undefined,
  });
  const versions = { parlance: '0', node: '', engine: '', platform: '', processor: '', threads: 1 };
  const asked = { title: 'x', configuration: {}, seeds: [1], versions, methods: [], engine: 'auto' };
  (await createRun(storage, asked)).finish('finished');
  await mkdir(join(storage, 'cache'), { recursive: true });
  await writeFile(join(storage, 'cache', 'files.json'), '{}');
}

const modelFiles = {
  'model.safetensors': 'weights',
  'tokenizer.json': '{}',
  'tokenizer_config.json': '{}',
  'config.json': JSON.stringify({
    model_type: 'llama',
    num_hidden_layers: 1,
    hidden_size: 8,
    num_attention_heads: 2,
    intermediate_size: 16,
    max_position_embeddings: 32,
    vocab_size: 300,
    tie_word_embeddings: true,
  }),
};

const namesIn = async (source: CorpusSource) => (await listFiles([source])).files.map(({ path }) => path);

async function assertUnchanged(t: TestContext, add: (folder: string) => Promise<void>): Promise<void> {
  const folder = await makeFolder(t, OWN);
  const specification = {
    name: 'docs',
    role: 'domain' as const,
    sources: [{ path: folder, format: 'text' as const }],
    split: { validation: 0.1, heldout: 0.1 },
  };
  const before = await corpusFingerprint(specification);
  await add(folder);
  assert.deepEqual(await namesIn({ path: folder, format: 'text' }), Object.keys(OWN));
  assert.deepEqual(await corpusFingerprint(specification), before);
}

test('a storage inside of a source changes nothing of the corpus, whatever it is called', async (t) => {
  await assertUnchanged(t, (folder) => makeStorage(join(folder, 'out')));
  await assertUnchanged(t, (folder) => makeStorage(folder));
});

test('a storage that lost its marker is known by what lies in it', async (t) => {
  for (const gone of [[OUTPUT_MARKER], [OUTPUT_MARKER, 'runs'], [OUTPUT_MARKER, 'artifacts']]) {
    await assertUnchanged(t, async (folder) => {
      await makeStorage(join(folder, 'old'));
      for (const name of gone) await rm(join(folder, 'old', name), { recursive: true });
    });
  }
});

test('a single artifact or record that was copied elsewhere is known too', async (t) => {
  const storage = await makeFolder(t, {});
  await makeStorage(storage);
  for (const part of ['artifacts', 'runs']) {
    const [name] = await readdir(join(storage, part));
    await assertUnchanged(t, (folder) =>
      cp(join(storage, part, name), join(folder, 'copy'), { recursive: true }),
    );
  }
});

test('reports and saved models are known wherever they are put', async (t) => {
  await assertUnchanged(
    t,
    async (folder) => void (await writeReport(syntheticResults(), join(folder, 'results'))),
  );
  await assertUnchanged(t, async (folder) => {
    const from = await makeFolder(t, modelFiles);
    await saveModel(from, join(folder, 'model'));
    // As in an export.
    await writeFile(join(folder, 'model', 'generation_config.json'), '{}');
  });
});

for (const format of EXPORT_FORMATS) {
  test(`an exported model with its card is known wherever it is put: ${format}`, async (t) => {
    const from = await makeFolder(t, {});
    await saveRandomModel(from, modelVariants.plain, byteTokenizer);
    const origin = { kind: 'unknown' } as const;
    const request = { folder: from, format, weights: 'f32' as const, title: 'A model', origin };
    await assertUnchanged(t, (folder) =>
      exportModel({ ...request, target: join(folder, 'model'), licence: undefined }),
    );
    const folder = await makeFolder(t, OWN);
    const walk = new SourceWalk(0, { path: folder, format: 'text' });
    await walk.start();
    await exportModel({ ...request, target: join(from, 'out'), licence: undefined });
    // As a copy does that comes to its card last.
    await cp(join(from, 'out'), join(folder, 'model'), {
      recursive: true,
      filter: (path) => basename(path) !== CARD_FILE,
    });
    await walk.visit(join(folder, 'model'));
    await cp(join(from, 'out', CARD_FILE), join(folder, 'model', CARD_FILE));
    await walk.visit(join(folder, 'model', CARD_FILE));
    assert.equal(walk.files.size, Object.keys(OWN).length);
  });
}

test('a file of the user’s beside an exported model is read', async (t) => {
  const folder = await makeFolder(t, { 'README.md': `# A model\n\n${MARKDOWN_MARK}\n`, 'notes.md': 'mine' });
  assert.deepEqual(await namesIn({ path: folder }), ['notes.md']);
});

test('the user’s own files beside the parts of a storage are read', async (t) => {
  const folder = await makeFolder(t, {
    ...OWN,
    'report.json': '{"measurements":[]}',
    'artifacts/d.md': 'mine',
  });
  assert.deepEqual(await namesIn({ path: folder }), ['a.md', 'artifacts/d.md', 'b.md', 'notes/c.txt']);
  await makeStorage(join(folder, 'notes'));
  assert.ok((await namesIn({ path: folder })).includes('notes/c.txt'));
});

test('a report that was copied out of its folder is left out, and that is told', async (t) => {
  const reports = await makeFolder(t, {});
  await writeReport(syntheticResults(), reports);
  for (const [name, changed] of [
    ['report.html', 'page.html'],
    ['report.md', 'results.md'],
  ]) {
    const folder = await makeFolder(t, OWN);
    await cp(join(reports, name), join(folder, changed));
    const store = await indexFolder(t, folder);
    assert.equal((await allTexts(store)).length, Object.keys(OWN).length);
    assert.deepEqual(
      store.report.skipped.map(({ reason, examples }) => [reason, examples]),
      [['own-output', [{ path: changed }]]],
    );
  }
});

test('the editor’s index lets go of a folder once it turns out to be a storage', async (t) => {
  const folder = await makeFolder(t, OWN);
  const elsewhere = await makeFolder(t, {});
  await makeStorage(join(elsewhere, 'storage'));
  await rename(join(elsewhere, 'storage', OUTPUT_MARKER), join(elsewhere, OUTPUT_MARKER));
  await rm(join(elsewhere, 'storage', 'runs'), { recursive: true });
  const [artifact] = await readdir(join(elsewhere, 'storage', 'artifacts'));
  await rm(join(elsewhere, 'storage', 'artifacts', artifact, 'artifact.json'));
  const walk = new SourceWalk(0, { path: folder, format: 'text' });
  await walk.start();
  await rename(join(elsewhere, 'storage'), join(folder, 'out'));
  await walk.visit(join(folder, 'out'));
  assert.ok(walk.files.size > Object.keys(OWN).length);
  await rename(join(elsewhere, OUTPUT_MARKER), join(folder, 'out', OUTPUT_MARKER));
  assert.ok(walk.concerns(join(folder, 'out', OUTPUT_MARKER)));
  await walk.visit(join(folder, 'out', OUTPUT_MARKER));
  assert.equal(walk.files.size, Object.keys(OWN).length);
});
