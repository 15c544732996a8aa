/**
 * The data of (c): one corpus, cleaned, split, tokenized by Parlance; the same tokens for both sides. The peer reads
 * them as two flat files of uint16; ours reads the token store that they were written from. The tokenizer is trained
 * on the training split alone.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../src/common/errors.ts';
import type { DocumentStore } from '../src/corpus/documents/document-store.ts';
import { indexCorpus } from '../src/corpus/documents/indexing.ts';
import type { Split } from '../src/corpus/documents/report.ts';
import type { TokenStore } from '../src/corpus/tokens/token-store.ts';
import { tokenizeCorpus } from '../src/corpus/tokens/tokenize.ts';
import { selectDocuments } from '../src/corpus/windows/windows.ts';
import { encodeDocuments } from '../src/tokenizer/pool.ts';
import type { Tokenizer } from '../src/tokenizer/tokenizer.ts';
import { trainTokenizer } from '../src/tokenizer/train.ts';

const HELDOUT_SHARE = 0.02;

export interface BenchTokens {
  readonly tokenizer: Tokenizer;
  readonly store: TokenStore;
  /** Training and held-out documents in the order of their content, one after the other, uint16. */
  readonly trainFile: string;
  readonly heldoutFile: string;
  readonly trainTokens: number;
  readonly heldout: Uint16Array;
}

/** `heldoutTokens`: how many are taken from the beginning of the held-out documents. */
export async function prepareTokens(
  corpus: string,
  folder: string,
  vocabularySize: number,
  heldoutTokens: number,
): Promise<BenchTokens> {
  const documents = await indexCorpus(
    {
      name: 'bench',
      role: 'generic',
      sources: [{ path: corpus }],
      split: { validation: 0, heldout: HELDOUT_SHARE },
    },
    { directory: join(folder, 'documents'), signal: new AbortController().signal },
  );
  const tokenizer = await trainTokenizer(trainingTexts(documents), { vocabularySize });
  const store = await tokenize(documents, tokenizer, join(folder, 'tokens'));
  const train = flatTokens(store, 'train');
  const heldout = flatTokens(store, 'heldout').subarray(0, heldoutTokens);
  if (heldout.length < heldoutTokens) {
    throw new InputError(
      `${corpus} has ${heldout.length} held-out tokens; the comparison needs ${heldoutTokens}.`,
      'Give a corpus of more documents: about 10 MB of text is enough.',
    );
  }
  const [trainFile, heldoutFile] = [join(folder, 'train.bin'), join(folder, 'heldout.bin')];
  await writeFile(trainFile, train);
  await writeFile(heldoutFile, heldout);
  return { tokenizer, store, trainFile, heldoutFile, trainTokens: train.length, heldout };
}

function tokenize(documents: DocumentStore, tokenizer: Tokenizer, directory: string): Promise<TokenStore> {
  const { vocabularySize, endOfText } = tokenizer;
  const encode = (batches: AsyncIterable<readonly string[]>) =>
    encodeDocuments(batches, tokenizer, { threads: 1 });
  return tokenizeCorpus(documents, encode, {
    tokenizer: { fingerprint: 'bench', vocabularySize, endOfText },
    directory,
  });
}

async function* trainingTexts(documents: DocumentStore): AsyncGenerator<string> {
  for await (const batch of documents.texts(({ split }) => split === 'train')) {
    for (const { text } of batch) yield text;
  }
}

function flatTokens(store: TokenStore, split: Split): Uint16Array {
  const { documents, tokens } = selectDocuments(store, split);
  const flat = new Uint16Array(tokens);
  let at = 0;
  for (const document of documents) {
    const own = store.tokens(document);
    flat.set(own, at);
    at += own.length;
  }
  return flat;
}
