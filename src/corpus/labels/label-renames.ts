/**
 * Labels that go along when files and folders get another name or place: the entries of a file and of its passages, and
 * the patterns that begin with the folder. What a pattern from elsewhere said of the text is written down for the new
 * place where nothing speaks of it there, or where text would be trained on that was kept out.
 */

import { HoldingEntries } from './holding-entries.ts';
import { asPattern, globOfFolder } from './label-edits.ts';
import { formatEntry, type LabelEntry, protectsText } from './labels.ts';

/** Paths as labels give them: relative to the folder that holds `.parlance`, with forward slashes. */
export interface Rename {
  readonly from: string;
  readonly to: string;
  /** Of a folder, the paths of its files in it; absent for a file. */
  readonly files?: readonly string[];
}

/** The entries after the renames, which are taken in their order. */
export function followRenames(
  entries: readonly LabelEntry[],
  renames: readonly Rename[],
): readonly LabelEntry[] {
  return renames.reduce(followRename, entries);
}

function followRename(entries: readonly LabelEntry[], rename: Rename): readonly LabelEntry[] {
  const { from, to, files } = rename;
  // A file that lay at the new place was overwritten, and its labels were about its text.
  const left = entries.filter(({ path }) => path !== to);
  const moved = left.map((entry) => ({ ...entry, ...placeAfter(entry, rename) }));
  const [before, after] = [new HoldingEntries(entries), new HoldingEntries(moved)];
  if (files === undefined) return [...moved, ...patternLabels(before, after, from, to)];
  const kept = files.flatMap((file) => patternLabels(before, after, `${from}/${file}`, `${to}/${file}`));
  return [...moved, ...together(kept, files.length, to)];
}

/** Where an entry stands now; nothing when it is about something else. */
function placeAfter({ path, glob }: LabelEntry, { from, to, files }: Rename): Partial<LabelEntry> {
  if (path !== undefined) {
    if (path === from) return { path: to };
    return files !== undefined && path.startsWith(`${from}/`) ? { path: to + path.slice(from.length) } : {};
  }
  if (glob === undefined) return {};
  const start = asPattern(from);
  const isAnchored = glob.replace(/\/$/, '').includes('/');
  const isBelow = glob === start || glob.startsWith(`${start}/`);
  return isAnchored && isBelow ? { glob: asPattern(to) + glob.slice(start.length) } : {};
}

/** The entries that a file needs to be labelled at its new place as patterns labelled it before, for each domain. */
function patternLabels(
  before: HoldingEntries,
  after: HoldingEntries,
  from: string,
  to: string,
): readonly LabelEntry[] {
  const isLabelled = after.ofDomains(to).length > 0;
  const needed = before.ofDomains(from).filter(({ corpus, entry }) => {
    if (entry.glob === undefined) return false;
    if (!protectsText(entry)) return !isLabelled;
    const now = after.of(to, corpus);
    return now === undefined || !protectsText(now);
  });
  return [...new Set(needed.map(({ entry }) => entry))].map(({ label, domain }) => ({
    path: to,
    label,
    ...(domain !== undefined && { domain }),
  }));
}

/** One pattern in place of the entries of all files of a folder, where they say the same. */
function together(kept: readonly LabelEntry[], files: number, folder: string): readonly LabelEntry[] {
  const alike = new Map<string, LabelEntry[]>();
  for (const entry of kept) {
    const { path, ...rest } = entry;
    alike.set(formatEntry(rest), [...(alike.get(formatEntry(rest)) ?? []), entry]);
  }
  return [...alike.values()].flatMap((entries) => {
    const [{ path, ...rest }] = entries;
    return entries.length < Math.max(files, 2) ? entries : [{ ...rest, glob: globOfFolder(folder) }];
  });
}
