/**
 * Labels of files that the corpora read under another name, through a link: the label speaks of the one name, the text comes
 * in by the other.
 */
import { realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import type { FoundFile } from '../sources/found-file.ts';
import { pathMatcher } from '../sources/globs.ts';
import { HoldingEntries } from './holding-entries.ts';
import { type LabelEntry, protectsText } from './labels.ts';

export type NamedFile = Pick<FoundFile, 'absolute' | 'real'>;

export interface LinkedLabel {
  readonly entry: LabelEntry;
  /** A file that it keeps out of training, and the name under which it is read without such a label. */
  readonly file: string;
  readonly readAs: string;
}

/** Those of the entries that keep text out of training; of each the first such file. `root` is what they are relative to. */
export async function findLinkedLabels(
  entries: readonly LabelEntry[],
  root: string,
  files: readonly NamedFile[],
): Promise<readonly LinkedLabel[]> {
  const protecting = entries.filter(protectsText);
  if (protecting.length === 0) return [];
  const realRoot = await realpath(root).catch(() => root);
  const named = files.map(({ absolute, real = absolute }) => ({
    key: pathBelow(root, absolute) ?? absolute,
    real: pathBelow(realRoot, real) ?? real,
  }));
  const linked = named.filter(({ key, real }) => key !== real);
  const holding = new HoldingEntries(entries);
  const isKeptOut = (key: string, { domain, passage }: LabelEntry): boolean => {
    const whole = holding.of(key, { name: domain, role: 'domain' });
    const parts = entries.filter((one) => one.path === key && one.passage !== undefined);
    return (
      (whole !== undefined && protectsText(whole)) || (passage !== undefined && parts.some(protectsText))
    );
  };
  const found: LinkedLabel[] = [];
  for (const entry of protecting) {
    const { glob, path } = entry;
    const speaksOf = glob === undefined ? (real: string) => real === path : pathMatcher([glob]);
    const byRealName = linked.find(({ key, real }) => speaksOf(real) && !isKeptOut(key, entry));
    if (byRealName !== undefined) found.push({ entry, file: byRealName.real, readAs: byRealName.key });
    if (byRealName !== undefined || path === undefined) continue;
    const target = await realpath(join(root, path)).catch(() => undefined);
    const real = target === undefined ? path : (pathBelow(realRoot, target) ?? target);
    const byLink = real === path ? undefined : named.find((one) => one.real === real && one.key !== path);
    if (byLink !== undefined && !isKeptOut(byLink.key, entry))
      found.push({ entry, file: path, readAs: byLink.key });
  }
  return found;
}

/** A path as labels give it; `undefined` for one outside of the folder. */
export function pathBelow(root: string, file: string): string | undefined {
  const key = relative(root, file);
  return key === '' || key.startsWith('..') || isAbsolute(key) ? undefined : key.split(sep).join('/');
}
