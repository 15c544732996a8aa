/** Tokens and their probabilities for people. */

/** A token's text with its white space to be seen; a token that is only a part of a character has none. */
export function visibleToken(text: string): string {
  if (text === '') return '…';
  return text
    .replaceAll('\n', '↵')
    .replaceAll('\t', '⇥')
    .replace(/^ +| +$/g, (spaces) => '␣'.repeat(spaces.length));
}

/** `34 %`, `1.2 %`, `<0.1 %`. */
export function formatProbability(logProbability: number): string {
  const percent = 100 * Math.exp(logProbability);
  if (percent < 0.1) return '<0.1 %';
  return `${percent < 9.95 ? percent.toFixed(1) : Math.round(percent)} %`;
}
