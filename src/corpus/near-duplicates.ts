/**
 * Finds near-duplicates among sketches by locality-sensitive hashing: 16 bands of 4 bins; two documents that
 * agree on a whole band are compared. At a similarity of 0.8 a pair is met with probability 0.9998, at 0.3
 * with 0.12. One band's table is in memory at a time: about 12 bytes a document beside the sketches.
 */
import { setImmediate } from 'node:timers/promises';
import { areSimilar, mix32, sketchBins } from './sketch.ts';

/** Estimated Jaccard similarity from which two documents count as near-duplicates. */
export const similarityThreshold = 0.8;
const bands = 16;
/** 32-bit words of a band, and of a whole sketch. */
const bandWords = 2;
const sketchWords = sketchBins / 2;
/** In a bucket a document is compared with this many latest members: large groups would cost the square. */
const neighbours = 32;

/** Sketches of some documents. */
export class SketchSet {
  readonly sketches: Uint16Array;
  /** The same memory as 32-bit words. */
  readonly words: Uint32Array;
  /** Which rows of 64 bins are in the set; a position in this list names a document. */
  readonly rows: Uint32Array;

  constructor(sketches: Uint16Array, rows: Uint32Array) {
    this.sketches = sketches;
    this.words = new Uint32Array(sketches.buffer, sketches.byteOffset, sketches.length / 2);
    this.rows = rows;
  }
}

/** Called between bands with how far the search is, from 0 to 1; may throw to end it. */
export type OnBand = (fraction: number) => void;

/** Calls `found` once for each pair of positions in `set.rows` that is similar, the later one first. */
export async function findSimilarPairs(
  set: SketchSet,
  found: (later: number, earlier: number) => void,
  onBand: OnBand,
): Promise<void> {
  const table = new BandTable(set);
  for (let band = 0; band < bands; band++) {
    table.clear(band);
    for (let i = 0; i < set.rows.length; i++) {
      let steps = 0;
      for (let j = table.first(set, i); j >= 0 && steps < neighbours; j = table.next(j), steps++) {
        if (table.sharesEarlierBand(set, i, j)) continue;
        if (areSimilar(set.sketches, set.rows[i], set.sketches, set.rows[j], similarityThreshold))
          found(i, j);
      }
      table.insert(i);
    }
    onBand((band + 1) / bands);
    await setImmediate();
  }
}

/** For each position in `probes.rows` the position in `targets.rows` of a similar document, or -1. */
export async function findSimilarTo(
  probes: SketchSet,
  targets: SketchSet,
  onBand: OnBand,
): Promise<Int32Array> {
  const matches = new Int32Array(probes.rows.length).fill(-1);
  if (targets.rows.length === 0) return matches;
  const table = new BandTable(targets);
  for (let band = 0; band < bands; band++) {
    table.clear(band);
    for (let j = 0; j < targets.rows.length; j++) table.insert(j);
    for (let i = 0; i < probes.rows.length; i++) {
      for (let j = table.first(probes, i); matches[i] < 0 && j >= 0; j = table.next(j)) {
        if (
          areSimilar(probes.sketches, probes.rows[i], targets.sketches, targets.rows[j], similarityThreshold)
        ) {
          matches[i] = j;
        }
      }
    }
    onBand((band + 1) / bands);
    await setImmediate();
  }
  return matches;
}

/** A hash table of one band: open addressing for buckets, a chain through the members of each. */
class BandTable {
  readonly #words: Uint32Array;
  readonly #rows: Uint32Array;
  readonly #heads: Int32Array;
  readonly #next: Int32Array;
  #band = 0;

  constructor(set: SketchSet) {
    this.#words = set.words;
    this.#rows = set.rows;
    this.#heads = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(2, set.rows.length) * 2)));
    this.#next = new Int32Array(set.rows.length);
  }

  clear(band: number): void {
    this.#band = band;
    this.#heads.fill(-1);
  }

  /** The latest member that agrees with a document of `set` on this band, or -1. */
  first(set: SketchSet, position: number): number {
    return this.#heads[this.#slot(set.words, set.rows[position])];
  }

  next(position: number): number {
    return this.#next[position];
  }

  insert(position: number): void {
    const slot = this.#slot(this.#words, this.#rows[position]);
    this.#next[position] = this.#heads[slot];
    this.#heads[slot] = position;
  }

  /** Whether two documents met already in a band before this one. */
  sharesEarlierBand(set: SketchSet, a: number, b: number): boolean {
    const { words } = set;
    const startA = set.rows[a] * sketchWords;
    const startB = set.rows[b] * sketchWords;
    for (let word = 0; word < this.#band * bandWords; word += bandWords) {
      if (
        words[startA + word] === words[startB + word] &&
        words[startA + word + 1] === words[startB + word + 1]
      ) {
        return true;
      }
    }
    return false;
  }

  /** The slot whose bucket has the same band as a row, or the free slot for it. */
  #slot(words: Uint32Array, row: number): number {
    const at = row * sketchWords + this.#band * bandWords;
    const [low, high] = [words[at], words[at + 1]];
    const mask = this.#heads.length - 1;
    for (let slot = mix32(low ^ Math.imul(high, 0x9e3779b1)) & mask; ; slot = (slot + 1) & mask) {
      const head = this.#heads[slot];
      if (head < 0) return slot;
      const other = this.#rows[head] * sketchWords + this.#band * bandWords;
      if (this.#words[other] === low && this.#words[other + 1] === high) return slot;
    }
  }
}

/** Groups of linked documents (union-find with path halving). */
export class Clusters {
  readonly #parents: Int32Array;

  constructor(count: number) {
    this.#parents = Int32Array.from({ length: count }, (_, i) => i);
  }

  link(a: number, b: number): void {
    this.#parents[this.#root(a)] = this.#root(b);
  }

  /** Groups of two or more. */
  count(): number {
    const groups = new Set<number>();
    for (let i = 0; i < this.#parents.length; i++) if (this.#root(i) !== i) groups.add(this.#root(i));
    return groups.size;
  }

  #root(start: number): number {
    let node = start;
    while (this.#parents[node] !== node) {
      this.#parents[node] = this.#parents[this.#parents[node]];
      node = this.#parents[node];
    }
    return node;
  }
}
