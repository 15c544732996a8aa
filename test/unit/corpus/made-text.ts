/** Text that reads a little like prose, made from a seed, and its revisions: for what is found in text of this kind. */

/** Numbers from 0 to 1 that follow from a seed. */
export function seeded(seed: number): () => number {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return ((state >>> 8) & 0xffffff) / 2 ** 24;
  };
}

const syllables = 'ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu'.split(' ');

/** A word of a vocabulary; the first ones are short. */
function wordOf(index: number): string {
  let word = '';
  for (let rest = index + 1; rest > 0; rest = Math.floor(rest / syllables.length))
    word += syllables[rest % syllables.length];
  return word;
}

/** `words` words of a vocabulary of 4,000, the first of which are by far the most frequent, as in any language. */
export function prose(seed: number, words: number): string {
  const random = seeded(seed);
  const list = Array.from({ length: words }, (_, i) => {
    const word = wordOf(Math.floor(4000 ** random()) - 1);
    return i % 14 === 13 ? `${word}.` : word;
  });
  return list.join(' ');
}

/** The same text with a share of its words changed: another word instead, a word left out, or one more, a third each. */
export function revised(text: string, share: number, seed: number): string {
  const random = seeded(seed);
  const changed = text.split(' ').flatMap((word) => {
    if (random() >= share) return [word];
    const other = wordOf(Math.floor(4000 ** random()) - 1);
    const kind = random();
    return kind < 1 / 3 ? [other] : kind < 2 / 3 ? [] : [word, other];
  });
  return changed.join(' ');
}
