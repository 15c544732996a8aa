/**
 * File patterns. One language everywhere (include, exclude, labels, `.gitignore`): that of `.gitignore`,
 * with `{a,b}` alternatives added outside `.gitignore` files because editors' globs have them, and `./` for the folder
 * itself because command lines have it.
 */
import ignore from 'ignore';

/** Tells whether a relative path with forward slashes matches any of the patterns. */
export function pathMatcher(patterns: readonly string[]): (path: string) => boolean {
  const rules = ignore({ ignorecase: false }).add(patterns.flatMap(gitPatterns));
  return (path) => rules.ignores(path);
}

/** What a pattern says in the language of `.gitignore` alone, where one that begins with `./` would match nothing. */
export function gitPatterns(pattern: string): readonly string[] {
  return expandBraces(pattern).map((one) => one.replace(/^(!?)(?:\.\/+)+(?=.)/, '$1/'));
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
