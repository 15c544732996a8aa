/**
 * The counts of adjacent token pairs over all words while a tokenizer is trained, kept exact through merges, and a
 * heap that gives the most frequent one. A count can only fall after the merge that created its pair, so a heap
 * entry is checked when it reaches the top and put back lower when it is stale.
 */
import { writeUtf8 } from './encoder.ts';
import { PairTable } from './pair-table.ts';
import type { WordCounts } from './word-counts.ts';

/** A pair seen once teaches nothing. */
const LEAST_COUNT = 2;

export interface Pair {
  readonly left: number;
  readonly right: number;
}

interface CountedPair extends Pair {
  count: number;
  /** The words that hold or held it, each at least once. */
  words: number[];
}

interface Candidate {
  readonly pair: CountedPair;
  /** The pair's count when the candidate entered the heap. */
  readonly count: number;
}

export class PairCounts {
  /** Word `w` is `#symbols[#starts[w]]` and the `#lengths[w] - 1` that follow; it shrinks in place. */
  readonly #symbols: Uint32Array;
  readonly #starts: Uint32Array;
  readonly #lengths: Uint32Array;
  readonly #wordCounts: Float64Array;
  readonly #pairs: CountedPair[] = [];
  readonly #table = new PairTable();
  readonly #heap: Candidate[] = [];

  /** Takes the words as bytes, each byte as the token that `tokenOf` says. */
  constructor(words: WordCounts, tokenOf: (byte: number) => number) {
    this.#starts = new Uint32Array(words.size);
    this.#lengths = new Uint32Array(words.size);
    this.#wordCounts = Float64Array.from({ length: words.size }, (_, word) => words.count(word));
    this.#symbols = this.#layOut(words, tokenOf);
    for (let word = 0; word < words.size; word++) {
      const start = this.#starts[word];
      for (let i = start; i + 1 < start + this.#lengths[word]; i++) {
        this.#change(this.#symbols[i], this.#symbols[i + 1], this.#wordCounts[word], word);
      }
    }
    this.#offerFrom(0);
  }

  /** The most frequent pair, which is not given again; `undefined` when none occurs at least twice. */
  takeMostFrequent(): Pair | undefined {
    for (;;) {
      const top = pop(this.#heap);
      if (top === undefined) return undefined;
      if (top.count === top.pair.count) return top.pair;
      if (top.pair.count >= LEAST_COUNT) push(this.#heap, { pair: top.pair, count: top.pair.count });
    }
  }

  /** Replaces a pair by a token wherever it occurs. */
  merge(pair: Pair, merged: number): void {
    const counted = this.#pairs[this.#table.get(pair.left, pair.right)];
    const known = this.#pairs.length;
    for (const word of counted.words) this.#mergeInWord(word, pair, merged);
    counted.count = 0;
    counted.words = [];
    this.#offerFrom(known);
  }

  #layOut(words: WordCounts, tokenOf: (byte: number) => number): Uint32Array {
    let units = 0;
    for (let word = 0; word < words.size; word++) units += words.units(word).length;
    let symbols = new Uint32Array(units + (units >> 1) + 16);
    let bytes = new Uint8Array(256);
    let used = 0;
    for (let word = 0; word < words.size; word++) {
      const key = words.units(word);
      if (3 * key.length > bytes.length) bytes = new Uint8Array(3 * key.length);
      const length = writeUtf8(key, 0, key.length, bytes);
      if (used + length > symbols.length) {
        const larger = new Uint32Array(2 * (used + length));
        larger.set(symbols);
        symbols = larger;
      }
      this.#starts[word] = used;
      this.#lengths[word] = length;
      for (let i = 0; i < length; i++) symbols[used++] = tokenOf(bytes[i]);
    }
    return symbols;
  }

  #mergeInWord(word: number, { left, right }: Pair, merged: number): void {
    const symbols = this.#symbols;
    const start = this.#starts[word];
    const end = start + this.#lengths[word];
    const times = this.#wordCounts[word];
    let write = start;
    for (let read = start; read < end; read++) {
      if (symbols[read] !== left || read + 1 === end || symbols[read + 1] !== right) {
        symbols[write++] = symbols[read];
        continue;
      }
      if (write > start) {
        this.#change(symbols[write - 1], left, -times, word);
        this.#change(symbols[write - 1], merged, times, word);
      }
      read++;
      if (read + 1 < end) {
        this.#change(right, symbols[read + 1], -times, word);
        this.#change(merged, symbols[read + 1], times, word);
      }
      symbols[write++] = merged;
    }
    this.#lengths[word] = write - start;
  }

  #change(left: number, right: number, by: number, word: number): void {
    const known = this.#table.get(left, right);
    if (known < 0) {
      this.#table.set(left, right, this.#pairs.length);
      this.#pairs.push({ left, right, count: by, words: [word] });
      return;
    }
    const pair = this.#pairs[known];
    pair.count += by;
    if (by > 0 && pair.words.at(-1) !== word) pair.words.push(word);
  }

  /** Puts pairs into the heap, from one on: those that the last merge made. */
  #offerFrom(first: number): void {
    for (let i = first; i < this.#pairs.length; i++) {
      const pair = this.#pairs[i];
      if (pair.count >= LEAST_COUNT) push(this.#heap, { pair, count: pair.count });
    }
  }
}

/** Whether `a` is merged before `b`. */
function before(a: Candidate, b: Candidate): boolean {
  if (a.count !== b.count) return a.count > b.count;
  if (a.pair.left !== b.pair.left) return a.pair.left < b.pair.left;
  return a.pair.right < b.pair.right;
}

function push(heap: Candidate[], candidate: Candidate): void {
  let at = heap.length;
  heap.push(candidate);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!before(candidate, heap[parent])) break;
    heap[at] = heap[parent];
    at = parent;
  }
  heap[at] = candidate;
}

function pop(heap: Candidate[]): Candidate | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return last;
  let at = 0;
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child++;
    if (!before(heap[child], last)) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = last;
  return top;
}
