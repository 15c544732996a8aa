/** What a file held when it was last read. */
import { createHash } from 'node:crypto';
import { hashBytes } from '../documents/document-table.ts';
import type { FileEntry } from '../documents/file-list.ts';
import type { Label } from '../labels/labels.ts';
import type { TextTable } from './texts.ts';

export interface FileContents {
  /** Rows of the table of texts, in the order of the file. */
  readonly rows: readonly number[];
  /** For each row 0 when its file's label holds, 1 for a member and 2 for a held-out passage. */
  readonly standings: readonly number[];
  /** Labelled passages that are no part of the corpus. */
  readonly leftOut: readonly { readonly row: number; readonly label: Label }[];
  readonly skipped: FileEntry['skipped'];
  readonly lost: FileEntry['lost'];
}

/** The first 128 bits of the SHA-256 of a text, one character a byte: the shortest string that V8 can hold. */
export function contentHash(text: Uint8Array): string {
  return createHash('sha256').update(text).digest().toString('latin1', 0, hashBytes);
}

/** Gives back the references of contents that no file holds any more. */
export function releaseContents(contents: FileContents | undefined, texts: TextTable): void {
  if (contents === undefined) return;
  for (const row of contents.rows) texts.release(row);
  for (const { row } of contents.leftOut) texts.release(row);
}
