/**
 * From text to token ids. Each word of the text is looked up in a cache of words already encoded; only a new word is
 * merged. The cache is bounded: when it is full it is emptied, which is simpler than evicting one by one and as
 * good on text, whose common words come back at once.
 */
import { type MergeRules, WordMerger } from './merges.ts';
import { WordScanner, type WordSink } from './pretokenizer.ts';
import { WordTable } from './word-table.ts';

/** With the limits below a full cache takes at most about 16 MB. */
const MOST_CACHED_WORDS = 1 << 17;
const MOST_CACHED_UNITS = 1 << 21;
/** Longer words hardly ever come back. */
const LONGEST_CACHED_UNITS = 48;

/** Ids of several texts, one after the other, and how many belong to each. */
export interface EncodedBatch {
  readonly ids: Uint32Array<ArrayBuffer>;
  readonly lengths: Uint32Array<ArrayBuffer>;
}

/** From texts to ids, whatever the kind of tokenizer. A lone surrogate is encoded as U+FFFD. */
export interface TokenEncoder {
  encode(text: string): Uint32Array<ArrayBuffer>;
  encodeBatch(texts: readonly string[]): EncodedBatch;
}

/** Encodes with fixed rules. Equal texts always give equal ids; the cache only changes how fast. */
export class Encoder implements TokenEncoder, WordSink {
  readonly #merger: WordMerger;
  readonly #scanner = new WordScanner();
  readonly #words = new WordTable();
  /** Ids of cached word `w` are `#cachedIds[#cachedStarts[w]]` up to `#cachedStarts[w + 1]`. */
  readonly #cachedStarts = new Uint32Array(MOST_CACHED_WORDS + 1);
  #cachedIds = new Uint32Array(1 << 12);
  #output = new Uint32Array(1 << 12);
  #count = 0;
  #bytes = new Uint8Array(256);

  constructor(rules: MergeRules) {
    this.#merger = new WordMerger(rules);
  }

  /** The ids of a text. A lone surrogate is encoded as U+FFFD, as `TextEncoder` does. */
  encode(text: string): Uint32Array<ArrayBuffer> {
    this.#count = 0;
    this.#scanner.scan(text, this);
    return this.#takeOutput();
  }

  /** The ids of several texts. */
  encodeBatch(texts: readonly string[]): EncodedBatch {
    const lengths = new Uint32Array(texts.length);
    this.#count = 0;
    for (let i = 0; i < texts.length; i++) {
      const before = this.#count;
      this.#scanner.scan(texts[i], this);
      lengths[i] = this.#count - before;
    }
    return { ids: this.#takeOutput(), lengths };
  }

  /** Takes one word from the scanner. */
  word(units: Uint16Array, start: number, end: number): void {
    // A code unit takes at most three bytes of UTF-8, and a byte at most one id.
    const most = this.#count + 3 * (end - start);
    if (most > this.#output.length) this.#output = grown(this.#output, most);
    const word = this.#words.find(units, start, end);
    if (word < 0) {
      this.#newWord(units, start, end);
      return;
    }
    const output = this.#output;
    const cached = this.#cachedIds;
    const last = this.#cachedStarts[word + 1];
    let count = this.#count;
    for (let i = this.#cachedStarts[word]; i < last; i++) output[count++] = cached[i];
    this.#count = count;
  }

  #newWord(units: Uint16Array, start: number, end: number): void {
    if (this.#bytes.length < 3 * (end - start)) this.#bytes = new Uint8Array(6 * (end - start));
    const ids = this.#merger.merge(this.#bytes, writeUtf8(units, start, end, this.#bytes));
    this.#output.set(ids, this.#count);
    this.#count += ids.length;
    if (end - start <= LONGEST_CACHED_UNITS) this.#remember(units, start, end, ids);
  }

  #remember(units: Uint16Array, start: number, end: number, ids: Uint32Array): void {
    if (this.#words.size === MOST_CACHED_WORDS || this.#words.totalUnits > MOST_CACHED_UNITS)
      this.#words.clear();
    const word = this.#words.add(units, start, end);
    const first = this.#cachedStarts[word];
    const last = first + ids.length;
    if (last > this.#cachedIds.length) this.#cachedIds = grown(this.#cachedIds, last);
    this.#cachedIds.set(ids, first);
    this.#cachedStarts[word + 1] = last;
  }

  #takeOutput(): Uint32Array<ArrayBuffer> {
    return this.#output.slice(0, this.#count);
  }
}

/** Writes code units as UTF-8 and returns how many bytes that took; a lone surrogate becomes U+FFFD. */
export function writeUtf8(units: Uint16Array, start: number, end: number, bytes: Uint8Array): number {
  let count = 0;
  for (let i = start; i < end; i++) {
    const unit = units[i];
    if (unit < 0x80) {
      bytes[count++] = unit;
    } else if (unit < 0x800) {
      bytes[count++] = 0xc0 | (unit >> 6);
      bytes[count++] = 0x80 | (unit & 0x3f);
    } else if ((unit & 0xfc00) === 0xd800 && i + 1 < end && (units[i + 1] & 0xfc00) === 0xdc00) {
      const codePoint = ((unit & 0x3ff) << 10) + (units[++i] & 0x3ff) + 0x10000;
      bytes[count++] = 0xf0 | (codePoint >> 18);
      bytes[count++] = 0x80 | ((codePoint >> 12) & 0x3f);
      bytes[count++] = 0x80 | ((codePoint >> 6) & 0x3f);
      bytes[count++] = 0x80 | (codePoint & 0x3f);
    } else {
      const scalar = (unit & 0xf800) === 0xd800 ? 0xfffd : unit;
      bytes[count++] = 0xe0 | (scalar >> 12);
      bytes[count++] = 0x80 | ((scalar >> 6) & 0x3f);
      bytes[count++] = 0x80 | (scalar & 0x3f);
    }
  }
  return count;
}

function grown(array: Uint32Array<ArrayBuffer>, needed: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(needed, 2 * array.length));
  larger.set(array);
  return larger;
}
