/** The files of a corpus, listed once: what a run reads. The walk itself (source-walk.ts) is shared with the index. */

import type { SkipReason } from '../documents/report.ts';
import type { FileFormat } from '../reading/file-types.ts';
import { pathMatcher } from './globs.ts';
import { SourceWalk } from './source-walk.ts';
import type { CorpusSource } from './specification.ts';

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

const onlyTold: ReadonlySet<SkipReason> = new Set(['ignored', 'ignored-folder', 'no-match', 'own-output']);

/**
 * Whether something is only to be told and changes no corpus: what git ignores comes and goes with every build, what
 * Parlance writes with every run, and a pattern that matches nothing adds nothing.
 */
export function isOnlyTold({ reason }: NotRead): boolean {
  return onlyTold.has(reason);
}

export interface FileList {
  /** By source, then by path in code-unit order. */
  readonly files: readonly FoundFile[];
  readonly notRead: readonly NotRead[];
}

/**
 * Lists the files of all sources; of each source about `limit` at most. A source that does not exist is an `InputError`.
 */
export async function listFiles(
  sources: readonly CorpusSource[],
  signal?: AbortSignal,
  limit = Number.POSITIVE_INFINITY,
): Promise<FileList> {
  const files: FoundFile[] = [];
  const notRead: NotRead[] = [];
  for (const [index, source] of sources.entries()) {
    const walk = new SourceWalk(index, source, { signal, limit });
    await walk.start();
    for (const file of [...walk.files.values()].sort(byPath)) files.push(file);
    const passed = [...walk.notRead.values()].sort(byPath);
    notRead.push(...passed);
    if (limit === Number.POSITIVE_INFINITY)
      notRead.push(...withoutMatch(source, [...walk.files.values(), ...passed]));
  }
  return { files, notRead };
}

/** The include patterns of a source that ask for none of the paths that were met. */
function withoutMatch({ include }: CorpusSource, met: readonly { readonly path: string }[]): NotRead[] {
  const asking = (include ?? []).filter((pattern) => !pattern.startsWith('!'));
  const empty = asking.filter((pattern) => {
    const matches = pathMatcher([pattern]);
    return !met.some(({ path }) => matches(path));
  });
  return empty.map((path) => ({ path, reason: 'no-match' }));
}

/** The order of files within a source: by code units. */
export function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
