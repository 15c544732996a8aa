/**
 * File patterns. One language everywhere (include, exclude, labels, `.gitignore`): that of `.gitignore`,
 * with `{a,b}` alternatives added outside `.gitignore` files because editors' globs have them.
 */
import ignore from 'ignore';

/** Tells whether a relative path with forward slashes matches any of the patterns. */
export function pathMatcher(patterns: readonly string[]): (path: string) => boolean {
  const rules = ignore({ ignorecase: false }).add(patterns.flatMap(expandBraces));
  return (path) => rules.ignores(path);
}

/** The pattern of a path that has nothing but itself in mind, whatever signs are in it. */
export function literalPattern(path: string): string {
  return path.replace(/[\\*?[\]{}]/g, '\\$&');
}

/** Braces around alternatives. What stands behind a backslash is a sign like any other, and keeps it. */
const ALTERNATIVES = /^((?:\\.|[^\\])*?)\{((?:\\.|[^\\{},])*(?:,(?:\\.|[^\\{},])*)+)\}(.*)$/s;
const UNESCAPED_COMMA = /(?<=(?<!\\)(?:\\\\)*),/;

/** `*.{md,txt}` gives `*.md` and `*.txt`; nested braces too. */
export function expandBraces(pattern: string): readonly string[] {
  const match = ALTERNATIVES.exec(pattern);
  if (match === null) return [pattern];
  const [, before, choices, after] = match;
  return choices.split(UNESCAPED_COMMA).flatMap((choice) => expandBraces(before + choice + after));
}
