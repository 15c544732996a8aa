/** Document texts on disk: UTF-8, one after another, in files of about 64 MiB. Written and read forwards. */
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { CorruptionError } from '../../common/errors.ts';
import { explainWriteError } from '../../common/files.ts';
import { explainMissing } from './incomplete.ts';

export const shardBytes = 64 * 1024 * 1024;
const bufferBytes = 4 * 1024 * 1024;

export interface TextPlace {
  readonly shard: number;
  readonly offset: number;
  readonly bytes: number;
}

export function shardPath(directory: string, shard: number): string {
  return join(directory, 'texts', `${String(shard).padStart(5, '0')}.txt`);
}

export class ShardWriter {
  readonly #directory: string;
  #file: FileHandle | undefined;
  #shard = -1;
  #written = 0;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Appends a text; where it went. The bytes must not change afterwards. */
  async append(text: Uint8Array): Promise<TextPlace> {
    const length = this.#written + this.#waitingBytes;
    if (this.#file === undefined || (length > 0 && length + text.length > shardBytes))
      await this.#nextShard();
    const offset = this.#written + this.#waitingBytes;
    this.#waiting.push(text);
    this.#waitingBytes += text.length;
    if (this.#waitingBytes >= bufferBytes) await this.#flush();
    return { shard: this.#shard, offset, bytes: text.length };
  }

  /** Writes what waits, to the disk itself, and closes; may be called again. */
  async close(): Promise<void> {
    await this.#flush();
    await this.#file?.sync();
    await this.#file?.close();
    this.#file = undefined;
  }

  /** Closes without writing what waits, after an error. */
  async abandon(): Promise<void> {
    this.#waiting = [];
    this.#waitingBytes = 0;
    await this.#file?.close();
    this.#file = undefined;
  }

  async #nextShard(): Promise<void> {
    await this.close();
    this.#shard++;
    this.#written = 0;
    const path = shardPath(this.#directory, this.#shard);
    try {
      await mkdir(join(this.#directory, 'texts'), { recursive: true });
      this.#file = await open(path, 'w');
    } catch (error) {
      throw explainWriteError(error, path);
    }
  }

  async #flush(): Promise<void> {
    if (this.#file === undefined || this.#waitingBytes === 0) return;
    try {
      await this.#file.writeFile(Buffer.concat(this.#waiting));
    } catch (error) {
      throw explainWriteError(error, shardPath(this.#directory, this.#shard));
    }
    this.#written += this.#waitingBytes;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}

/** Reads texts; cheap when places come in ascending order. */
export class ShardReader {
  readonly #directory: string;
  #file: FileHandle | undefined;
  #shard = -1;
  #start = 0;
  #held: Buffer = Buffer.alloc(0);

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The bytes of a text; they stay valid and unchanged. */
  async read(place: TextPlace): Promise<Buffer> {
    const end = place.offset + place.bytes;
    const isHeld =
      this.#shard === place.shard && place.offset >= this.#start && end <= this.#start + this.#held.length;
    if (!isHeld) await this.#fill(place);
    return this.#held.subarray(place.offset - this.#start, end - this.#start);
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
    this.#shard = -1;
  }

  async #fill(place: TextPlace): Promise<void> {
    if (this.#shard !== place.shard || this.#file === undefined) {
      await this.close();
      this.#file = await openStored(shardPath(this.#directory, place.shard));
      this.#shard = place.shard;
    }
    const buffer = Buffer.allocUnsafe(Math.max(place.bytes, bufferBytes));
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await this.#file.read(
        buffer,
        filled,
        buffer.length - filled,
        place.offset + filled,
      );
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    if (filled < place.bytes) {
      throw new CorruptionError(
        `${shardPath(this.#directory, place.shard)} is shorter than its index says.`,
        'Index the corpus again.',
      );
    }
    this.#start = place.offset;
    this.#held = buffer.subarray(0, filled);
  }
}

async function openStored(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (error) {
    throw explainMissing(error, path);
  }
}

/** Writes a file and flushes it to the disk. */
export async function writeFlushed(path: string, data: Uint8Array | Uint16Array): Promise<void> {
  try {
    const file = await open(path, 'w');
    try {
      await file.writeFile(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw explainWriteError(error, path);
  }
}
