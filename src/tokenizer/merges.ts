/**
 * Byte pair encoding of one word: start from its bytes, and merge the adjacent pair of the lowest rank, the leftmost
 * first, until none has a rank. Short words scan for the lowest rank; long ones keep a heap, so that a run of
 * 100,000 letters takes n log n and not n^2 steps.
 *
 * Source: Sennrich, Haddow and Birch, "Neural machine translation of rare words with subword units" (2016).
 */
import { PairTable } from './pair-table.ts';

/** What encoding needs to know: the id of each of the 256 bytes, and the merges in order of rank. */
export interface MergeRules {
  readonly byteIds: Uint32Array;
  /** Three numbers a merge: left id, right id, id of the merged token. */
  readonly merges: Uint32Array;
}

const NO_RANK = 0xffffffff;
/** Up to this length scanning is faster than a heap (measured on English words and on runs). */
const LONGEST_SCANNED = 48;
/** A heap key is `rank * POSITIONS + position`: a whole number below 2^53. */
const POSITIONS = 2 ** 31;

export class WordMerger {
  readonly #byteIds: Uint32Array;
  readonly #ranks = new PairTable();
  readonly #merged: Uint32Array;
  #symbols = new Uint32Array(256);
  #pairRanks = new Uint32Array(256);
  #previous = new Int32Array(0);
  #next = new Int32Array(0);

  constructor(rules: MergeRules) {
    this.#byteIds = rules.byteIds;
    this.#merged = new Uint32Array(rules.merges.length / 3);
    for (let rank = 0; rank < this.#merged.length; rank++) {
      const [left, right, merged] = rules.merges.subarray(3 * rank, 3 * rank + 3);
      this.#ranks.set(left, right, rank);
      this.#merged[rank] = merged;
    }
  }

  /** The ids of a word given as `count` bytes; a view, valid until the next call. */
  merge(bytes: Uint8Array, count: number): Uint32Array {
    if (count > this.#symbols.length) {
      this.#symbols = new Uint32Array(2 * count);
      this.#pairRanks = new Uint32Array(2 * count);
    }
    for (let i = 0; i < count; i++) this.#symbols[i] = this.#byteIds[bytes[i]];
    for (let i = 0; i + 1 < count; i++)
      this.#pairRanks[i] = this.#rank(this.#symbols[i], this.#symbols[i + 1]);
    const length = count <= LONGEST_SCANNED ? this.#mergeByScanning(count) : this.#mergeByHeap(count);
    return this.#symbols.subarray(0, length);
  }

  #rank(left: number, right: number): number {
    const rank = this.#ranks.get(left, right);
    return rank < 0 ? NO_RANK : rank;
  }

  #mergeByScanning(count: number): number {
    const symbols = this.#symbols;
    const ranks = this.#pairRanks;
    let length = count;
    for (;;) {
      let best = NO_RANK;
      let at = -1;
      for (let i = 0; i + 1 < length; i++) {
        if (ranks[i] < best) {
          best = ranks[i];
          at = i;
        }
      }
      if (at < 0) return length;
      symbols[at] = this.#merged[best];
      length--;
      for (let i = at + 1; i < length; i++) {
        symbols[i] = symbols[i + 1];
        ranks[i] = ranks[i + 1];
      }
      if (at + 1 < length) ranks[at] = this.#rank(symbols[at], symbols[at + 1]);
      if (at > 0) ranks[at - 1] = this.#rank(symbols[at - 1], symbols[at]);
    }
  }

  /** Symbols form a linked list; `ranks[i]` is the rank of the pair that begins at i, so stale heap keys are seen. */
  #mergeByHeap(count: number): number {
    const symbols = this.#symbols;
    const ranks = this.#pairRanks;
    this.#link(count);
    const next = this.#next;
    const previous = this.#previous;
    const heap = new KeyHeap(count);
    ranks[count - 1] = NO_RANK;
    for (let i = 0; i < count; i++) if (ranks[i] !== NO_RANK) heap.push(ranks[i] * POSITIONS + i);
    while (heap.size > 0) {
      const key = heap.pop();
      const rank = Math.floor(key / POSITIONS);
      const at = key - rank * POSITIONS;
      if (ranks[at] !== rank) continue;
      const gone = next[at];
      symbols[at] = this.#merged[rank];
      ranks[gone] = NO_RANK;
      next[at] = next[gone];
      if (next[at] < count) previous[next[at]] = at;
      for (const left of [previous[at], at]) {
        if (left < 0) continue;
        ranks[left] = next[left] < count ? this.#rank(symbols[left], symbols[next[left]]) : NO_RANK;
        if (ranks[left] !== NO_RANK) heap.push(ranks[left] * POSITIONS + left);
      }
    }
    let length = 0;
    for (let i = 0; i < count; i = next[i]) symbols[length++] = symbols[i];
    return length;
  }

  #link(count: number): void {
    if (this.#next.length < count) {
      this.#next = new Int32Array(count);
      this.#previous = new Int32Array(count);
    }
    for (let i = 0; i < count; i++) {
      this.#next[i] = i + 1;
      this.#previous[i] = i - 1;
    }
  }
}

/** A binary heap of numbers, smallest first. */
class KeyHeap {
  #keys: Float64Array;
  size = 0;

  constructor(capacity: number) {
    this.#keys = new Float64Array(Math.max(16, capacity));
  }

  push(key: number): void {
    if (this.size === this.#keys.length) {
      const keys = new Float64Array(2 * this.size);
      keys.set(this.#keys);
      this.#keys = keys;
    }
    const keys = this.#keys;
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (keys[parent] <= key) break;
      keys[at] = keys[parent];
      at = parent;
    }
    keys[at] = key;
  }

  pop(): number {
    const keys = this.#keys;
    const top = keys[0];
    const key = keys[--this.size];
    let at = 0;
    for (let child = 1; child < this.size; child = 2 * at + 1) {
      if (child + 1 < this.size && keys[child + 1] < keys[child]) child++;
      if (keys[child] >= key) break;
      keys[at] = keys[child];
      at = child;
    }
    keys[at] = key;
    return top;
  }
}
