/**
 * Finds given texts where they are quoted inside others. Words are those of the sketches (case and punctuation do not
 * count, so a quote that was wrapped or capitalized anew is found); a text is known by its runs of eight words. Eight:
 * unrelated texts hardly ever share one by chance, while a quote with a changed word here and there still has most of
 * them. A text shorter than that is one run, found when it stands whole; below five words anything is found anywhere, so
 * such texts are not looked for.
 *
 * Runs are kept as 64 bits of hash, in open addressing: about 50 bytes a run, up to a limit. Looking up costs a hash a
 * word, about 30 ns, and nothing while there is no text to find.
 */
import { forEachWord, mix32 } from './sketch.ts';

const runWords = 8;
const leastWords = 5;
/** Of its runs, this share makes a text count as quoted. */
const quotedShare = 0.5;
/** Runs kept at most. */
export const runLimit = 1_000_000;

export interface Quoted {
  readonly key: string;
  /** Of its runs of words those that stand in the other text, above 0 up to 1. */
  readonly share: number;
}

interface Wanted {
  readonly key: string;
  readonly runs: number;
}

export class QuoteFinder {
  readonly #limit: number;
  /** Texts that are looked for; a place in this list names one. */
  #wanted: Wanted[] = [];
  readonly #known = new Set<string>();
  readonly #refused = new Set<string>();
  /** Lengths of runs in use, in words. */
  readonly #lengths: number[] = [];
  #table = new RunTable();
  #searches = 0;

  constructor(limit = runLimit) {
    this.#limit = limit;
  }

  get isEmpty(): boolean {
    return this.#wanted.length === 0;
  }

  /** Texts that are not looked for because the limit was met. */
  get refused(): number {
    return this.#refused.size;
  }

  /** Whether `add` was called with the text. */
  knows(key: string): boolean {
    return this.#known.has(key);
  }

  /** Looks for a text from now on. Returns false for one that is known, too short or beyond the limit. */
  add(key: string, text: Uint8Array): boolean {
    if (this.#known.has(key)) return false;
    this.#known.add(key);
    const words = forEachWord(text, () => {});
    if (words < leastWords) return false;
    const length = Math.min(words, runWords);
    if (this.#table.count + words - length + 1 > this.#limit) {
      this.#refused.add(key);
      return false;
    }
    if (!this.#lengths.includes(length)) this.#lengths.push(length);
    const owner = this.#wanted.length;
    let runs = 0;
    forEachRun(text, [length], (low, high) => {
      if (this.#table.add(low, high, owner)) runs++;
    });
    this.#wanted.push({ key, runs });
    return true;
  }

  /** Forgets all texts but these. */
  keep(keys: ReadonlySet<string>): void {
    const isSame = [...this.#known].every((key) => keys.has(key));
    if (isSame) return;
    for (const key of this.#known) if (!keys.has(key)) this.#known.delete(key);
    // There may be room for them now.
    for (const key of this.#refused) this.#known.delete(key);
    this.#refused.clear();
    const kept = this.#wanted.map(({ key }) => keys.has(key));
    if (kept.every(Boolean)) return;
    const places = new Map<number, number>();
    for (const [owner, isKept] of kept.entries()) if (isKept) places.set(owner, places.size);
    this.#wanted = this.#wanted.filter((_, owner) => kept[owner]);
    this.#table = this.#table.renamed(places);
  }

  /** The texts that are quoted in another one, the largest share first. */
  find(text: Uint8Array): Quoted[] {
    if (this.isEmpty) return [];
    const search = ++this.#searches;
    const counts = new Map<number, number>();
    forEachRun(text, this.#lengths, (low, high) => this.#table.meet(low, high, search, counts));
    const found: Quoted[] = [];
    for (const [owner, count] of counts) {
      const { key, runs } = this.#wanted[owner];
      if (count >= quotedShare * runs) found.push({ key, share: count / runs });
    }
    return found.sort((a, b) => b.share - a.share);
  }
}

/** Which texts have a run of words. */
class RunTable {
  #low = new Uint32Array(1024);
  #high = new Uint32Array(1024);
  /** For each slot the latest of its entries, or -1. */
  #heads = new Int32Array(1024).fill(-1);
  #slots = 0;
  /** Of each entry the text, the entry before it in its slot, and the last search that met it. */
  readonly #owners: number[] = [];
  readonly #next: number[] = [];
  readonly #met: number[] = [];

  get count(): number {
    return this.#owners.length;
  }

  /** Returns false when the text had the run already; the runs of one text are added in one go. */
  add(low: number, high: number, owner: number): boolean {
    const slot = this.#slot(low, high);
    const head = this.#heads[slot];
    if (head >= 0 && this.#owners[head] === owner) return false;
    this.#low[slot] = low;
    this.#high[slot] = high;
    this.#heads[slot] = this.#owners.length;
    this.#owners.push(owner);
    this.#next.push(head);
    this.#met.push(0);
    if (head < 0 && ++this.#slots * 2 > this.#heads.length) this.#grow();
    return true;
  }

  /** Counts one for every text that has a run, once a search. */
  meet(low: number, high: number, search: number, counts: Map<number, number>): void {
    let entry = this.#heads[this.#slot(low, high)];
    if (entry < 0 || this.#met[entry] === search) return;
    for (; entry >= 0; entry = this.#next[entry]) {
      this.#met[entry] = search;
      const owner = this.#owners[entry];
      counts.set(owner, (counts.get(owner) ?? 0) + 1);
    }
  }

  /** The same runs for texts under other numbers; those without a new number are left out. */
  renamed(numbers: ReadonlyMap<number, number>): RunTable {
    const table = new RunTable();
    for (const [slot, head] of this.#heads.entries()) {
      for (let entry = head; entry >= 0; entry = this.#next[entry]) {
        const owner = numbers.get(this.#owners[entry]);
        if (owner !== undefined) table.add(this.#low[slot], this.#high[slot], owner);
      }
    }
    return table;
  }

  #grow(): void {
    const [low, high, heads] = [this.#low, this.#high, this.#heads];
    this.#low = new Uint32Array(heads.length * 2);
    this.#high = new Uint32Array(heads.length * 2);
    this.#heads = new Int32Array(heads.length * 2).fill(-1);
    for (const [from, head] of heads.entries()) {
      if (head < 0) continue;
      const slot = this.#slot(low[from], high[from]);
      this.#low[slot] = low[from];
      this.#high[slot] = high[from];
      this.#heads[slot] = head;
    }
  }

  /** The slot of a run, or the free one for it. */
  #slot(low: number, high: number): number {
    const mask = this.#heads.length - 1;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      if (this.#heads[slot] < 0 || (this.#low[slot] === low && this.#high[slot] === high)) return slot;
    }
  }
}

/** Hashes of the latest words, a ring. */
const ring = new Uint32Array(runWords);

/** Calls `use` with the hash of each run of so many words. */
function forEachRun(
  text: Uint8Array,
  lengths: readonly number[],
  use: (low: number, high: number) => void,
): void {
  forEachWord(text, (hash, index) => {
    ring[index % runWords] = hash;
    for (const length of lengths) {
      if (index + 1 < length) continue;
      let low = length;
      let high = length;
      for (let at = index + 1 - length; at <= index; at++) {
        const word = ring[at % runWords];
        low = (Math.imul(low, 0x9e3779b1) + word) | 0;
        high = Math.imul(high ^ word, 0x2c1b3c6d) ^ (high >>> 15);
      }
      use(mix32(low), mix32(high));
    }
  });
}
