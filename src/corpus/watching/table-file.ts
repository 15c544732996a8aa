/** A file in the table of a corpus: how it is labelled, and what was read from it. */
import { type CorpusFile, isLeftOut } from '../documents/corpus-file.ts';
import type { FileContents } from './contents.ts';

export interface TableFile {
  readonly file: CorpusFile;
  /** Whether an entry of the labels file speaks of it. */
  readonly labelled: boolean;
  /** What decides, beside its content, what is read from it. */
  readonly settings: string;
  /** `undefined` while it is unread, and for a file that is left out. */
  readonly contents: FileContents | undefined;
}

/** Whether nothing is left to read: a file that could not be opened is tried again. */
export function wasRead({ contents, file }: TableFile): boolean {
  if (contents === undefined) return isLeftOut(file);
  return contents.skipped.every(({ reason }) => reason !== 'unreadable');
}
