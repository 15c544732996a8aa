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

/** `*.{md,txt}` gives `*.md` and `*.txt`; nested braces too. */
export function expandBraces(pattern: string): readonly string[] {
  const match = /^(.*?)\{([^{}]*,[^{}]*)\}(.*)$/s.exec(pattern);
  if (match === null) return [pattern];
  const [, before, choices, after] = match;
  return choices.split(',').flatMap((choice) => expandBraces(before + choice + after));
}
