/** An older store of the same corpus, from which the documents of unchanged files are taken over unread. */
import { join } from 'node:path';
import { CorruptionError } from '../../common/errors.ts';
import type { Sketches } from '../similarity/sketches.ts';
import { type FileStamp, isUnchanged } from '../sources/found-file.ts';
import { readColumns, readSketches, storeFiles } from './document-store.ts';
import { type Columns, hashBytes, hashOfText } from './document-table.ts';
import { type FileEntry, readFileList } from './file-list.ts';
import { ShardReader } from './text-shards.ts';

export interface KnownFile {
  readonly entry: FileEntry;
  readonly firstRow: number;
}

export interface KnownDocument {
  readonly hash: Uint8Array;
  readonly sketch: Uint32Array;
  readonly record: number;
  readonly standing: number;
  readonly row: number;
}

export class PreviousStore {
  readonly #columns: Columns;
  readonly #sketches: Sketches;
  readonly #files: ReadonlyMap<string, KnownFile>;
  readonly #reader: ShardReader;

  private constructor(
    directory: string,
    columns: Columns,
    sketches: Sketches,
    files: ReadonlyMap<string, KnownFile>,
  ) {
    this.#columns = columns;
    this.#sketches = sketches;
    this.#files = files;
    this.#reader = new ShardReader(directory);
  }

  /** Opens a store for reuse; a damaged, unfinished or missing one is `undefined`: all files are then read. */
  static async open(directory: string): Promise<PreviousStore | undefined> {
    try {
      const columns = await readColumns(directory);
      const sketches = await readSketches(directory, columns.file.length);
      const files = new Map<string, KnownFile>();
      let firstRow = 0;
      for await (const entry of readFileList(join(directory, storeFiles.files))) {
        files.set(fileKey(entry.source, entry.path), { entry, firstRow });
        firstRow += entry.rows;
      }
      return firstRow === columns.file.length
        ? new PreviousStore(directory, columns, sketches, files)
        : undefined;
    } catch (error) {
      if (error instanceof CorruptionError) return undefined;
      throw error;
    }
  }

  /** What is known of a file that has not changed since; one that could not be read is tried again. */
  find(source: string, path: string, stamp: FileStamp, settings: string): KnownFile | undefined {
    const known = this.#files.get(fileKey(source, path));
    if (known === undefined) return undefined;
    const { entry } = known;
    const isSame = isUnchanged(entry, stamp) && entry.settings === settings;
    const wasRead = entry.skipped.every(({ reason }) => reason !== 'unreadable');
    return isSame && wasRead ? known : undefined;
  }

  *documents({ entry, firstRow }: KnownFile): Generator<KnownDocument> {
    const { hash, record, standing } = this.#columns;
    for (let row = firstRow; row < firstRow + entry.rows; row++) {
      yield {
        hash: hash.subarray(row * hashBytes, (row + 1) * hashBytes),
        sketch: this.#sketches.of(row),
        record: record[row],
        standing: standing[row],
        row,
      };
    }
  }

  /** The text of a document. Throws `CorruptionError` where the store was damaged or removed since it was opened. */
  async read({ row, hash }: KnownDocument): Promise<Buffer> {
    const { shard, offset, bytes } = this.#columns;
    const text = await this.#reader.read({ shard: shard[row], offset: offset[row], bytes: bytes[row] });
    if (hashOfText(text).equals(hash)) return text;
    throw new CorruptionError(
      `A text of the older store of the corpus is not as it was written (document ${row}).`,
      'Index the corpus again.',
    );
  }

  close(): Promise<void> {
    return this.#reader.close();
  }
}

function fileKey(source: string, path: string): string {
  return `${source}\0${path}`;
}
