/** Texts that a user names against the same files indexed as a corpus. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type GivenText, GivenTexts } from '../../../../src/corpus/documents/given-texts.ts';
import { allTexts, indexFolder, makeFolder, sentences } from '../temporary-corpus.ts';

const files = {
  'plain.txt': '\ufeffGröße\r\nzwei\r\n',
  'deep/page.html': '<html><body><p>Soup &amp; salt</p><script>no()</script></body></html>',
  'records.jsonl': `{"text":"first ${sentences(1, 30)}"}\n\n{"other":1}\n{"text":"second"}\n`,
  'binary.bin': Uint8Array.of(0, 1, 2),
  'broken.txt': Uint8Array.of(0, 1, 2),
};

async function all(texts: GivenTexts): Promise<GivenText[]> {
  const found = [];
  for await (const one of texts.texts()) found.push(one);
  return found;
}

test('a folder gives the texts that a corpus of it has, cleaned alike, and tells what it leaves out', async (t) => {
  const folder = await makeFolder(t, files);
  const given = await GivenTexts.list([{ path: folder, name: 'here' }]);
  const texts = await all(given);
  const stored = await allTexts(await indexFolder(t, folder));
  assert.deepEqual(texts.map(({ text }) => text).sort(), stored.map(({ text }) => text).sort());
  assert.equal(
    texts.reduce((sum, { bytes }) => sum + bytes, 0),
    stored.reduce((sum, { record }) => sum + record.bytes, 0),
  );
  assert.deepEqual(
    texts.map(({ name }) => name),
    [
      join('here', 'deep', 'page.html'),
      join('here', 'plain.txt'),
      join('here', 'records.jsonl:1'),
      join('here', 'records.jsonl:4'),
    ],
  );
  assert.deepEqual(
    given.leftOut.map(({ reason, count }) => [reason, count]),
    [
      ['binary', 1],
      ['missing-field', 1],
      ['unsupported', 1],
    ],
  );
});

test('a file is read whatever its name is, and a text that stands twice comes twice', async (t) => {
  const folder = await makeFolder(t, { 'notes.unknown': 'soup', 'copy.txt': 'soup' });
  const paths = ['notes.unknown', 'copy.txt', 'copy.txt'].map((name) => ({ path: join(folder, name), name }));
  const texts = await all(await GivenTexts.list(paths));
  assert.deepEqual(
    texts.map(({ name, text }) => [name, text]),
    [
      ['notes.unknown', 'soup'],
      ['copy.txt', 'soup'],
      ['copy.txt', 'soup'],
    ],
  );
});

test('a long text comes in parts, as in a corpus', async (t) => {
  const text = Array.from({ length: 40 }, (_, i) => sentences(i, 6000)).join('\n\n');
  const folder = await makeFolder(t, { 'long.txt': text });
  const texts = await all(await GivenTexts.list([{ path: join(folder, 'long.txt'), name: 'long.txt' }]));
  assert.deepEqual(
    texts.map(({ name }) => name),
    ['long.txt', 'long.txt, part 2'],
  );
  assert.equal(texts.map((one) => one.text).join(''), text);
});

test('a path that leads nowhere is refused', async () => {
  await assert.rejects(GivenTexts.list([{ path: 'nowhere.txt', name: 'n' }]), {
    name: 'InputError',
    message: /nowhere\.txt cannot be read/,
  });
});
