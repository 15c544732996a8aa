/**
 * From documents to a token store. Texts are streamed through an encoder that may work on several batches
 * at once; what it returns is written in the order of the documents. Documents whose content an older store
 * of the same tokenizer holds are copied from it instead of encoded again.
 *
 * Memory: the index (33 bytes a document), one write buffer and the batches under way in the encoder.
 */
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CorruptionError, InterruptedError } from '../../common/errors.ts';
import { explainWriteError, writeFileAtomic } from '../../common/files.ts';
import type { DocumentRecord, DocumentStore } from '../documents/document-store.ts';
import type { Split } from '../documents/report.ts';
import { SPLITS, TokenIndex } from './token-index.ts';
import { type ShardFile, ShardWriter, type TokenBytes } from './token-shards.ts';
import {
  INDEX_FILE,
  MANIFEST_FILE,
  type SplitTotals,
  type TokenManifest,
  TokenStore,
} from './token-store.ts';

/** What is asked of a store of documents; `texts` yields the documents that pass the filter by rising index. */
export type DocumentSource = Pick<DocumentStore, 'count' | 'record' | 'texts'>;

/** Encodes batches of texts, as `encodeDocuments` does; yields the ids of each text, one result a batch, in order. */
export type EncodeBatches = (
  batches: AsyncIterable<readonly string[]>,
) => AsyncIterable<readonly ArrayLike<number>[]>;

interface TokenizerFacts {
  /** Equal for tokenizers that encode every text equally. */
  readonly fingerprint: string;
  readonly vocabularySize: number;
  readonly endOfText: number;
  /** What a model reads before a text; `endOfText` where it is not said. */
  readonly beginOfText?: number;
}

export interface TokenizeProgress {
  /** Documents written so far, and how many of them were copied from the older store. */
  readonly documents: number;
  readonly reused: number;
  readonly totalDocuments: number;
  readonly bytes: number;
  readonly totalBytes: number;
  readonly tokens: number;
}

export interface TokenizeOptions {
  readonly tokenizer: TokenizerFacts;
  /** Where the store is made; an unfinished or older one there is replaced. */
  readonly directory: string;
  /** The folder of an older store; not used when another tokenizer made it, or when it is damaged. */
  readonly previous?: string;
  readonly signal?: AbortSignal;
  /** Called after each batch and once at the end. */
  readonly onProgress?: (progress: TokenizeProgress) => void;
}

const SHARD_BYTES = 64 * 1024 * 1024;
const NOT_REUSED = 0xffffffff;

/** Tokenizes all documents into `options.directory` and opens the store that it made. */
export async function tokenizeCorpus(
  documents: DocumentSource,
  encodeBatches: EncodeBatches,
  options: TokenizeOptions,
): Promise<TokenStore> {
  await clear(options.directory);
  const job = new TokenizeJob(documents, options, await olderStore(options));
  try {
    await job.run(encodeBatches);
  } finally {
    await job.close();
  }
  return TokenStore.open(options.directory);
}

/** What may be copied from: read whole beforehand, since damage that is copied would get a checksum of its own. */
async function olderStore({ previous, tokenizer }: TokenizeOptions): Promise<TokenStore | undefined> {
  if (previous === undefined) return undefined;
  try {
    const store = await TokenStore.open(previous);
    if (store.manifest.tokenizer !== tokenizer.fingerprint) return undefined;
    await store.verify();
    return store;
  } catch (error) {
    if (error instanceof CorruptionError) return undefined;
    throw error;
  }
}

class TokenizeJob {
  readonly #documents: DocumentSource;
  readonly #options: TokenizeOptions;
  readonly #older: TokenStore | undefined;
  readonly #index: TokenIndex;
  /** For each document the document of the older store to copy, or `NOT_REUSED`. */
  readonly #reuse: Uint32Array;
  readonly #tokenBytes: TokenBytes;
  readonly #shards: ShardWriter;
  #written = 0;
  #reused = 0;
  #bytes = 0;
  #totalBytes = 0;

  constructor(documents: DocumentSource, options: TokenizeOptions, older: TokenStore | undefined) {
    this.#documents = documents;
    this.#options = options;
    this.#older = older;
    this.#index = TokenIndex.empty(documents.count);
    this.#reuse = new Uint32Array(documents.count).fill(NOT_REUSED);
    this.#tokenBytes = options.tokenizer.vocabularySize <= 65536 ? 2 : 4;
    this.#shards = new ShardWriter(options.directory, this.#tokenBytes, SHARD_BYTES / this.#tokenBytes);
    this.#describeDocuments();
  }

  async run(encodeBatches: EncodeBatches): Promise<void> {
    const underWay: (readonly DocumentRecord[])[] = [];
    for await (const encoded of encodeBatches(this.#texts(underWay))) {
      await this.#writeBatch(underWay.shift() ?? [], encoded);
      this.#report();
      this.#stopIfAsked();
    }
    await this.#copyUpTo(this.#documents.count);
    await this.#finish();
    this.#report();
  }

  async close(): Promise<void> {
    this.#older?.close();
    await this.#shards.abandon();
  }

  #describeDocuments(): void {
    for (let i = 0; i < this.#documents.count; i++) {
      const record = this.#documents.record(i);
      this.#index.describe(i, record.id, record.bytes, record.split);
      this.#totalBytes += record.bytes;
      this.#reuse[i] = this.#older?.index.findSameContent(this.#index, i) ?? NOT_REUSED;
    }
  }

  /** The texts to encode; the records of the batches that the encoder took are queued in `underWay`. */
  async *#texts(underWay: (readonly DocumentRecord[])[]): AsyncGenerator<readonly string[]> {
    const wanted = (record: DocumentRecord) => this.#reuse[record.index] === NOT_REUSED;
    for await (const batch of this.#documents.texts(wanted)) {
      this.#stopIfAsked();
      underWay.push(batch.map(({ record }) => record));
      yield batch.map(({ text }) => text);
    }
  }

  /** Copies the documents before `end` that are not written yet; all of them must be in the older store. */
  async #copyUpTo(end: number): Promise<void> {
    const older = this.#older;
    if (end < this.#written) throw new Error(`Document ${end} came after document ${this.#written - 1}.`);
    while (this.#written < end) {
      const source = this.#reuse[this.#written];
      if (older === undefined || source === NOT_REUSED) {
        throw new Error(`The text of document ${this.#written} was not read.`);
      }
      this.#reused++;
      await this.#append(older.tokens(source));
      this.#endDocument(older.index.lengths[source]);
      if (this.#written % 1024 === 0) this.#stopIfAsked();
    }
  }

  async #writeBatch(
    records: readonly DocumentRecord[],
    encoded: readonly ArrayLike<number>[],
  ): Promise<void> {
    if (records.length !== encoded.length) {
      throw new Error(`The encoder returned ${encoded.length} results for ${records.length} texts.`);
    }
    for (const [i, tokens] of encoded.entries()) {
      await this.#copyUpTo(records[i].index);
      await this.#append(tokens);
      await this.#append([this.#options.tokenizer.endOfText]);
      this.#endDocument(tokens.length + 1);
    }
  }

  async #append(tokens: ArrayLike<number>): Promise<void> {
    const { vocabularySize } = this.#options.tokenizer;
    for (let i = 0; i < tokens.length; i++) {
      if (!(tokens[i] >= 0 && tokens[i] < vocabularySize)) {
        throw new RangeError(`Token ${tokens[i]} is outside of the vocabulary of ${vocabularySize}.`);
      }
    }
    await this.#shards.append(tokens);
  }

  #endDocument(length: number): void {
    this.#index.lengths[this.#written] = length;
    this.#bytes += this.#index.textBytes[this.#written];
    this.#written++;
  }

  async #finish(): Promise<void> {
    const { directory, tokenizer } = this.#options;
    const { beginOfText = tokenizer.endOfText } = tokenizer;
    const manifest: TokenManifest = {
      format: 'parlance-tokens',
      version: 1,
      tokenizer: tokenizer.fingerprint,
      vocabularySize: tokenizer.vocabularySize,
      endOfText: tokenizer.endOfText,
      ...(beginOfText !== tokenizer.endOfText && { beginOfText }),
      tokenBytes: this.#tokenBytes,
      shardTokens: SHARD_BYTES / this.#tokenBytes,
      shards: [...(await this.#shards.finish())],
      index: await writeIndex(directory, this.#index),
      documents: this.#index.count,
      splits: splitTotals(this.#index),
    };
    await writeFileAtomic(join(directory, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
  }

  #stopIfAsked(): void {
    if (!this.#options.signal?.aborted) return;
    throw new InterruptedError(
      `Tokenizing stopped after ${this.#written} of ${this.#documents.count} documents.`,
      'Run the same command again to tokenize the corpus.',
    );
  }

  #report(): void {
    this.#options.onProgress?.({
      documents: this.#written,
      reused: this.#reused,
      totalDocuments: this.#documents.count,
      bytes: this.#bytes,
      totalBytes: this.#totalBytes,
      tokens: this.#shards.tokens,
    });
  }
}

/** Removes an older or unfinished store, the manifest first, so that a kill in between leaves no half store. */
async function clear(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await rm(join(directory, MANIFEST_FILE), { force: true });
  for (const name of await readdir(directory)) {
    if (name === INDEX_FILE || /^tokens-\d+\.bin$/.test(name)) await rm(join(directory, name));
  }
}

async function writeIndex(directory: string, index: TokenIndex): Promise<ShardFile> {
  const path = join(directory, INDEX_FILE);
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    const file = await open(path, 'w');
    try {
      for (const column of index.serialize()) {
        hash.update(column);
        bytes += column.byteLength;
        await file.writeFile(column);
      }
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw explainWriteError(error, path);
  }
  return { file: INDEX_FILE, bytes, sha256: hash.digest('hex') };
}

function splitTotals(index: TokenIndex): TokenManifest['splits'] {
  const of = (split: Split): SplitTotals => {
    const totals = { documents: 0, tokens: 0, bytes: 0 };
    const code = SPLITS.indexOf(split);
    for (let i = 0; i < index.count; i++) {
      if (index.splits[i] !== code) continue;
      totals.documents++;
      totals.tokens += index.lengths[i];
      totals.bytes += index.textBytes[i];
    }
    return totals;
  };
  return { train: of('train'), validation: of('validation'), heldout: of('heldout') };
}
