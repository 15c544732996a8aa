/**
 * A document store on disk: `texts/*.txt` (shards), `files.jsonl`, `documents.bin` (the index), `sketches.bin`
 * and, written last, `report.json`. Described in docs/formats/corpus.md. Only documents that are in a split
 * can be seen from outside; dropped copies stay in the index so that a later run can use them.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CorruptionError } from '../../common/errors.ts';
import type { SketchSet } from '../similarity/near-duplicates.ts';
import { Sketches } from '../similarity/sketches.ts';
import { type Columns, decodeColumns, hashBytes } from './document-table.ts';
import { readFileList } from './file-list.ts';
import { explainMissing } from './incomplete.ts';
import { type CorpusReport, reportSchema, type Split, splits } from './report.ts';
import { ShardReader } from './text-shards.ts';

/** Raised with any change of the files or of what is extracted; older stores are not reused. */
export const storeVersion = 3;

export const storeFiles = {
  files: 'files.jsonl',
  documents: 'documents.bin',
  sketches: 'sketches.bin',
  report: 'report.json',
} as const;

export interface DocumentRecord {
  /** Place in the store's order, from 0. */
  readonly index: number;
  /** First 128 bits of the SHA-256 of the text, in hexadecimal. */
  readonly id: string;
  /** Path relative to the source, for people. */
  readonly source: string;
  /** Line (from 1) of a JSONL file, row (from 0) of a Parquet file, else the how-manieth of its file (from 0). */
  readonly record: number;
  readonly split: Split;
  /** UTF-8 bytes of the text. */
  readonly bytes: number;
}

export interface DocumentText {
  readonly record: DocumentRecord;
  readonly text: string;
}

export type DocumentFilter = (record: DocumentRecord) => boolean;

const batchDocuments = 1024;
const batchBytes = 4 * 1024 * 1024;

export class DocumentStore {
  readonly directory: string;
  readonly report: CorpusReport;
  readonly #columns: Columns;
  readonly #paths: readonly string[];
  /** Rows of the documents that are in a split. */
  readonly #rows: Uint32Array;

  private constructor(directory: string, report: CorpusReport, columns: Columns, paths: readonly string[]) {
    this.directory = directory;
    this.report = report;
    this.#columns = columns;
    this.#paths = paths;
    this.#rows = Uint32Array.from(columns.fate.keys()).filter((row) => columns.fate[row] < splits.length);
  }

  /** Opens a store that is complete. Throws `CorruptionError`. */
  static async open(directory: string): Promise<DocumentStore> {
    const report = await readReport(directory);
    const columns = await readColumns(directory);
    const paths: string[] = [];
    for await (const entry of readFileList(join(directory, storeFiles.files))) paths.push(entry.path);
    return new DocumentStore(directory, report, columns, paths);
  }

  get count(): number {
    return this.#rows.length;
  }

  record(index: number): DocumentRecord {
    const row = this.#rows[index];
    if (row === undefined)
      throw new RangeError(`There is no document ${index}; the store has ${this.count}.`);
    const { hash, file, record, fate, bytes } = this.#columns;
    return {
      index,
      id: Buffer.from(hash.buffer, hash.byteOffset + row * hashBytes, hashBytes).toString('hex'),
      source: this.#paths[file[row]],
      record: record[row],
      split: splits[fate[row]],
      bytes: bytes[row],
    };
  }

  /** Texts in store order, in batches of at most 1024 documents and about 4 MiB. */
  async *texts(filter?: DocumentFilter): AsyncIterable<readonly DocumentText[]> {
    let batch: DocumentText[] = [];
    let held = 0;
    for await (const { record, bytes } of this.contents(filter)) {
      batch.push({ record, text: bytes.toString() });
      held += bytes.length;
      if (batch.length < batchDocuments && held < batchBytes) continue;
      yield batch;
      batch = [];
      held = 0;
    }
    if (batch.length > 0) yield batch;
  }

  /** Texts in store order as they are stored, in UTF-8. */
  async *contents(
    filter?: DocumentFilter,
  ): AsyncIterable<{ readonly record: DocumentRecord; readonly bytes: Buffer }> {
    const { shard, offset, bytes } = this.#columns;
    const reader = new ShardReader(this.directory);
    try {
      for (const [index, row] of this.#rows.entries()) {
        const record = this.record(index);
        if (filter !== undefined && !filter(record)) continue;
        yield {
          record,
          bytes: await reader.read({ shard: shard[row], offset: offset[row], bytes: bytes[row] }),
        };
      }
    } finally {
      await reader.close();
    }
  }

  /** The sketches of the documents of some splits; positions are places in the returned `indices`. */
  async sketches(of: readonly Split[]): Promise<{ readonly set: SketchSet; readonly indices: Uint32Array }> {
    const sketches = await readSketches(this.directory, this.#columns.file.length);
    const indices = Uint32Array.from(this.#rows.keys()).filter((index) =>
      of.includes(splits[this.#columns.fate[this.#rows[index]]]),
    );
    return { set: { sketches, rows: indices.map((index) => this.#rows[index]) }, indices };
  }
}

export async function readColumns(directory: string): Promise<Columns> {
  const path = join(directory, storeFiles.documents);
  return decodeColumns(await readStored(path), path);
}

/** The sketches of all rows. */
export async function readSketches(directory: string, rows: number): Promise<Sketches> {
  const path = join(directory, storeFiles.sketches);
  return Sketches.decode(await readStored(path), rows, path);
}

async function readReport(directory: string): Promise<CorpusReport> {
  const path = join(directory, storeFiles.report);
  try {
    return reportSchema.parse(JSON.parse((await readStored(path)).toString()));
  } catch (error) {
    if (error instanceof CorruptionError) throw error;
    throw new CorruptionError(
      `${path} is damaged or was written by another version.`,
      'Index the corpus again.',
      error,
    );
  }
}

async function readStored(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw explainMissing(error, path);
  }
}
