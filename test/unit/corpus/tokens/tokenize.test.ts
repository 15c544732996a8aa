import assert from 'node:assert/strict';
import { readdir, readFile, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { CorruptionError, InterruptedError } from '../../../../src/common/errors.ts';
import { TokenStore } from '../../../../src/corpus/tokens/token-store.ts';
import { type TokenizeProgress, tokenizeCorpus } from '../../../../src/corpus/tokens/tokenize.ts';
import {
  byteEncoder,
  byteTokenizer,
  byteTokens,
  documentSource,
  type MadeDocument,
  makeStore,
  temporaryFolder,
  trainDocuments,
} from '../made-documents.ts';

const MIXED: MadeDocument[] = [
  { text: 'A barn owl.', split: 'train' },
  { text: 'Größe', split: 'heldout' },
  { text: 'x', split: 'train' },
  { text: 'to stop by', split: 'validation' },
];

/** The bytes of every file of a store but the manifest. */
async function contents(directory: string): Promise<Record<string, string>> {
  const files = (await readdir(directory)).filter((name) => name.endsWith('.bin')).sort();
  const read = files.map(async (name) => [name, (await readFile(join(directory, name))).toString('hex')]);
  return Object.fromEntries(await Promise.all(read));
}

test('stores the tokens of each document followed by end-of-text, with totals for each split', async (t) => {
  const store = await makeStore(t, MIXED);
  for (const [i, { text, split }] of MIXED.entries()) {
    assert.deepEqual([...store.tokens(i)], byteTokens(text));
    assert.equal(store.split(i), split);
  }
  assert.deepEqual(store.totals('train'), { documents: 2, tokens: 14, bytes: 12 });
  assert.deepEqual(store.totals('heldout'), { documents: 1, tokens: 8, bytes: 7 });
  assert.deepEqual(store.totals('validation'), { documents: 1, tokens: 11, bytes: 10 });
});

test('any documents come back as they were encoded, whatever part of them is read', async (t) => {
  const texts = fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(texts, fc.nat(), fc.nat(), async (made, first, last) => {
      const store = await makeStore(t, trainDocuments(made));
      for (const [i, text] of made.entries()) {
        const expected = byteTokens(text);
        const from = first % expected.length;
        const length = last % (expected.length - from + 1);
        const target = new Int32Array(length + 2).fill(-1);
        store.read(i, { from, length }, target, 1);
        assert.deepEqual([...target], [-1, ...expected.slice(from, from + length), -1]);
      }
    }),
    { numRuns: 30 },
  );
});

test('a vocabulary beyond 65536 is stored in four bytes a token, without loss', async (t) => {
  const tokenizer = { fingerprint: 'large', vocabularySize: 100_000, endOfText: 99_999 };
  const store = await tokenizeCorpus(
    documentSource(trainDocuments(['any text'])),
    async function* (batches) {
      for await (const batch of batches) yield batch.map(() => [70_000, 0, 65_536]);
    },
    { tokenizer, directory: await temporaryFolder(t) },
  );
  t.after(() => store.close());
  assert.deepEqual([...store.tokens(0)], [70_000, 0, 65_536, 99_999]);
});

test('documents that an older store holds are copied, and the store is the same as one made afresh', async (t) => {
  const older = await makeStore(t, MIXED);
  const now: MadeDocument[] = [
    { text: 'new at the front', split: 'train' },
    { text: 'x', split: 'heldout' },
    { text: 'Größe', split: 'train' },
    { text: 'new in the middle', split: 'train' },
    { text: 'A barn owl.', split: 'train' },
  ];
  const seen: string[] = [];
  let last: TokenizeProgress | undefined;
  const directory = await temporaryFolder(t);
  const onProgress = (progress: TokenizeProgress) => {
    last = progress;
  };
  const options = { tokenizer: byteTokenizer, directory, previous: older.directory, onProgress };
  const store = await tokenizeCorpus(documentSource(now), byteEncoder(seen), options);
  t.after(() => store.close());
  assert.deepEqual(seen, ['new at the front', 'new in the middle']);
  assert.equal(last?.reused, 3);
  assert.equal(last?.documents, 5);
  assert.equal(last?.bytes, last?.totalBytes);
  const fresh = await makeStore(t, now);
  assert.deepEqual(await contents(directory), await contents(fresh.directory));
  assert.deepEqual(store.manifest, fresh.manifest);
});

test('nothing is copied from a store that is damaged, and one that is copied from is closed', async (t) => {
  const close = t.mock.method(TokenStore.prototype, 'close');
  const change = async (path: string) => {
    const data = await readFile(path);
    data[0] ^= 1;
    await writeFile(path, data);
  };
  for (const damaged of [undefined, 'tokens-00000.bin', 'tokens-index.bin']) {
    const previous = (await makeStore(t, MIXED)).directory;
    if (damaged !== undefined) await change(join(previous, damaged));
    const seen: string[] = [];
    const options = { tokenizer: byteTokenizer, directory: await temporaryFolder(t), previous };
    const store = await tokenizeCorpus(documentSource(MIXED), byteEncoder(seen), options);
    t.after(() => store.close());
    assert.equal(seen.length, damaged === undefined ? 0 : MIXED.length, damaged);
    assert.deepEqual([...store.tokens(0)], byteTokens(MIXED[0].text));
    const isClosed = close.mock.calls.some(
      ({ this: one }) => one instanceof TokenStore && one.directory === previous,
    );
    assert.equal(isClosed, damaged === undefined);
  }
});

test('nothing is copied from a store that another tokenizer made', async (t) => {
  const older = await makeStore(t, MIXED, { tokenizer: { ...byteTokenizer, fingerprint: 'other' } });
  const seen: string[] = [];
  const options = {
    tokenizer: byteTokenizer,
    directory: await temporaryFolder(t),
    previous: older.directory,
  };
  const store = await tokenizeCorpus(documentSource(MIXED), byteEncoder(seen), options);
  t.after(() => store.close());
  assert.equal(seen.length, MIXED.length);
});

test('a missing, truncated or altered file is named when the store is opened', async (t) => {
  const damages: Record<string, (path: string) => Promise<void>> = {
    'tokens-00000.bin': (path) => truncate(path, 10),
    'tokens-index.bin': async (path) => {
      const data = await readFile(path);
      data[0] ^= 1;
      await writeFile(path, data);
    },
    'tokens.json': (path) => truncate(path, 40),
  };
  for (const [name, damage] of Object.entries(damages)) {
    for (const harm of [damage, unlink]) {
      const { directory } = await makeStore(t, MIXED);
      await harm(join(directory, name));
      await assert.rejects(TokenStore.open(directory), (error) => {
        assert.ok(error instanceof CorruptionError);
        assert.match(error.message, new RegExp(name));
        assert.match(error.hint, /made again/);
        return true;
      });
    }
  }
});

test('verifying finds a flipped bit in a shard, and nothing in a sound store', async (t) => {
  const store = await makeStore(t, MIXED);
  await store.verify();
  const path = join(store.directory, 'tokens-00000.bin');
  const data = await readFile(path);
  data[5] ^= 4;
  await writeFile(path, data);
  await assert.rejects(store.verify(), CorruptionError);
});

test('stopping leaves no store that could be taken for a whole one; running again makes it', async (t) => {
  const directory = await temporaryFolder(t);
  await makeStore(t, MIXED, { directory });
  const stop = new AbortController();
  const options = {
    tokenizer: byteTokenizer,
    directory,
    signal: stop.signal,
    onProgress: () => stop.abort(),
  };
  const many = trainDocuments(Array.from({ length: 100 }, (_, i) => `document ${i}`));
  await assert.rejects(tokenizeCorpus(documentSource(many), byteEncoder(), options), InterruptedError);
  await assert.rejects(TokenStore.open(directory), CorruptionError);
  const store = await makeStore(t, many, { directory });
  assert.deepEqual([...store.tokens(99)], byteTokens('document 99'));
});

test('a token outside of the vocabulary is refused instead of stored as another one', async (t) => {
  const tokenizer = { ...byteTokenizer, vocabularySize: 100 };
  await assert.rejects(makeStore(t, MIXED, { tokenizer }), /outside of the vocabulary/);
});

test('an encoder that loses a text is found', async (t) => {
  const losing = tokenizeCorpus(
    documentSource(MIXED),
    async function* (batches) {
      for await (const batch of batches) yield batch.slice(1).map(() => [7]);
    },
    { tokenizer: byteTokenizer, directory: await temporaryFolder(t) },
  );
  await assert.rejects(losing, /results for/);
});

test('an empty corpus gives an empty store', async (t) => {
  const store = await makeStore(t, []);
  assert.equal(store.documents, 0);
  assert.deepEqual(store.totals('train'), { documents: 0, tokens: 0, bytes: 0 });
});
