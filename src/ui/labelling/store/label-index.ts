/** Label entries by what they are about, for badges, lenses and hovers. Globs are matched when a file is asked for. */
import { addTo, HoldingEntries } from '../../../corpus/labels/holding-entries.ts';
import { formatEntry, type LabelEntry } from '../../../corpus/labels/labels.ts';

export class LabelIndex {
  readonly entries: readonly LabelEntry[];
  readonly #holding: HoldingEntries;
  readonly #passages = new Map<string, LabelEntry[]>();

  constructor(entries: readonly LabelEntry[]) {
    this.entries = entries;
    this.#holding = new HoldingEntries(entries);
    for (const entry of entries) {
      if (entry.path !== undefined && entry.passage !== undefined) addTo(this.#passages, entry.path, entry);
    }
  }

  /** Whether any entry names the file, alone or by a glob. */
  names(path: string): boolean {
    return this.holding(path).length > 0 || this.#passages.has(path);
  }

  /** The entries that hold for a file as a whole, as a run takes them: for each domain one. */
  holding(path: string): readonly LabelEntry[] {
    return [...new Set(this.#holding.ofDomains(path).map(({ entry }) => entry))];
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
