/**
 * One stream of tokens in files of equal size. A token is a little-endian unsigned integer of two bytes
 * when the vocabulary allows, else of four. A document may lie across two files; readers see one stream.
 *
 * Reading is by positional reads of exactly the tokens asked for, left to the operating system's cache:
 * a window of 257 tokens takes two microseconds when cached, and no memory is held here.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { CorruptionError } from '../../common/errors.ts';
import { explainWriteError } from '../../common/files.ts';

export type TokenBytes = 2 | 4;

export interface ShardFile {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

const BUFFER_TOKENS = 1 << 20;

type TokenArray = Uint16Array | Uint32Array;
const tokenArray = (tokenBytes: TokenBytes, length: number): TokenArray =>
  tokenBytes === 2 ? new Uint16Array(length) : new Uint32Array(length);

const shardName = (shard: number): string => `tokens-${String(shard).padStart(5, '0')}.bin`;

/** Appends tokens to a new stream in `directory`; holds one buffer of about a million tokens. */
export class ShardWriter {
  readonly #directory: string;
  readonly #shardTokens: number;
  readonly #buffer: TokenArray;
  #buffered = 0;
  #file: FileHandle | undefined;
  #hash = createHash('sha256');
  #inFile = 0;
  #shards: ShardFile[] = [];
  #tokens = 0;

  constructor(directory: string, tokenBytes: TokenBytes, shardTokens: number) {
    this.#directory = directory;
    this.#shardTokens = shardTokens;
    this.#buffer = tokenArray(tokenBytes, Math.min(BUFFER_TOKENS, shardTokens));
  }

  /** Tokens appended so far. */
  get tokens(): number {
    return this.#tokens;
  }

  async append(tokens: ArrayLike<number>): Promise<void> {
    let from = 0;
    while (from < tokens.length) {
      const room = Math.min(this.#buffer.length, this.#shardTokens - this.#inFile) - this.#buffered;
      const count = Math.min(room, tokens.length - from);
      for (let i = 0; i < count; i++) this.#buffer[this.#buffered + i] = tokens[from + i];
      this.#buffered += count;
      from += count;
      if (count === room) await this.#flush();
    }
    this.#tokens += tokens.length;
  }

  /** Writes what is buffered, flushes the last file to the disk and says what was written. */
  async finish(): Promise<readonly ShardFile[]> {
    await this.#flush();
    await this.#closeShard();
    return this.#shards;
  }

  /** Closes the open file, if any; after a failure what was written is left for the caller to remove. */
  async abandon(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  async #flush(): Promise<void> {
    if (this.#buffered === 0) return;
    const path = join(this.#directory, shardName(this.#shards.length));
    try {
      this.#file ??= await open(path, 'w');
      const data = new Uint8Array(this.#buffer.buffer, 0, this.#buffered * this.#buffer.BYTES_PER_ELEMENT);
      this.#hash.update(data);
      await this.#file.writeFile(data);
    } catch (error) {
      throw explainWriteError(error, path);
    }
    this.#inFile += this.#buffered;
    this.#buffered = 0;
    if (this.#inFile === this.#shardTokens) await this.#closeShard();
  }

  async #closeShard(): Promise<void> {
    if (!this.#file) return;
    try {
      await this.#file.sync();
    } catch (error) {
      throw explainWriteError(error, join(this.#directory, shardName(this.#shards.length)));
    }
    await this.abandon();
    const bytes = this.#inFile * this.#buffer.BYTES_PER_ELEMENT;
    this.#shards.push({ file: shardName(this.#shards.length), bytes, sha256: this.#hash.digest('hex') });
    this.#hash = createHash('sha256');
    this.#inFile = 0;
  }
}

/** Random access to a stream of tokens. Files are opened when first needed; `close` closes them. */
export class ShardReader {
  readonly #paths: readonly string[];
  readonly #tokenBytes: TokenBytes;
  readonly #shardTokens: number;
  readonly #descriptors: (number | undefined)[] = [];
  #scratch: TokenArray;

  constructor(paths: readonly string[], tokenBytes: TokenBytes, shardTokens: number) {
    this.#paths = paths;
    this.#tokenBytes = tokenBytes;
    this.#shardTokens = shardTokens;
    this.#scratch = tokenArray(tokenBytes, 1024);
  }

  /** Reads `length` tokens of the stream from `offset` into `target` from `at`. */
  read(offset: number, length: number, target: Int32Array, at: number): void {
    let done = 0;
    while (done < length) {
      const shard = Math.floor((offset + done) / this.#shardTokens);
      const start = offset + done - shard * this.#shardTokens;
      const count = Math.min(length - done, this.#shardTokens - start);
      target.set(this.#readShard(shard, start, count), at + done);
      done += count;
    }
  }

  close(): void {
    for (const descriptor of this.#descriptors) if (descriptor !== undefined) closeSync(descriptor);
    this.#descriptors.length = 0;
  }

  #readShard(shard: number, start: number, count: number): TokenArray {
    if (this.#scratch.length < count) this.#scratch = tokenArray(this.#tokenBytes, count);
    this.#descriptors[shard] ??= openSync(this.#paths[shard], 'r');
    const bytes = new Uint8Array(this.#scratch.buffer);
    const wanted = count * this.#tokenBytes;
    const position = start * this.#tokenBytes;
    let done = 0;
    while (done < wanted) {
      const got = readSync(this.#descriptors[shard], bytes, done, wanted - done, position + done);
      if (got === 0) throw shortened(this.#paths[shard]);
      done += got;
    }
    return this.#scratch.subarray(0, count);
  }
}

function shortened(path: string): CorruptionError {
  return new CorruptionError(
    `${path} became shorter while it was read.`,
    'Remove the folder it is in and run the same command again; the tokens are made again from the text.',
  );
}
