/** Label entries by what they are about, for badges, lenses and hovers. Globs are matched when a file is asked for. */

import { formatEntry, type LabelEntry } from '../../../corpus/labels/labels.ts';
import { pathMatcher } from '../../../corpus/sources/globs.ts';

interface GlobEntry {
  readonly entry: LabelEntry;
  readonly matches: (path: string) => boolean;
}

export class LabelIndex {
  readonly entries: readonly LabelEntry[];
  readonly #files = new Map<string, LabelEntry[]>();
  readonly #passages = new Map<string, LabelEntry[]>();
  readonly #globs: GlobEntry[] = [];

  constructor(entries: readonly LabelEntry[]) {
    this.entries = entries;
    for (const entry of entries) {
      if (entry.path === undefined) {
        this.#globs.unshift({ entry, matches: pathMatcher([entry.glob ?? '']) });
      } else add(entry.passage === undefined ? this.#files : this.#passages, entry.path, entry);
    }
  }

  /** Whether any entry names the file, alone or by a glob. */
  names(path: string): boolean {
    return this.holding(path).length > 0 || this.#passages.has(path);
  }

  /** The entries that hold for a file as a whole: its own, one for each domain, else the last glob that matches it. */
  holding(path: string): readonly LabelEntry[] {
    const own = this.#files.get(path);
    if (own !== undefined) return own;
    const glob = this.#globs.find(({ matches }) => matches(path));
    return glob === undefined ? [] : [glob.entry];
  }

  /** The passages of a file, in the order of the labels file. */
  passages(path: string): readonly LabelEntry[] {
    return this.#passages.get(path) ?? [];
  }

  filesWithPassages(): readonly string[] {
    return [...this.#passages.keys()];
  }
}

/** The paths whose own entries differ; `undefined` when globs do, which may be about any file. */
export function changedPaths(
  before: readonly LabelEntry[],
  after: readonly LabelEntry[],
): ReadonlySet<string> | undefined {
  const globs = (entries: readonly LabelEntry[]) =>
    entries.filter(({ glob }) => glob !== undefined).map(formatEntry);
  if (globs(before).join('\n') !== globs(after).join('\n')) return undefined;
  const old = new Map(before.map((entry) => [formatEntry(entry), entry.path]));
  const changed = new Set<string>();
  for (const entry of after) {
    if (!old.delete(formatEntry(entry)) && entry.path !== undefined) changed.add(entry.path);
  }
  for (const path of old.values()) if (path !== undefined) changed.add(path);
  return changed;
}

function add(map: Map<string, LabelEntry[]>, path: string, entry: LabelEntry): void {
  const list = map.get(path);
  if (list === undefined) map.set(path, [entry]);
  else list.push(entry);
}
