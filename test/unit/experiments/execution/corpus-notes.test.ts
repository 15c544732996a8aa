import assert from 'node:assert/strict';
import { test } from 'node:test';
import { corpusNotes, reportOf } from '../../../../src/experiments/execution/corpus-notes.ts';
import { indexFolder, makeFolder, sentences } from '../../corpus/temporary-corpus.ts';

test('a corpus goes by the name that it has now, and what was left out is named with its places', async (t) => {
  const files = Object.fromEntries(Array.from({ length: 4 }, (_, i) => [`${i}.md`, sentences(i, 20)]));
  const folder = await makeFolder(t, { ...files, 'empty.md': ' \n' });
  const directory = await makeFolder(t, {});
  const { report } = await indexFolder(t, folder, {}, { directory });
  const read = await reportOf(directory, 'law');
  assert.deepEqual({ ...read, name: report.name }, report);
  assert.deepEqual(corpusNotes(read), [
    { corpus: 'law', text: 'Left out of law: nothing but white space: 1 (empty.md)' },
  ]);
});
