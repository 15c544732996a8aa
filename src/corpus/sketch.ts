/**
 * Sketches of documents for finding near-duplicates: one-permutation MinHash over shingles of five words.
 * Sixty-four true permutations cost sixty-four hashes a shingle; one permutation with 64 bins costs one and
 * estimates nearly as well, bins that stay empty in short documents being filled by optimal densification.
 * Sixteen bits a bin are kept: 128 bytes a document, and a false match of a bin once in 65,536.
 *
 * Sources: Broder 1997 (shingles, MinHash); Li, Owen and Zhang 2012 (one permutation); Shrivastava 2017
 * (optimal densification).
 */

/** Bins of a sketch. */
export const sketchBins = 64;
const shingleWords = 5;
const empty = 0xffffffff;

/** Murmur3's finalizer: a bijection of 32-bit integers that looks random. */
export function mix32(value: number): number {
  let z = value ^ (value >>> 16);
  z = Math.imul(z, 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}

const minima = new Uint32Array(sketchBins);
/** Hashes of the latest words, a ring. */
const words = new Uint32Array(shingleWords);

/**
 * Writes the sketch of a UTF-8 text into 64 places of `target`. A text shorter than five words has one shingle; one
 * without words equals only texts of the same bytes.
 */
export function sketchText(bytes: Uint8Array, target: Uint16Array): void {
  minima.fill(empty);
  const wordCount = forEachWord(bytes, addWord);
  if (wordCount === 0) addShingle(hashBytes(bytes));
  else if (wordCount < shingleWords) addShingle(hashOfRing(0, wordCount));
  for (let bin = 0; bin < sketchBins; bin++) target[bin] = mix32(minima[filledBin(bin)]) & 0xffff;
}

/** Kinds of bytes; 0 separates words. */
const letter = 1;
/** First byte of a three-byte character from U+3000 to U+DFFF: kana, Chinese characters, Hangul. */
const ideograph = 2;

/** What a byte is to a word. U+2000 to U+2FFF (first byte 0xE2) is punctuation and symbols. */
const kinds = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++) {
  if (/[A-Za-z0-9_]/.test(String.fromCharCode(byte)) && byte < 128) kinds[byte] = letter;
  else if (byte >= 0xe3 && byte <= 0xed) kinds[byte] = ideograph;
  else if (byte >= 0x80 && byte !== 0xe2) kinds[byte] = letter;
}

/**
 * Calls `use` with the hash of each word of a UTF-8 text and its place; returns the number of words. A word is a run of
 * letters, digits and other non-ASCII characters, ASCII upper case folded; each Chinese, Japanese and Korean character
 * is a word.
 */
export function forEachWord(bytes: Uint8Array, use: (hash: number, index: number) => void): number {
  let count = 0;
  let hash = 0;
  let length = 0;
  for (let i = 0; i <= bytes.length; i++) {
    const byte = i < bytes.length ? bytes[i] : 32;
    const kind = kinds[byte];
    if (kind === letter) {
      hash = Math.imul(hash ^ (byte >= 65 && byte <= 90 ? byte | 32 : byte), 0x01000193);
      length++;
      continue;
    }
    if (length > 0) use(mix32(hash), count++);
    length = 0;
    hash = 0;
    if (kind === ideograph) {
      use(mix32((byte << 16) | (bytes[i + 1] << 8) | bytes[i + 2]), count++);
      i += 2;
    } else if (byte === 0xe2) i += 2;
  }
  return count;
}

function addWord(hash: number, index: number): void {
  words[index % shingleWords] = hash;
  if (index + 1 >= shingleWords) addShingle(hashOfRing(index + 1, shingleWords));
}

/** Hash of `count` words in order, the oldest of which stands at `start` in the ring. */
function hashOfRing(start: number, count: number): number {
  let hash = 0;
  for (let i = 0; i < count; i++)
    hash = (Math.imul(hash, 0x9e3779b1) + words[(start + i) % shingleWords]) | 0;
  return hash;
}

function addShingle(hash: number): void {
  const mixed = mix32(hash);
  const bin = mixed & (sketchBins - 1);
  const value = mixed >>> 6;
  if (value < minima[bin]) minima[bin] = value;
}

/** The bin itself, or for an empty one the full bin that its own fixed sequence of tries meets first. */
function filledBin(bin: number): number {
  let from = bin;
  for (let attempt = 1; minima[from] === empty; attempt++) {
    from = mix32(Math.imul(bin + 1, 0x9e3779b1) + Math.imul(attempt, 0x7feb352d)) & (sketchBins - 1);
  }
  return from;
}

function hashBytes(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}

/** Whether the estimated Jaccard similarity of two sketches (rows of 64 bins) reaches a threshold. */
export function areSimilar(
  a: Uint16Array,
  rowA: number,
  b: Uint16Array,
  rowB: number,
  threshold: number,
): boolean {
  let allowed = Math.floor(sketchBins * (1 - threshold) + 1e-9);
  const startA = rowA * sketchBins;
  const startB = rowB * sketchBins;
  for (let bin = 0; bin < sketchBins; bin++) {
    if (a[startA + bin] !== b[startB + bin] && --allowed < 0) return false;
  }
  return true;
}
