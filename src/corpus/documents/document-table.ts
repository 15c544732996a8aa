/**
 * The index of a document store: one row for each document that was extracted, whether it is kept or not (a
 * dropped copy is needed again when its twin's file goes). Columns in typed arrays: 38 bytes a row, so that a million
 * documents take 38 MB and load without parsing; their sketches come beside it (sketches.ts).
 *
 * File `documents.bin`: magic `PDOC`, version and row count (32-bit little-endian), then each column whole.
 */
import { createHash } from 'node:crypto';
import { CorruptionError } from '../../common/errors.ts';
import { Sketches } from '../similarity/sketches.ts';

/** Bytes of a content hash. */
export const hashBytes = 16;

/** What a text is known by: the first 128 bits of its SHA-256. */
export function hashOfText(text: Uint8Array): Buffer {
  return createHash('sha256').update(text).digest().subarray(0, hashBytes);
}

/** What a row's text is in the corpus. */
export const fates = ['train', 'validation', 'heldout', 'exact-duplicate', 'near-duplicate'] as const;

export interface Columns {
  readonly hash: Uint8Array;
  /** The file's place in `files.jsonl`. */
  readonly file: Uint32Array;
  readonly record: Uint32Array;
  readonly shard: Uint32Array;
  readonly offset: Uint32Array;
  readonly bytes: Uint32Array;
  /** Standing of the document: 0 its file's, 1 member, 2 held out. */
  readonly standing: Uint8Array;
  /** Index into `fates`. */
  readonly fate: Uint8Array;
}

const magic = 0x434f4450;
const version = 1;
const headerBytes = 12;
const wideColumns = ['file', 'record', 'shard', 'offset', 'bytes'] as const;
const narrowColumns = ['standing', 'fate'] as const;
const rowBytes = hashBytes + wideColumns.length * 4 + narrowColumns.length;

export function makeColumns(rows: number): Columns {
  const wide = () => new Uint32Array(rows);
  return {
    hash: new Uint8Array(rows * hashBytes),
    file: wide(),
    record: wide(),
    shard: wide(),
    offset: wide(),
    bytes: wide(),
    standing: new Uint8Array(rows),
    fate: new Uint8Array(rows),
  };
}

function columnViews(columns: Columns): readonly (Uint8Array | Uint32Array)[] {
  const { hash, file, record, shard, offset, bytes, standing, fate } = columns;
  return [hash, file, record, shard, offset, bytes, standing, fate];
}

/** A table that grows; also finds rows of equal content. */
export class DocumentTableBuilder {
  count = 0;
  /** Of all rows. */
  readonly sketches = new Sketches();
  #columns = makeColumns(1024);
  /** Rows by their content hash, open addressing; -1 is free. Only the first row of each content. */
  #byHash = new Int32Array(4096).fill(-1);
  #unique = 0;

  /** Valid until the next `add`. */
  get columns(): Columns {
    return this.#columns;
  }

  /** Adds a row with its hash and all else zero; returns its index and the first row of the same content. */
  add(hash: Uint8Array): { readonly row: number; readonly first: number } {
    if (this.count === this.#columns.file.length) this.#grow();
    const row = this.count++;
    this.#columns.hash.set(hash, row * hashBytes);
    const slot = this.#slot(row);
    const known = this.#byHash[slot];
    if (known >= 0) return { row, first: known };
    this.#byHash[slot] = row;
    if (++this.#unique * 2 > this.#byHash.length) this.#rehash();
    return { row, first: row };
  }

  /** The first row with the same content as a row. */
  firstOf(row: number): number {
    return this.#byHash[this.#slot(row)];
  }

  /** The columns cut to the rows there are. */
  finish(): Columns {
    const result = makeColumns(this.count);
    const from = columnViews(this.#columns);
    for (const [i, view] of columnViews(result).entries()) view.set(from[i].subarray(0, view.length));
    return result;
  }

  #grow(): void {
    const rows = Math.ceil(this.count * 1.5);
    const grown = makeColumns(rows);
    const old = columnViews(this.#columns);
    for (const [i, view] of columnViews(grown).entries()) view.set(old[i]);
    this.#columns = grown;
  }

  #rehash(): void {
    const old = this.#byHash;
    this.#byHash = new Int32Array(old.length * 2).fill(-1);
    for (const row of old) if (row >= 0) this.#byHash[this.#slot(row)] = row;
  }

  #slot(row: number): number {
    const { hash } = this.#columns;
    const start = row * hashBytes;
    const mask = this.#byHash.length - 1;
    let slot =
      (hash[start] | (hash[start + 1] << 8) | (hash[start + 2] << 16) | (hash[start + 3] << 24)) & mask;
    for (; ; slot = (slot + 1) & mask) {
      const other = this.#byHash[slot];
      if (other < 0 || sameHash(hash, start, other * hashBytes)) return slot;
    }
  }
}

function sameHash(hashes: Uint8Array, a: number, b: number): boolean {
  for (let i = 0; i < hashBytes; i++) if (hashes[a + i] !== hashes[b + i]) return false;
  return true;
}

/** The bytes of `documents.bin`. */
export function encodeColumns(columns: Columns): Uint8Array {
  const rows = columns.file.length;
  const bytes = new Uint8Array(headerBytes + rows * rowBytes);
  new Uint32Array(bytes.buffer, 0, 3).set([magic, version, rows]);
  let at = headerBytes;
  for (const view of columnViews(columns)) {
    bytes.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), at);
    at += view.byteLength;
  }
  return bytes;
}

/** Reads `documents.bin`; `path` is for messages. Throws `CorruptionError`. */
export function decodeColumns(bytes: Uint8Array, path: string): Columns {
  const header = new DataView(bytes.buffer, bytes.byteOffset, Math.min(headerBytes, bytes.length));
  const isWhole =
    bytes.length >= headerBytes &&
    header.getUint32(0, true) === magic &&
    header.getUint32(4, true) === version &&
    bytes.length === headerBytes + header.getUint32(8, true) * rowBytes;
  if (!isWhole) {
    throw new CorruptionError(
      `${path} is damaged or was written by another version.`,
      'Index the corpus again.',
    );
  }
  const columns = makeColumns(header.getUint32(8, true));
  let at = headerBytes;
  for (const view of columnViews(columns)) {
    new Uint8Array(view.buffer).set(bytes.subarray(at, at + view.byteLength));
    at += view.byteLength;
  }
  return columns;
}
