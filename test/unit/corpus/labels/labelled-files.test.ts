import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LabelledFiles } from '../../../../src/corpus/labels/labelled-files.ts';
import type { LabelEntry } from '../../../../src/corpus/labels/labels.ts';
import { findLostLabels } from '../../../../src/corpus/labels/lost-labels.ts';
import { makeFolder } from '../temporary-corpus.ts';

const files = {
  'docs/a.md': 'The text of a.',
  'docs/b.md': 'The text of b.',
  'exam/one.md': 'The first exam.',
  'exam/deep/two.md': 'The second exam.',
  'exam/three.md': 'The third exam.',
};

async function workspace(t: TestContext) {
  const root = await makeFolder(t, files);
  const storage = join(root, '.parlance', 'storage');
  const all = async () =>
    (await readdir(root, { recursive: true, withFileTypes: true }))
      .filter((one) => one.isFile() && one.name.endsWith('.md'))
      .map((one) => join(one.parentPath, one.name))
      .map((path) => ({ path, bytes: statSync(path).size }));
  const move = async (from: string, to: string) => {
    await mkdir(dirname(join(root, to)), { recursive: true });
    await rename(join(root, from), join(root, to));
  };
  const likely = async (memory: LabelledFiles, entries: readonly LabelEntry[]) => {
    const now = await all();
    await memory.look(entries, now);
    const files = now.map(({ path }) => ({ absolute: path }));
    const scope = { root, files, domains: [], otherDomains: new Set<string>() };
    return (await memory.findAgain(await findLostLabels(entries, scope), now)).map((one) => one.likely);
  };
  return { root, storage, move, likely };
}

test('a file that was renamed is found by its content, in this session and in the next', async (t) => {
  const { root, storage, move, likely } = await workspace(t);
  const entries: LabelEntry[] = [{ path: 'docs/a.md', label: 'held-out' }];
  const memory = new LabelledFiles(root, storage, () => true);
  assert.deepEqual(await likely(memory, entries), []);
  await move('docs/a.md', 'other/quite another.md');
  assert.deepEqual(await likely(memory, entries), [['other/quite another.md']]);
  assert.deepEqual(await likely(new LabelledFiles(root, storage, () => true), entries), [
    ['other/quite another.md'],
  ]);
});

test('a folder that was renamed is found by what its files hold, also when some were changed', async (t) => {
  const { root, storage, move, likely } = await workspace(t);
  const entries: LabelEntry[] = [{ glob: 'exam/**', label: 'held-out' }];
  const memory = new LabelledFiles(root, storage, () => true);
  await likely(memory, entries);
  await move('exam', 'tests/final');
  await writeFile(join(root, 'tests/final/three.md'), 'It was written anew.');
  assert.deepEqual(await likely(memory, entries), [['tests/final']]);
});

test('another file of the same content that has a label is no candidate, one of other content is none', async (t) => {
  const { root, storage, likely } = await workspace(t);
  await writeFile(join(root, 'docs/copy.md'), files['docs/a.md']);
  const entries: LabelEntry[] = [
    { path: 'docs/a.md', label: 'held-out' },
    { path: 'docs/copy.md', label: 'excluded' },
  ];
  const memory = new LabelledFiles(root, storage, () => true);
  await likely(memory, entries);
  await rm(join(root, 'docs/a.md'));
  assert.deepEqual(await likely(memory, entries), [[]]);
});

test('nothing is written where the storage may not be used, nor before a label names a file', async (t) => {
  const { root, storage, likely } = await workspace(t);
  const entries: LabelEntry[] = [{ path: 'docs/a.md', label: 'held-out' }];
  await likely(new LabelledFiles(root, storage, () => false), entries);
  await likely(new LabelledFiles(root, storage, () => true), []);
  await assert.rejects(readdir(storage));
});

test('what was kept and cannot be read is no obstacle', async (t) => {
  const { root, storage, likely } = await workspace(t);
  await mkdir(join(storage, 'cache'), { recursive: true });
  const kept = join(storage, 'cache', 'labelled-files.json');
  await writeFile(kept, '{"docs/a.md": 7');
  const entries: LabelEntry[] = [{ path: 'docs/a.md', label: 'held-out' }];
  assert.deepEqual(await likely(new LabelledFiles(root, storage, () => true), entries), []);
  assert.match(await readFile(kept, 'utf8'), /"sha256"/);
});
