/** The files of a corpus, listed once: what a run reads. The walk itself (source-walk.ts) is shared with the index. */
import type { FileFormat } from './file-types.ts';
import type { SkipReason } from './report.ts';
import { SourceWalk } from './source-walk.ts';
import type { CorpusSource } from './specification.ts';

export interface FoundFile {
  /** Index of the source in the specification. */
  readonly source: number;
  /** Relative to the source, with forward slashes; the file's name when the source is one file. */
  readonly path: string;
  readonly absolute: string;
  readonly format: FileFormat;
  readonly size: number;
  readonly mtimeMs: number;
}

export interface NotRead {
  readonly path: string;
  readonly reason: SkipReason;
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
    notRead.push(...[...walk.notRead.values()].sort(byPath));
  }
  return { files, notRead };
}

/** The order of files within a source: by code units. */
export function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
