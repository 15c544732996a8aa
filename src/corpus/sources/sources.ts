/** The files of a corpus, listed once: what a run reads. The walk itself (source-walk.ts) is shared with the index. */

import type { FoundFile, NotRead } from './found-file.ts';
import { pathMatcher } from './globs.ts';
import { SourceWalk } from './source-walk.ts';
import type { CorpusSource } from './specification.ts';

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
