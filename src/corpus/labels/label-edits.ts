/**
 * Changes of a list of label entries, and how each is taken back. A change is worked out on the entries that are there
 * when it is made, and undone on those that are there then: others may have written to the file in between. What is undone is
 * only what the change did; when that is no longer there, undoing is refused rather than guessed.
 */
import { InputError } from '../../common/errors.ts';
import { expandBraces, pathMatcher } from '../sources/globs.ts';
import {
  formatEntry,
  type Label,
  type LabelEntry,
  type PassageAnchor,
  protectsText,
  subjectOf,
} from './labels.ts';

/** What is labelled. Paths and globs are relative to the folder that holds `.parlance`, with forward slashes. */
export type LabelTarget =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'glob'; readonly glob: string }
  | {
      readonly kind: 'passage';
      readonly path: string;
      readonly anchor: PassageAnchor;
      /** Anchors of entries that stand at the same place now; the new entry replaces them. */
      readonly sameAs: readonly PassageAnchor[];
    };

export interface LabelChange {
  readonly entries: readonly LabelEntry[];
  /** The entries that it took away and put there; not those that only got another place. */
  readonly removed: readonly LabelEntry[];
  readonly added: readonly LabelEntry[];
  /** Takes the change back on the entries of a later moment. Throws `InputError` when it no longer applies. */
  undo(entries: readonly LabelEntry[]): readonly LabelEntry[];
}

/**
 * Labels targets, for one domain or for all. An entry for all domains replaces those for single ones; an entry
 * for one domain leaves the others as they are, except that text of a domain cannot stay `generic`. A glob becomes the last
 * one, which wins; only globs of folders below its own come after it and keep holding, unless it keeps text out of training
 * that they would let in.
 */
export function setLabel(
  entries: readonly LabelEntry[],
  targets: readonly LabelTarget[],
  label: Label,
  domain?: string,
): LabelChange {
  const isTarget = targetTest(targets);
  const ofDomain = domain === undefined ? {} : { domain };
  const gives = (entry: LabelEntry) =>
    domain === undefined ||
    entry.domain === domain ||
    (entry.domain === undefined && entry.label === 'generic' && label !== 'generic' && label !== 'excluded');
  const added = targets.map((target): LabelEntry => {
    if (target.kind === 'glob') return { glob: target.glob, label, ...ofDomain };
    if (target.kind === 'file') return { path: target.path, label, ...ofDomain };
    return { path: target.path, label, ...ofDomain, passage: target.anchor };
  });
  const stays = (entry: LabelEntry): LabelEntry[] => {
    const { glob, passage } = entry;
    if (glob !== undefined) {
      const isExact = targets.some((target) => target.kind === 'glob' && isOfFolderBelow(glob, target.glob));
      return isExact && !isTarget(entry) && (protectsText(entry) || !protectsText({ label })) ? [entry] : [];
    }
    if (passage === undefined || !isTarget(entry)) return [];
    // Of entries at the very same place the one that names the domain holds: so they get the same anchor.
    const same = targets.find((target) => target.kind === 'passage' && targetTest([target])(entry));
    return same?.kind === 'passage' ? [{ ...entry, passage: same.anchor }] : [];
  };
  return replace(entries, (entry) => isTarget(entry) && gives(entry), added, stays);
}

/** Takes the labels of targets away, for all domains. */
export function clearLabel(entries: readonly LabelEntry[], targets: readonly LabelTarget[]): LabelChange {
  return replace(entries, targetTest(targets), []);
}

/** Takes single entries away. */
export function removeEntries(entries: readonly LabelEntry[], unwanted: readonly LabelEntry[]): LabelChange {
  const keys = new Set(unwanted.map(formatEntry));
  return replace(entries, (entry) => keys.has(formatEntry(entry)), []);
}

/** Gives passages new anchors; entries that are no longer there are left out. */
export function moveAnchors(
  entries: readonly LabelEntry[],
  moves: readonly { readonly entry: LabelEntry; readonly anchor: PassageAnchor }[],
): readonly LabelEntry[] {
  const anchors = new Map(moves.map(({ entry, anchor }) => [formatEntry(entry), anchor]));
  return entries.map((entry) => {
    const anchor = entry.passage && anchors.get(formatEntry(entry));
    return anchor === undefined ? entry : { ...entry, passage: anchor };
  });
}

/**
 * The glob of all files below a folder. Throws `InputError` for a name that a pattern cannot say exactly: a held-out folder
 * must not take in its neighbours.
 */
export function globOfFolder(path: string): string {
  const glob = `${asPattern(path)}/**`;
  const isExact =
    !path.includes('\\') && expandBraces(glob).length === 1 && pathMatcher([glob])(`${path}/file`);
  if (isExact) return glob;
  throw new InputError(
    `The folder ${path} cannot be written as a pattern because of the signs in its name.`,
    'Label its files instead, or rename the folder.',
  );
}

/** A path as patterns have it. */
export function asPattern(path: string): string {
  return path.replaceAll(/[*?[#]/g, (sign) => `[${sign}]`);
}

/** The entries that a glob does not change, because they say more exactly what files, passages and folders below are. */
export function exceptionsTo(entries: readonly LabelEntry[], glob: string): readonly LabelEntry[] {
  const matches = pathMatcher([glob]);
  const at = entries.findLastIndex((entry) => entry.glob === glob);
  return entries.filter(
    (entry, index) =>
      (entry.path !== undefined && matches(entry.path)) ||
      (entry.glob !== undefined && index > at && isOfFolderBelow(entry.glob, glob)),
  );
}

/** Whether a glob is about folders below the one that all of `outer` is about: `docs/exams/*.md` for `docs/**`. */
function isOfFolderBelow(glob: string, outer: string): boolean {
  const folder = /^(.*\/)?\*\*$/.exec(outer);
  const above = folder?.[1] ?? '';
  return folder !== null && glob.startsWith(above) && /^(?!\*\*\/)[^/]+\/./.test(glob.slice(above.length));
}

function targetTest(targets: readonly LabelTarget[]): (entry: LabelEntry) => boolean {
  const wanted = new Set(
    targets.flatMap((target) => {
      if (target.kind === 'glob') return [subjectOf({ glob: target.glob })];
      if (target.kind === 'file') return [subjectOf({ path: target.path })];
      return [target.anchor, ...target.sameAs].map((passage) => subjectOf({ path: target.path, passage }));
    }),
  );
  return (entry) => wanted.has(subjectOf(entry));
}

interface Removed {
  readonly entry: LabelEntry;
  /** The globs that came after it, in order: it goes back before the first of them that is there then. */
  readonly followers: readonly string[];
}

/** `stays` gives, for an entry that is not removed but gets another place, what stands there then. */
function replace(
  entries: readonly LabelEntry[],
  isRemoved: (entry: LabelEntry) => boolean,
  added: readonly LabelEntry[],
  stays: (entry: LabelEntry) => readonly LabelEntry[] = () => [],
): LabelChange {
  const globs = entries.filter((entry) => entry.glob !== undefined);
  const taken: Removed[] = [];
  const moved: LabelEntry[] = [];
  const kept: LabelEntry[] = [];
  for (const entry of entries) {
    const there = isRemoved(entry) ? [] : stays(entry);
    moved.push(...there);
    if (!isRemoved(entry) && there.length === 0) kept.push(entry);
    else taken.push({ entry, followers: followersOf(entry, globs) });
  }
  return {
    entries: [...kept, ...added, ...moved],
    removed: entries.filter(isRemoved),
    added,
    undo: (now) => putBack(without(now, [...added, ...moved]), taken),
  };
}

function followersOf(entry: LabelEntry, globs: readonly LabelEntry[]): readonly string[] {
  return entry.glob === undefined ? [] : globs.slice(globs.indexOf(entry) + 1).map(formatEntry);
}

function without(entries: readonly LabelEntry[], unwanted: readonly LabelEntry[]): LabelEntry[] {
  const left = [...entries];
  for (const entry of unwanted) {
    const at = indexOfEntry(left, entry);
    if (at < 0) throw noLonger(entry);
    left.splice(at, 1);
  }
  return left;
}

/** Where an entry is now; that of a passage may have got a new anchor of the same text meanwhile. */
function indexOfEntry(entries: readonly LabelEntry[], wanted: LabelEntry): number {
  const key = formatEntry(wanted);
  const exact = entries.findIndex((entry) => samePlace(entry, wanted) && formatEntry(entry) === key);
  const { passage } = wanted;
  if (exact >= 0 || passage === undefined) return exact;
  const textKey = formatEntry(withoutPlace(wanted, passage));
  let best = -1;
  let bestDistance = Number.POSITIVE_INFINITY;
  entries.forEach((entry, at) => {
    if (entry.passage === undefined || !samePlace(entry, wanted)) return;
    const distance = Math.abs(entry.passage.offset - passage.offset);
    if (distance >= bestDistance || formatEntry(withoutPlace(entry, entry.passage)) !== textKey) return;
    best = at;
    bestDistance = distance;
  });
  return best;
}

const samePlace = (a: LabelEntry, b: LabelEntry): boolean => a.path === b.path && a.glob === b.glob;

function withoutPlace(entry: LabelEntry, passage: PassageAnchor): LabelEntry {
  return { ...entry, passage: { ...passage, prefix: '', suffix: '', offset: 0 } };
}

function putBack(entries: readonly LabelEntry[], removed: readonly Removed[]): readonly LabelEntry[] {
  const now = [...entries];
  const taken = new Set(entries.map((entry) => `${subjectOf(entry)} ${entry.domain ?? ''}`));
  for (const { entry, followers } of removed.toReversed()) {
    if (taken.has(`${subjectOf(entry)} ${entry.domain ?? ''}`)) throw noLonger(entry);
    const keys = new Set(followers);
    const before = now.findIndex((one) => one.glob !== undefined && keys.has(formatEntry(one)));
    now.splice(before < 0 ? now.length : before, 0, entry);
  }
  return now;
}

function noLonger({ path, glob }: LabelEntry): InputError {
  return new InputError(
    `The last label cannot be undone: the entry of ${path ?? glob} was changed since.`,
    'Label it again as it should be.',
  );
}
