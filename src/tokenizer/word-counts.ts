/**
 * How often each word occurs in a stream of texts, in bounded memory. When more distinct words have been seen than
 * the limit, the rarest are forgotten (as in Manku and Motwani, "Approximate frequency counts over data streams",
 * 2002): words seen once, then also those seen twice, and so on, until half the room is free. Common words, which decide the merges,
 * keep exact counts; a word forgotten and seen again starts from 1. Below the limit counts are exact.
 */
import { WordScanner, type WordSink } from './pretokenizer.ts';
import { WordTable } from './word-table.ts';

/** About 150 MB of words at their usual length. */
const MOST_WORDS = 2_000_000;
/** Longer words are counted in pieces of this length: no useful token is longer, and merging stays fast. */
const LONGEST_UNITS = 64;

export class WordCounts implements WordSink {
  readonly #mostWords: number;
  readonly #scanner = new WordScanner();
  #table = new WordTable();
  #counts = new Float64Array(1 << 12);
  #forgotten = 0;

  constructor(mostWords = MOST_WORDS) {
    this.#mostWords = mostWords;
  }

  /** Distinct words now held. */
  get size(): number {
    return this.#table.size;
  }

  /** How many times a rare word was forgotten to save memory; 0 means that every count is exact. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** Counts the words of one text. */
  add(text: string): void {
    this.#scanner.scan(text, this);
  }

  /** The code units and the count of a word; the units are a view. */
  units(word: number): Uint16Array {
    return this.#table.units(word);
  }

  count(word: number): number {
    return this.#counts[word];
  }

  /** Takes one word from the scanner. */
  word(units: Uint16Array, start: number, end: number): void {
    let begin = start;
    while (end - begin > LONGEST_UNITS) {
      const cut = begin + LONGEST_UNITS;
      // A surrogate pair is not cut in two.
      const piece = (units[cut - 1] & 0xfc00) === 0xd800 ? cut - 1 : cut;
      this.#count(units, begin, piece, 1);
      begin = piece;
    }
    this.#count(units, begin, end, 1);
  }

  #count(units: Uint16Array, start: number, end: number, times: number): void {
    let word = this.#table.find(units, start, end);
    if (word < 0) {
      if (this.#table.size >= this.#mostWords) this.#forgetRareWords();
      word = this.#table.add(units, start, end);
      if (word === this.#counts.length) {
        const counts = new Float64Array(2 * word);
        counts.set(this.#counts);
        this.#counts = counts;
      }
      this.#counts[word] = 0;
    }
    this.#counts[word] += times;
  }

  #forgetRareWords(): void {
    const [table, counts] = [this.#table, this.#counts];
    const atLeast = countThatKeepsHalf(counts.subarray(0, table.size));
    this.#table = new WordTable();
    this.#counts = new Float64Array(counts.length);
    for (let word = 0; word < table.size; word++) {
      const units = table.units(word);
      if (counts[word] >= atLeast) this.#count(units, 0, units.length, counts[word]);
      else this.#forgotten++;
    }
  }
}

/** The smallest count that at most half of the words reach. */
function countThatKeepsHalf(counts: Float64Array): number {
  const sorted = counts.toSorted();
  return sorted[Math.floor(sorted.length / 2)] + 1;
}
