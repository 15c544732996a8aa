/** Which texts have a run of words, and how many others do: a hash table in typed arrays. */
import { weightOf } from './commonness.ts';

/** A run that more of the texts have is passed over: following all of them would cost the square. */
const mostOwners = 32;

export class RunTable {
  #low = new Uint32Array(1024);
  #high = new Uint32Array(1024);
  /** For each slot the latest of its entries, or -1; how many they are; how many texts were counted that have it. */
  #heads = new Int32Array(1024).fill(-1);
  #owned = new Uint32Array(1024);
  #documents = new Uint32Array(1024);
  /** Of each slot the last text that met it. */
  #met = new Uint32Array(1024);
  #slots = 0;
  /** Of each entry the text that has it and the entry before it in its slot. */
  #owners = new Uint32Array(1024);
  #next = new Int32Array(1024);
  #count = 0;
  #text = 0;

  get count(): number {
    return this.#count;
  }

  /** Returns false when the text had the run already; the runs of one text are added in one go. */
  add(low: number, high: number, owner: number): boolean {
    const slot = this.#slot(low, high);
    const head = this.#heads[slot];
    if (head >= 0 && this.#owners[head] === owner) return false;
    if (this.#count === this.#owners.length) this.#growEntries();
    this.#low[slot] = low;
    this.#high[slot] = high;
    this.#heads[slot] = this.#count;
    this.#owned[slot]++;
    this.#owners[this.#count] = owner;
    this.#next[this.#count++] = head;
    if (head < 0 && ++this.#slots * 2 > this.#heads.length) this.#growSlots();
    return true;
  }

  /** Begins another text: whose first meetings with runs are told from further ones. */
  nextText(): void {
    this.#text++;
  }

  /** The slot of a run that some text has, or -1. */
  slotOf(low: number, high: number): number {
    const slot = this.#slot(low, high);
    return this.#heads[slot] < 0 ? -1 : slot;
  }

  /** How many texts have a run: those that were counted, or those that are looked for. */
  documentsOf(slot: number): number {
    return Math.max(this.#documents[slot], this.#owned[slot]);
  }

  /** Counts the present text once for a slot. */
  countText(slot: number): void {
    if (this.#met[slot] !== this.#text) this.#documents[slot]++;
  }

  /** Calls `use` for each text that has a run; `isFirst` the first time that the present text meets it. */
  forEachOwner(slot: number, use: (owner: number, isFirst: boolean) => void): void {
    const isFirst = this.#met[slot] !== this.#text;
    this.#met[slot] = this.#text;
    if (this.#owned[slot] > mostOwners) return;
    for (let entry = this.#heads[slot]; entry >= 0; entry = this.#next[entry])
      use(this.#owners[entry], isFirst);
  }

  /** What all runs of each of so many texts count. */
  weights(texts: number, few: number): Float64Array {
    const sums = new Float64Array(texts);
    for (const [slot, head] of this.#heads.entries()) {
      const weight = head < 0 ? 0 : weightOf(this.documentsOf(slot), few);
      for (let entry = head; entry >= 0; entry = this.#next[entry]) sums[this.#owners[entry]] += weight;
    }
    return sums;
  }

  /** The same runs for texts under other numbers; those without a new number are left out, counts start anew. */
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

  #growEntries(): void {
    const [owners, next] = [new Uint32Array(this.#count * 2), new Int32Array(this.#count * 2)];
    owners.set(this.#owners);
    next.set(this.#next);
    this.#owners = owners;
    this.#next = next;
  }

  #growSlots(): void {
    const [low, high, heads, owned, documents] = [
      this.#low,
      this.#high,
      this.#heads,
      this.#owned,
      this.#documents,
    ];
    const size = heads.length * 2;
    this.#low = new Uint32Array(size);
    this.#high = new Uint32Array(size);
    this.#heads = new Int32Array(size).fill(-1);
    this.#owned = new Uint32Array(size);
    this.#documents = new Uint32Array(size);
    this.#met = new Uint32Array(size);
    for (const [from, head] of heads.entries()) {
      if (head < 0) continue;
      const slot = this.#slot(low[from], high[from]);
      this.#low[slot] = low[from];
      this.#high[slot] = high[from];
      this.#heads[slot] = head;
      this.#owned[slot] = owned[from];
      this.#documents[slot] = documents[from];
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
