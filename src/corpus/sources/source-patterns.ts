/**
 * Which files of a source its patterns ask for, and which of them they name one by one: what a pattern names without
 * wildcards is read although `.gitignore` ignores it or its name begins with a dot. Tools that keep data beside code
 * (DVC, for one) ignore each data file in git, and whoever names such a file wants it.
 */
import { gitPatterns, pathMatcher } from './globs.ts';
import type { CorpusSource } from './specification.ts';

/** An include pattern up to its first wildcard. */
interface Lead {
  readonly segments: readonly string[];
  readonly hasWildcard: boolean;
  /** Matches at any depth, because the pattern is one name. */
  readonly isName: boolean;
}

export class SourcePatterns {
  readonly #included: ((path: string) => boolean) | undefined;
  readonly #excluded: (path: string) => boolean;
  readonly #leads: readonly Lead[];

  constructor({ include, exclude }: Pick<CorpusSource, 'include' | 'exclude'>) {
    this.#included = include && pathMatcher(include);
    this.#excluded = pathMatcher(exclude ?? []);
    this.#leads = (include ?? [])
      .filter((pattern) => !pattern.startsWith('!'))
      .flatMap(gitPatterns)
      .map(leadOf);
  }

  /** Whether a file is asked for by a pattern; `undefined` when no pattern says which files are. */
  includes(path: string): boolean | undefined {
    return this.#included?.(path);
  }

  /** Whether a path is left out by a pattern; that of a folder ends with a slash. */
  excludes(path: string): boolean {
    return this.#excluded(path);
  }

  /** Whether a pattern names this file, or this folder as the way to what it asks for, without a wildcard. */
  names(path: string): boolean {
    const segments = path.split('/');
    return this.#leads.some((lead) =>
      lead.isName
        ? !lead.hasWildcard && segments.at(-1) === lead.segments[0]
        : segments.length <= lead.segments.length && agree(segments, lead.segments),
    );
  }

  /** Whether a folder may hold files that are asked for. */
  mayHold(folder: string): boolean {
    if (this.#included === undefined) return true;
    const segments = folder.split('/');
    return this.#leads.some((lead) => lead.isName || agree(segments, lead.segments));
  }
}

/** Whether two paths are the same as far as both go. */
function agree(a: readonly string[], b: readonly string[]): boolean {
  return a.slice(0, b.length).every((segment, i) => segment === b[i]);
}

function leadOf(pattern: string): Lead {
  const all = pattern.replace(/\/$/, '').split('/');
  const isName = all.length === 1;
  if (all[0] === '') all.shift();
  const wild = all.findIndex((segment) => /(?<!\\)[*?[]/.test(segment));
  const segments = wild < 0 ? all : all.slice(0, wild);
  return {
    segments: segments.map((segment) => segment.replaceAll(/\\(.)/g, '$1')),
    hasWildcard: wild >= 0,
    isName,
  };
}
