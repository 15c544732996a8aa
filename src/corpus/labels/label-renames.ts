/**
 * Labels that go along when files and folders get another name or place: the entries of a file and of its passages, and
 * the patterns that begin with the folder. What a pattern from elsewhere said of the text is written down for the new
 * place where nothing speaks of it there, or where text would be trained on that was kept out.
 */
import { pathMatcher } from '../sources/globs.ts';
import { asPattern, globOfFolder } from './label-edits.ts';
import { formatEntry, type LabelEntry } from './labels.ts';
import { protectsText } from './lost-labels.ts';

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
  if (files === undefined) return [...moved, ...patternLabel(entries, moved, from, to)];
  const kept = files.flatMap((file) => patternLabel(entries, moved, `${from}/${file}`, `${to}/${file}`));
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

/** The entry that a file needs to be labelled at its new place as a pattern labelled it before. */
function patternLabel(
  before: readonly LabelEntry[],
  after: readonly LabelEntry[],
  from: string,
  to: string,
): LabelEntry[] {
  const hasOwn = before.some(({ path, passage }) => path === from && passage === undefined);
  const old = hasOwn ? undefined : lastGlob(before, from);
  const now = lastGlob(after, to);
  if (old === undefined || (now !== undefined && (!protectsText(old) || protectsText(now)))) return [];
  return [{ path: to, label: old.label, ...(old.domain !== undefined && { domain: old.domain }) }];
}

/** One pattern in place of the entries of all files of a folder, where they say the same. */
function together(kept: readonly LabelEntry[], files: number, folder: string): readonly LabelEntry[] {
  const [first] = kept;
  const said = new Set(kept.map(({ path, ...rest }) => formatEntry(rest)));
  if (kept.length < files || kept.length < 2 || said.size > 1) return kept;
  const { path, ...rest } = first;
  return [{ ...rest, glob: globOfFolder(folder) }];
}

function lastGlob(entries: readonly LabelEntry[], path: string): LabelEntry | undefined {
  return entries.findLast(({ glob }) => glob !== undefined && pathMatcher([glob])(path));
}
