/**
 * Which regular expressions of a `tokenizer.json` are run. A file from elsewhere may hold an expression that takes
 * longer than the universe has on a page of text, and JavaScript cannot stop one. So an expression is read alternative
 * by alternative, and each must be
 *
 * - simple: characters or classes, each at most so often, then one that repeats without limit, then others that may be
 *   missing. Once the limitless one has matched, nothing after it can fail, so there is nothing to try again; or
 * - one of those that published tokenizers have besides (GPT-2, cl100k, o200k, Llama 3, Qwen, Tekken, DeepSeek, BLOOM,
 *   StarCoder): each was looked at and takes time in proportion to the text, if need be written otherwise.
 *
 * Weighed: a time limit (results would depend on the machine), and another engine (ids would depend on it).
 */

const SPACES_BEFORE_LINE_END = ['\\s*[\\r\\n]+', '\\s*[\\r\\n]'];
const SPACES = ['\\s+(?!\\S)', '\\s+'];

const CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const CONTRACTION_CLASSES = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";
const UPPER = '[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]';
const LOWER = '[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]';
const withSuffixes = (word: string) => [word, `${word}${CONTRACTIONS}?`, `${word}${CONTRACTION_CLASSES}?`];
const ENDING_LOWER = withSuffixes(`[^\\r\\n\\p{L}\\p{N}]?${UPPER}*${LOWER}+`);
const BEGINNING_UPPER = withSuffixes(`[^\\r\\n\\p{L}\\p{N}]?${UPPER}+${LOWER}*`);

/** Of a long run the first would look at the rest again from each place, unless one of the second takes it whole. */
const ONLY_BEFORE: readonly (readonly [readonly string[], readonly string[]])[] = [
  [SPACES_BEFORE_LINE_END, SPACES],
  [ENDING_LOWER, BEGINNING_UPPER],
];

/** Alternatives that are not simple, and how each is run. */
const PUBLISHED: ReadonlyMap<string, string> = new Map([
  ...[
    ...SPACES,
    ...SPACES_BEFORE_LINE_END,
    CONTRACTIONS,
    CONTRACTION_CLASSES,
    "'(?i:[sdmt]|ll|ve|re)",
    "'(?:[sdmt]|ll|ve|re)",
    ...ENDING_LOWER,
    ...BEGINNING_UPPER,
    ' ?[^(\\s|[.,!?…。，、।۔،])]+',
  ].map((same): [string, string] => [same, same]),
  // Possessive quantifiers only keep an engine from trying in vain.
  ['[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+', '[^\\r\\n\\p{L}\\p{N}]?\\p{L}+'],
  [' ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*', ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*'],
  // Begun at every space of a long run, it would look at the rest of the run each time.
  ['\\s+$', '(?<!\\s)\\s+$'],
]);

const LONGEST_PATTERN = 4096;
const MOST_REPEATS = 1024;

/** The expression to run for one of a file: of equal meaning, in linear time; `undefined` where it is not known to be. */
export function linearPattern(pattern: string): string | undefined {
  if (pattern.length > LONGEST_PATTERN) return undefined;
  const written = pattern.replaceAll('\r', '\\r').replaceAll('\n', '\\n');
  const alternatives = alternativesOf(written);
  for (const [first, second] of ONLY_BEFORE) {
    const last = alternatives.findLastIndex((one) => second.includes(one));
    if (alternatives.some((one, i) => first.includes(one) && i > last)) return undefined;
  }
  const linear = alternatives.map((one) => PUBLISHED.get(one) ?? (isSimple(one) ? one : undefined));
  return linear.includes(undefined) ? undefined : linear.join('|');
}

/** What stands between the bars that are in no class and in no group. */
function alternativesOf(pattern: string): string[] {
  const alternatives = [''];
  let inClass = 0;
  let inGroup = 0;
  for (const [unit] of pattern.matchAll(/\\.|./gsu)) {
    if (unit === '[') inClass++;
    else if (unit === ']') inClass--;
    else if (unit === '(' && inClass === 0) inGroup++;
    else if (unit === ')' && inClass === 0) inGroup--;
    if (unit === '|' && inClass === 0 && inGroup === 0) alternatives.push('');
    else alternatives[alternatives.length - 1] += unit;
  }
  return alternatives;
}

const ATOM =
  /(?:\\[pP]\{\^?[A-Za-z_]+\}|\\[sSdDwWrnt]|\\[^A-Za-z0-9\s]|\[\^?(?:\\[pP]\{\^?[A-Za-z_]+\}|\\[sSdDwWrnt]|\\[^A-Za-z0-9\s]|[^\\[\]&]|&(?!&))+\]|[^\\[\](){}|?*+.^$])([?*+]|\{(\d{1,4})(?:,(\d{1,4}))?\})?/uy;

function isSimple(alternative: string): boolean {
  let repeats = 1;
  let required = false;
  let limitless = false;
  ATOM.lastIndex = 0;
  while (ATOM.lastIndex < alternative.length) {
    const match = ATOM.exec(alternative);
    if (match === null) return false;
    const [, quantifier, least, most] = match;
    if (limitless && quantifier !== '?' && quantifier !== '*') return false;
    if (!limitless && quantifier === '*') return false;
    if (quantifier === '+') limitless = true;
    if (quantifier !== '?' && quantifier !== '*') required = true;
    // Each that may be missing doubles the ways to try.
    if (quantifier === '?' && !limitless) repeats *= 2;
    if (least !== undefined) {
      if (Number(least) === 0) return false;
      repeats *= Number(most ?? least);
    }
  }
  return required && repeats <= MOST_REPEATS;
}
