/**
 * A hash table from words, given as UTF-16 code units in a buffer, to small consecutive numbers. A `Map` would need
 * a string made for each word of the text; here a look-up reads typed arrays only and allocates nothing.
 * Open addressing with linear probing, at most half full.
 */
const INITIAL_SLOTS = 1 << 12;

export class WordTable {
  #slots = new Int32Array(INITIAL_SLOTS);
  #hashes = new Int32Array(INITIAL_SLOTS / 2);
  #starts = new Uint32Array(INITIAL_SLOTS / 2 + 1);
  #keys = new Uint16Array(INITIAL_SLOTS * 4);
  #size = 0;

  /** How many words it holds; they are numbered from 0 in the order in which they were added. */
  get size(): number {
    return this.#size;
  }

  /** Code units of all words together. */
  get totalUnits(): number {
    return this.#starts[this.#size];
  }

  /** The number of a word, or -1. */
  find(units: Uint16Array, start: number, end: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    const hash = hashOf(units, start, end);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot] - 1;
      if (entry < 0) return -1;
      if (this.#hashes[entry] === hash && this.#equals(entry, units, start, end)) return entry;
    }
  }

  /** Adds a word that is not there yet and returns its number. */
  add(units: Uint16Array, start: number, end: number): number {
    if (this.#size === this.#hashes.length) this.#growSlots();
    const begin = this.totalUnits;
    this.#growKeys(begin + end - start);
    for (let i = start; i < end; i++) this.#keys[begin + i - start] = units[i];
    const entry = this.#size++;
    this.#starts[entry + 1] = begin + end - start;
    this.#hashes[entry] = hashOf(units, start, end);
    this.#place(entry);
    return entry;
  }

  /** The code units of a word; a view, valid until a word is added or the table is cleared. */
  units(entry: number): Uint16Array {
    return this.#keys.subarray(this.#starts[entry], this.#starts[entry + 1]);
  }

  /** Forgets every word and keeps the memory. */
  clear(): void {
    this.#slots.fill(0);
    this.#size = 0;
  }

  #equals(entry: number, units: Uint16Array, start: number, end: number): boolean {
    const begin = this.#starts[entry];
    const keys = this.#keys;
    const length = end - start;
    if (this.#starts[entry + 1] - begin !== length) return false;
    for (let i = 0; i < length; i++) if (keys[begin + i] !== units[start + i]) return false;
    return true;
  }

  #place(entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hashes[entry] & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry + 1;
  }

  #growSlots(): void {
    const capacity = this.#slots.length;
    const hashes = new Int32Array(capacity);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    const starts = new Uint32Array(capacity + 1);
    starts.set(this.#starts);
    this.#starts = starts;
    this.#slots = new Int32Array(capacity * 2);
    for (let entry = 0; entry < this.#size; entry++) this.#place(entry);
  }

  #growKeys(needed: number): void {
    if (needed <= this.#keys.length) return;
    const keys = new Uint16Array(Math.max(needed, this.#keys.length * 2));
    keys.set(this.#keys);
    this.#keys = keys;
  }
}

/** FNV-1a over code units (Fowler, Noll and Vo 1991), with its high bits mixed into the low ones that pick a slot. */
function hashOf(units: Uint16Array, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ units[i], 0x01000193);
  return hash ^ (hash >>> 15);
}
