import assert from 'node:assert/strict';
import { chmod, mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { InputError } from '../../../../src/common/errors.ts';
import type { LabelEntry } from '../../../../src/corpus/labels/labels.ts';
import { corpusFingerprint } from '../../../../src/corpus/sources/fingerprint.ts';
import type { CorpusSpecification } from '../../../../src/corpus/sources/specification.ts';
import { indexFolder, labelsText, makeFolder, sentences } from '../temporary-corpus.ts';

const specificationOf = (folder: string): CorpusSpecification => ({
  name: 'demo',
  role: 'domain',
  sources: [{ path: folder }],
  labelsFile: join(folder, 'labels.json'),
  split: { validation: 0.1, heldout: 0.1 },
});

test('the fingerprint follows content, labels and settings, not times or places', async (t) => {
  const files = { 'a.txt': 'one', 'b.txt': 'two' };
  const folder = await makeFolder(t, files);
  const cacheFile = join(await makeFolder(t, {}), 'cache.json');
  const take = (specification = specificationOf(folder)) => corpusFingerprint(specification, { cacheFile });
  const first = await take();
  await utimes(join(folder, 'a.txt'), 1e9, 1e9);
  assert.deepEqual(await take(), first);
  assert.deepEqual(await take(specificationOf(await makeFolder(t, files))), first);
  await writeFile(join(folder, 'a.txt'), 'One');
  const changed = await take();
  assert.notDeepEqual(changed, first);
  await writeFile(join(folder, 'labels.json'), labelsText([{ path: 'a.txt', label: 'held-out' }]));
  const labelled = await take();
  assert.notDeepEqual(labelled, changed);
  assert.notDeepEqual(
    await take({ ...specificationOf(folder), split: { validation: 0.2, heldout: 0.1 } }),
    labelled,
  );
});

test('a label changes the corpora whose files it reaches, and no other', async (t) => {
  const files = { 'law/a.txt': 'one', 'law/b.txt': 'two', 'web/c.txt': 'three', 'med/d.txt': 'four' };
  const folder = await makeFolder(t, files);
  const cacheFile = join(await makeFolder(t, {}), 'cache.json');
  const corpora: CorpusSpecification[] = [
    { ...specificationOf(folder), name: 'law', sources: [{ path: join(folder, 'law') }] },
    { ...specificationOf(folder), name: 'med', sources: [{ path: join(folder, 'med') }] },
    {
      ...specificationOf(folder),
      name: 'generic',
      role: 'generic',
      sources: [{ path: join(folder, 'web') }],
    },
  ];
  const take = () => Promise.all(corpora.map((one) => corpusFingerprint(one, { cacheFile })));
  const unlabelled = await take();
  const changedBy = async (...labels: LabelEntry[]) => {
    await writeFile(join(folder, 'labels.json'), labelsText(labels));
    const now = await take();
    return corpora.flatMap(({ name }, i) => (isDeepStrictEqual(now[i], unlabelled[i]) ? [] : [name]));
  };
  const passage = { quote: 'one', prefix: '', suffix: '', offset: 0 };
  assert.deepEqual(await changedBy({ path: 'law/a.txt', label: 'held-out' }), ['law']);
  assert.deepEqual(await changedBy({ path: 'law/a.txt', label: 'excluded', passage }), ['law']);
  assert.deepEqual(await changedBy({ glob: 'med/**', label: 'held-out' }), ['med']);
  assert.deepEqual(await changedBy({ glob: '*.txt', label: 'excluded' }), ['law', 'med', 'generic']);
  assert.deepEqual(await changedBy({ path: 'web/c.txt', label: 'in-domain', domain: 'law' }), ['generic']);
  assert.deepEqual(await changedBy({ path: 'law/a.txt', label: 'excluded', domain: 'med' }), []);
  // The index tells of a passage whose file is gone.
  assert.deepEqual(await changedBy({ path: 'law/gone.txt', label: 'held-out', passage }), ['law']);
  // What says no more than what holds anyway is no change.
  assert.deepEqual(await changedBy({ path: 'law/a.txt', label: 'in-domain' }), []);
});

test('without a cache a touched file counts as changed', async (t) => {
  const folder = await makeFolder(t, { 'a.txt': 'one' });
  const first = await corpusFingerprint(specificationOf(folder));
  assert.deepEqual(await corpusFingerprint(specificationOf(folder)), first);
  await utimes(join(folder, 'a.txt'), 1e9, 1e9);
  assert.notDeepEqual(await corpusFingerprint(specificationOf(folder)), first);
});

test('other content of the same size and modification time is another corpus, with and without a cache', async (t) => {
  const folder = await makeFolder(t, { 'a.txt': 'one two' });
  const cacheFile = join(await makeFolder(t, {}), 'cache.json');
  const take = () =>
    Promise.all([{ cacheFile }, {}].map((options) => corpusFingerprint(specificationOf(folder), options)));
  const write = async (text: string) => {
    await writeFile(join(folder, 'a.txt'), text);
    await utimes(join(folder, 'a.txt'), 0, 0);
  };
  await write('one two');
  const before = await take();
  assert.deepEqual(await take(), before);
  await write('owt eno');
  const after = await take();
  for (const i of [0, 1]) assert.notDeepEqual(after[i], before[i]);
});

test('what git ignores and what is no text come and go without changing a corpus', async (t) => {
  const folder = await makeFolder(t, { '.git/HEAD': '', '.gitignore': 'out/\n*.tmp.md\n', 'a.txt': 'one' });
  const before = await corpusFingerprint(specificationOf(folder));
  await mkdir(join(folder, 'out'));
  await writeFile(join(folder, 'b.tmp.md'), 'two');
  await writeFile(join(folder, 'chart.svg'), '<svg/>');
  await writeFile(join(folder, 'table.csv'), 'method,perplexity');
  assert.deepEqual(await corpusFingerprint(specificationOf(folder)), before);
});

test('a corpus without a file is refused before anything is computed', async (t) => {
  const folder = await makeFolder(t, {});
  await assert.rejects(
    corpusFingerprint(specificationOf(folder)),
    (error) => error instanceof InputError && error.message.includes(`corpus demo in ${folder}`),
  );
});

test('a file that could not be read is read once it can be, though its time and size are the same', async (t) => {
  const texts = Array.from({ length: 5 }, (_, i) => [`${i}.txt`, sentences(i + 1, 50)]);
  const folder = await makeFolder(t, Object.fromEntries(texts));
  const [cache, stores] = [await makeFolder(t, {}), await makeFolder(t, {})];
  for (const path of [cache, stores]) await chmod(path, 0o777);
  await chmod(folder, 0o755);
  const take = () => corpusFingerprint(specificationOf(folder), { cacheFile: join(cache, 'cache.json') });
  const index = (name: string, previous?: string) =>
    indexFolder(t, folder, {}, { directory: join(stores, name), previous });
  await chmod(join(folder, '0.txt'), 0);
  const [before, without] = await withoutRights(async () => [await take(), await index('first')] as const);
  assert.deepEqual(
    without.report.skipped.map(({ reason }) => reason),
    ['unreadable'],
  );
  await chmod(join(folder, '0.txt'), 0o644);
  assert.notDeepEqual(await take(), before);
  assert.deepEqual((await index('second', join(stores, 'first'))).report.skipped, []);
});

/** Nothing is unreadable to root. */
async function withoutRights<Result>(work: () => Promise<Result>): Promise<Result> {
  if (process.getuid?.() !== 0) return work();
  process.seteuid?.(65534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}
