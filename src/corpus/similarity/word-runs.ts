/**
 * Words of a text and their runs, as near-duplicates, contamination and quotes compare them: one tokenization for a run
 * and for the editor. A word is a run of letters, marks and digits; case and accents do not count, nor does how they are
 * encoded. What a script written without spaces has instead of words: an ideograph (Chinese characters, Hangul, Yi,
 * Tangut, …) is a word; letters of the other such scripts (Unicode's line-break class SA, kana, Javanese and its kin)
 * are cut where the last two characters say so, every four on average. Cuts that only the nearest characters decide are
 * the same wherever the text stands, and an edit moves none but the nearest. A dictionary would cut better, for four
 * scripts only, and a hundred times slower. Letters of any script beyond 32 without a space are cut alike.
 */

/** Words of a run. Five: unrelated texts hardly share one; where one word in 25 was changed 8 of 10 are left. */
export const runWords = 5;

const separator = 0;
const letter = 1;
const ideograph = 2;
const unspaced = 3;
/** Accents that are left out, and what is not seen within a word. */
const ignored = 4;
/** Soft hyphen, word joiner, and the mark that files begin with. */
const unseen: ReadonlySet<number> = new Set([0xad, 0x2060, 0xfeff]);
const longestWord = 32;

/** Murmur3's finalizer: a bijection of 32-bit integers that looks random. */
export function mix32(value: number): number {
  let z = value ^ (value >>> 16);
  z = Math.imul(z, 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}

const ideographs =
  /[\p{Ideographic}\p{Script=Hangul}\p{Script=Yi}\p{Script=Bopomofo}\p{Script=Cuneiform}\p{Script=Egyptian_Hieroglyphs}\p{Script=Anatolian_Hieroglyphs}]/u;
const unspacedScripts = [
  'Thai Lao Khmer Myanmar Tai_Le New_Tai_Lue Tai_Tham Tai_Viet Ahom Hiragana Katakana Javanese Balinese Buginese',
  'Batak Cham Rejang Makasar Kawi Lepcha Phags_Pa Brahmi Grantha Dives_Akuru',
]
  .join(' ')
  .split(' ');
const unspacedLetters = new RegExp(
  `[${unspacedScripts.map((name) => `\\p{Script=${name}}`).join('')}ー々]`,
  'u',
);
const wordCharacter = /[\p{L}\p{M}\p{N}_]/u;

/** Of each block of 256 code points, once it is met: kind, and from bit 3 the character that it counts as. */
const blocks: (Uint32Array | undefined)[] = [];

function describe(point: number): number {
  const character = String.fromCodePoint(point);
  if ((point >= 0x300 && point < 0x370) || unseen.has(point)) return ignored;
  if (!wordCharacter.test(character)) return separator;
  if (ideographs.test(character)) return ideograph | (point << 3);
  if (unspacedLetters.test(character)) return unspaced | (point << 3);
  // By way of upper case: the two small sigmas are one letter.
  const lower = character.toUpperCase().toLowerCase();
  const [base, ...marks] = lower.normalize('NFD');
  const isAccented = marks.every((mark) => mark >= '\u0300' && mark < '\u0370');
  return letter | (((isAccented ? base : character).codePointAt(0) ?? point) << 3);
}

function blockOf(point: number): Uint32Array {
  const index = point >>> 8;
  let block = blocks[index];
  if (block === undefined) {
    block = Uint32Array.from({ length: 256 }, (_, i) => describe((index << 8) | i));
    blocks[index] = block;
  }
  return block;
}

/** Of ASCII characters of words what they count as; 0 separates words. */
const ascii = Uint8Array.from({ length: 128 }, (_, point) => {
  const described = describe(point);
  return (described & 7) === letter ? described >>> 3 : 0;
});

/** Calls `use` with the hash of each word of a UTF-8 text and its place; returns the number of words. */
export function forEachWord(bytes: Uint8Array, use: (hash: number, index: number) => void): number {
  let count = 0;
  let hash = 0;
  let length = 0;
  /** What `length` was when a word was last cut without a space. */
  let cut = 0;
  let previous = 0;
  for (let i = 0; i < bytes.length; ) {
    const byte = bytes[i];
    let described: number;
    if (byte < 0x80) {
      i++;
      const character = ascii[byte];
      if (character !== 0 && length < longestWord) {
        hash = Math.imul(hash ^ character, 0x01000193);
        length++;
        continue;
      }
      described = character === 0 ? separator : letter | (character << 3);
    } else {
      const point = codePointAt(bytes, i);
      i += byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
      described = (blocks[point >>> 8] ?? blockOf(point))[point & 255];
    }
    const kind = described & 7;
    if (kind === separator || kind === ideograph) {
      if (length > cut) use(mix32(hash), count++);
      if (kind === ideograph) use(mix32(described), count++);
      length = 0;
      cut = 0;
      hash = 0;
      previous = 0;
    } else if (kind !== ignored) {
      hash = Math.imul(hash ^ (described >>> 3), 0x01000193);
      length++;
      if (kind === letter && length <= longestWord) continue;
      if ((mix32(Math.imul(previous, 0x9e3779b1) ^ described) & 3) === 0) {
        use(mix32(hash), count++);
        length = kind === letter ? longestWord : 0;
        cut = length;
        hash = 0;
      }
      previous = described;
    }
  }
  if (length > cut) use(mix32(hash), count++);
  return count;
}

function codePointAt(bytes: Uint8Array, i: number): number {
  const byte = bytes[i];
  const next = bytes[i + 1] & 0x3f;
  if (byte < 0xe0) return ((byte & 0x1f) << 6) | next;
  const third = bytes[i + 2] & 0x3f;
  if (byte < 0xf0) return ((byte & 0x0f) << 12) | (next << 6) | third;
  return ((byte & 7) << 18) | (next << 12) | (third << 6) | (bytes[i + 3] & 0x3f);
}

/** Hashes of the latest words, a ring. */
const ring = new Uint32Array(runWords);
const lowBase = 0x9e3779b1 | 0;
const highBase = 0x2c1b3c6d;
/** What the oldest word of a run was multiplied with since it came. */
const lowOut = power(lowBase, runWords);
const highOut = power(highBase, runWords);

function power(base: number, exponent: number): number {
  let result = 1;
  for (let i = 0; i < exponent; i++) result = Math.imul(result, base);
  return result;
}

/**
 * Calls `use` with two numbers that depend on each run of five words, to be mixed, and the run's place, in order; a text
 * of fewer words has one run of them all. Returns the number of words.
 */
export function forEachRun(
  text: Uint8Array,
  use: (low: number, high: number, index: number) => void,
): number {
  let low = 0;
  let high = 0;
  let at = 0;
  ring.fill(0);
  const words = forEachWord(text, (hash, index) => {
    const out = ring[at];
    ring[at] = hash;
    at = at === runWords - 1 ? 0 : at + 1;
    low = (Math.imul(low, lowBase) + hash - Math.imul(out, lowOut)) | 0;
    high = (Math.imul(high, highBase) + hash - Math.imul(out, highOut)) | 0;
    if (index >= runWords - 1) use(low, high, index - runWords + 1);
  });
  if (words > 0 && words < runWords) use(low, high, 0);
  return words;
}

/** Runs of a text of so many words. */
export function runsOf(words: number): number {
  return words === 0 ? 0 : Math.max(1, words - runWords + 1);
}
