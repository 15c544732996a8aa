/** Documents and an encoder made for tests: a document's tokens are its UTF-8 bytes, end-of-text is 256. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { sha256 } from '../../../src/common/hash.ts';
import type { Split } from '../../../src/corpus/documents/report.ts';
import type { TokenStore } from '../../../src/corpus/tokens/token-store.ts';
import {
  type DocumentSource,
  type EncodeBatches,
  type TokenizeOptions,
  tokenizeCorpus,
} from '../../../src/corpus/tokens/tokenize.ts';

export interface MadeDocument {
  readonly text: string;
  readonly split: Split;
}

export const END_OF_TEXT = 256;
export const byteTokenizer = { fingerprint: 'bytes', vocabularySize: 257, endOfText: END_OF_TEXT };

export const trainDocuments = (texts: readonly string[]): MadeDocument[] =>
  texts.map((text) => ({ text, split: 'train' }));

export const byteTokens = (text: string): number[] => [...Buffer.from(text), END_OF_TEXT];

export function documentSource(made: readonly MadeDocument[], batch = 3): DocumentSource {
  const records = made.map(({ text, split }, index) => ({
    index,
    id: sha256(text),
    source: `${index}.txt`,
    record: 0,
    split,
    bytes: Buffer.byteLength(text),
  }));
  return {
    count: made.length,
    record: (index) => records[index],
    async *texts(filter = () => true) {
      const wanted = records.filter((record) => filter(record));
      for (let i = 0; i < wanted.length; i += batch) {
        yield wanted.slice(i, i + batch).map((record) => ({ record, text: made[record.index].text }));
      }
    },
  };
}

/** Encodes to bytes, with up to two batches under way, and notes the texts that it was given. */
export function byteEncoder(seen: string[] = []): EncodeBatches {
  return async function* (batches) {
    const underWay: number[][][] = [];
    for await (const batch of batches) {
      seen.push(...batch);
      underWay.push(batch.map((text) => [...Buffer.from(text)]));
      if (underWay.length > 2) yield* underWay.splice(0, 1);
    }
    yield* underWay;
  };
}

/** A folder that is gone after the test. */
export async function temporaryFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A store of made documents that is closed and removed after the test. */
export async function makeStore(
  context: TestContext,
  made: readonly MadeDocument[],
  options: Partial<TokenizeOptions> = {},
): Promise<TokenStore> {
  const directory = options.directory ?? (await temporaryFolder(context));
  const tokenize = { tokenizer: byteTokenizer, directory, ...options };
  const store = await tokenizeCorpus(documentSource(made), byteEncoder(), tokenize);
  context.after(() => store.close());
  return store;
}
