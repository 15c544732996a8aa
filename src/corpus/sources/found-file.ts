/** A file of a corpus as it was found, and what tells whether it changed; and files that are not read. */
import type { SkipReason } from '../documents/report.ts';
import type { FileFormat } from '../reading/file-types.ts';

/** What the file system tells of a file without its content being read. */
export interface FileStamp {
  readonly size: number;
  readonly mtimeMs: number;
  /** When anything about the file last changed; unlike `mtimeMs` no program can set it. */
  readonly ctimeMs: number;
  readonly ino: number;
}

export interface FoundFile extends FileStamp {
  /** Index of the source in the specification. */
  readonly source: number;
  /** Relative to the source, with forward slashes; the file's name when the source is one file. */
  readonly path: string;
  readonly absolute: string;
  /** Its path without links, where that is another one. */
  readonly real?: string;
  readonly format: FileFormat;
}

/**
 * Whether a file certainly holds what it held: size and modification time alone say little, because archives, `cp -p` and
 * `rsync -t` set that time. File systems that number no files, or count times in whole seconds (FAT, some network ones),
 * cannot tell: their files are read again.
 */
export function isUnchanged(before: FileStamp, now: FileStamp): boolean {
  return (
    before.size === now.size &&
    before.mtimeMs === now.mtimeMs &&
    before.ctimeMs === now.ctimeMs &&
    before.ino === now.ino &&
    now.ino !== 0 &&
    now.ctimeMs % 1000 !== 0
  );
}

/** The part of a file's facts that `isUnchanged` compares. */
export function stampOf({ size, mtimeMs, ctimeMs, ino }: FileStamp): FileStamp {
  return { size, mtimeMs, ctimeMs, ino };
}

export interface NotRead {
  readonly path: string;
  readonly reason: SkipReason;
}

const onlyTold: ReadonlySet<SkipReason> = new Set([
  'unsupported',
  'ignored',
  'ignored-folder',
  'no-match',
  'own-output',
]);

/**
 * Whether something is only to be told and changes no corpus: pictures and exported charts are no text, what git ignores
 * comes and goes with every build, what Parlance writes with every run, and a pattern that matches nothing adds nothing.
 */
export function isOnlyTold({ reason }: NotRead): boolean {
  return onlyTold.has(reason);
}
