/**
 * Unigrams and bigrams of a text, hashed into buckets, as DSIR describes texts (arXiv 2302.03169). Words are lower-case
 * runs of letters, digits and underscores, or runs of other signs, as NLTK's WordPunct tokenizer finds them; characters
 * beyond the basic plane count as signs.
 *
 * Weighed: DSIR's authors hash with SHA-256. FNV-1a over UTF-16 units with MurmurHash3's finalizer fills the buckets
 * as evenly for a few multiplications a character, and nothing is allocated for a text.
 */
export const BUCKETS = 10_000;

const SPACE = 0;
const WORD = 1;
const SIGN = 2;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const GOLDEN = 0x9e3779b1;

export class NgramHasher {
  /** The kind of each UTF-16 unit. */
  readonly #kinds = Uint8Array.from({ length: 2 ** 16 }, (_, code) => kindOf(String.fromCharCode(code)));
  #buckets = new Uint16Array(1024);

  /** The buckets of all unigrams and bigrams of a text; valid until the next call. */
  buckets(text: string): Uint16Array {
    const lower = text.toLowerCase();
    // A word of one character needs two entries.
    if (this.#buckets.length < 2 * lower.length) this.#buckets = new Uint16Array(3 * lower.length);
    const kinds = this.#kinds;
    const out = this.#buckets;
    let count = 0;
    let kind = SPACE;
    let hash = FNV_OFFSET;
    let previous = 0;
    for (let i = 0; i <= lower.length; i++) {
      const code = i < lower.length ? lower.charCodeAt(i) : 0x20;
      if (kinds[code] !== kind) {
        if (kind !== SPACE) {
          const word = finalize(hash);
          out[count++] = bucketOf(word);
          if (count > 1) out[count++] = bucketOf(finalize(Math.imul(previous, GOLDEN) + word));
          previous = word;
        }
        kind = kinds[code];
        hash = FNV_OFFSET;
      }
      hash = Math.imul(hash ^ code, FNV_PRIME);
    }
    return out.subarray(0, count);
  }
}

function kindOf(character: string): number {
  if (/\s/.test(character)) return SPACE;
  return /[\p{L}\p{M}\p{N}_]/u.test(character) ? WORD : SIGN;
}

/** The finalizer of MurmurHash3, as an unsigned number. */
function finalize(value: number): number {
  let z = value;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}

function bucketOf(hash: number): number {
  return Math.floor((hash * BUCKETS) / 2 ** 32);
}
