/**
 * Tokenized documents on disk: a stream of tokens in shards, an index of documents, and `tokens.json`, which
 * is written last and makes the store whole. Each document's tokens are followed by the end-of-text token.
 *
 * Opening checks that every file has its size and the index its checksum; `verify` reads everything. Checking
 * all shards on each opening was left out: it costs a full read of the corpus at the start of every stage.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { CorruptionError, systemErrorCode } from '../../common/errors.ts';
import { sha256 } from '../../common/hash.ts';
import type { Split } from '../documents/report.ts';
import { SPLITS, TokenIndex } from './token-index.ts';
import { type ShardFile, ShardReader } from './token-shards.ts';

export const MANIFEST_FILE = 'tokens.json';
export const INDEX_FILE = 'tokens-index.bin';

const count = z.number().int().nonnegative();
const file = z.object({
  file: z.string().regex(/^tokens-(\d+|index)\.bin$/),
  bytes: count,
  sha256: z.string().length(64),
});
const totals = z.object({ documents: count, tokens: count, bytes: count });

const manifestSchema = z.object({
  format: z.literal('parlance-tokens'),
  version: z.literal(1),
  /** The fingerprint of the tokenizer that made the tokens. */
  tokenizer: z.string(),
  vocabularySize: count,
  endOfText: count,
  /** What stands before a text; stores of tokenizers that add nothing there, and older ones, do not say. */
  beginOfText: count.optional(),
  tokenBytes: z.union([z.literal(2), z.literal(4)]),
  shardTokens: count.min(1),
  shards: z.array(file),
  index: file,
  documents: count,
  splits: z.object({ train: totals, validation: totals, heldout: totals }),
});

export type TokenManifest = z.infer<typeof manifestSchema>;
export type SplitTotals = z.infer<typeof totals>;

/** Tokens of a document: so many from one on. */
export interface TokenRange {
  readonly from: number;
  readonly length: number;
}

export class TokenStore {
  readonly directory: string;
  readonly manifest: TokenManifest;
  readonly index: TokenIndex;
  readonly #reader: ShardReader;

  private constructor(directory: string, manifest: TokenManifest, index: TokenIndex) {
    this.directory = directory;
    this.manifest = manifest;
    this.index = index;
    const paths = manifest.shards.map((shard) => join(directory, shard.file));
    this.#reader = new ShardReader(paths, manifest.tokenBytes, manifest.shardTokens);
  }

  /** Opens a store that `tokenizeCorpus` finished. A missing, truncated or altered file is a CorruptionError. */
  static async open(directory: string): Promise<TokenStore> {
    const manifest = await readManifest(directory);
    for (const shard of [...manifest.shards, manifest.index]) await checkSize(directory, shard);
    const indexPath = join(directory, manifest.index.file);
    const data = await readFile(indexPath);
    if (sha256(data) !== manifest.index.sha256)
      throw damaged(indexPath, 'has not the checksum it was written with');
    const index = TokenIndex.parse(data, manifest.documents, indexPath);
    requireShards(manifest, directory);
    const tokens = manifest.shards.reduce((sum, shard) => sum + shard.bytes, 0) / manifest.tokenBytes;
    if (index.offsets[index.count] !== tokens) {
      throw damaged(
        indexPath,
        `speaks of ${index.offsets[index.count]} tokens where the shards hold ${tokens}`,
      );
    }
    return new TokenStore(directory, manifest, index);
  }

  get documents(): number {
    return this.index.count;
  }

  get endOfText(): number {
    return this.manifest.endOfText;
  }

  /** What a model reads before the first token of a document. */
  get beginOfText(): number {
    return this.manifest.beginOfText ?? this.manifest.endOfText;
  }

  get vocabularySize(): number {
    return this.manifest.vocabularySize;
  }

  /** Documents, tokens and UTF-8 bytes of a split. */
  totals(split: Split): SplitTotals {
    return this.manifest.splits[split];
  }

  split(document: number): Split {
    return SPLITS[this.index.splits[document]];
  }

  /** Reads tokens of a document into `target` at `at`. */
  read(document: number, { from, length }: TokenRange, target: Int32Array, at: number): void {
    if (from + length > this.index.lengths[document]) {
      throw new RangeError(`Document ${document} has no tokens ${from} to ${from + length}.`);
    }
    this.#reader.read(this.index.offsets[document] + from, length, target, at);
  }

  /** All tokens of a document; the last one is the end-of-text token. */
  tokens(document: number): Int32Array {
    const target = new Int32Array(this.index.lengths[document]);
    this.read(document, { from: 0, length: target.length }, target, 0);
    return target;
  }

  /** Reads every shard and compares its checksum; throws a CorruptionError that names the first damaged one. */
  async verify(): Promise<void> {
    for (const shard of this.manifest.shards) {
      const path = join(this.directory, shard.file);
      const hash = createHash('sha256');
      for await (const chunk of createReadStream(path)) hash.update(chunk);
      if (hash.digest('hex') !== shard.sha256)
        throw damaged(path, 'has not the checksum it was written with');
    }
  }

  /** Closes the files; reading afterwards opens them again. */
  close(): void {
    this.#reader.close();
  }
}

/** All shards but the last are full: a token's place follows from its number. */
function requireShards({ shards, shardTokens, tokenBytes }: TokenManifest, directory: string): void {
  const full = shardTokens * tokenBytes;
  const odd = shards.find(({ bytes }, i) =>
    i < shards.length - 1 ? bytes !== full : bytes > full || bytes % tokenBytes !== 0,
  );
  if (odd) throw damaged(join(directory, odd.file), `has ${odd.bytes} bytes where a full one has ${full}`);
}

async function readManifest(directory: string): Promise<TokenManifest> {
  const path = join(directory, MANIFEST_FILE);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
    throw damaged(path, 'is missing: the tokens were not written to the end', error);
  }
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (error) {
    throw damaged(path, 'is not a token manifest of this version', error);
  }
}

async function checkSize(directory: string, expected: ShardFile): Promise<void> {
  const path = join(directory, expected.file);
  let size: number;
  try {
    size = (await stat(path)).size;
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
    throw damaged(path, 'is missing', error);
  }
  if (size !== expected.bytes) throw damaged(path, `has ${size} bytes instead of ${expected.bytes}`);
}

function damaged(path: string, what: string, cause?: unknown): CorruptionError {
  return new CorruptionError(
    `${path} ${what}.`,
    'Remove the folder it is in and run the same command again; the tokens are made again from the text.',
    cause,
  );
}
