/** `.gitignore` files: those that hold for a folder, and whether they ignore a path. */
import { stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { readTextIfThere } from '../../common/files.ts';
import { slashed } from '../../common/slashes.ts';

export const ignoreFileName = '.gitignore';

/** The rules of one `.gitignore`, for paths below its folder. */
export interface IgnoreFile {
  readonly folder: string;
  readonly rules: Ignore;
}

/** As git decides: the deepest `.gitignore` that says anything about the path holds. */
export function isIgnored(absolute: string, isFolder: boolean, ignoreFiles: readonly IgnoreFile[]): boolean {
  for (let i = ignoreFiles.length - 1; i >= 0; i--) {
    const { folder, rules } = ignoreFiles[i];
    const path = slashed(relative(folder, absolute));
    const verdict = rules.test(isFolder ? `${path}/` : path);
    if (verdict.ignored) return true;
    if (verdict.unignored) return false;
  }
  return false;
}

/** The `.gitignore` of a folder, in a list; an empty list when it has none. */
export async function ignoreFileOf(folder: string): Promise<readonly IgnoreFile[]> {
  const text = await readTextIfThere(join(folder, ignoreFileName)).catch(() => undefined);
  return text === undefined ? [] : [{ folder, rules: ignore({ ignorecase: false }).add(text) }];
}

/** The folders above a folder, the nearest first, up to the root of its git repository; none outside of one. */
export async function foldersAbove(folder: string): Promise<readonly string[]> {
  const above: string[] = [];
  let current = folder;
  for (;;) {
    if (await isThere(join(current, '.git'))) return above;
    const parent = dirname(current);
    if (parent === current) return [];
    above.push(parent);
    current = parent;
  }
}

/**
 * The `.gitignore` files of the folders above a folder. When they ignore the folder itself they do not count: whoever
 * names an ignored folder wants what is in it.
 */
export async function outerIgnoreFiles(
  folder: string,
  above: readonly string[],
): Promise<readonly IgnoreFile[]> {
  const outer: IgnoreFile[] = [];
  for (const one of above.toReversed()) outer.push(...(await ignoreFileOf(one)));
  return isIgnored(folder, true, outer) ? [] : outer;
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
