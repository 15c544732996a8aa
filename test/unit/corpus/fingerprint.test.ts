import assert from 'node:assert/strict';
import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { corpusFingerprint } from '../../../src/corpus/documents.ts';
import type { CorpusSpecification } from '../../../src/corpus/specification.ts';
import { labelsText, makeFolder } from './temporary-corpus.ts';

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

test('without a cache a touched file counts as changed', async (t) => {
  const folder = await makeFolder(t, { 'a.txt': 'one' });
  const first = await corpusFingerprint(specificationOf(folder));
  assert.deepEqual(await corpusFingerprint(specificationOf(folder)), first);
  await utimes(join(folder, 'a.txt'), 1e9, 1e9);
  assert.notDeepEqual(await corpusFingerprint(specificationOf(folder)), first);
});
