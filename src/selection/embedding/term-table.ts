/** Numbers of terms by their characters: a hash table with open addressing over one pool of characters. */
import { STOP_WORDS } from './stop-words.ts';
import { WordReader } from './terms.ts';

const FREE = -1;
const FIRST_SLOTS = 1 << 13;

/** Terms are numbered from 0 in the order in which they were added. Stop words are known and have no number. */
export class TermTable {
  readonly #reader = new WordReader();
  /** An entry for every word; the stop words come first. */
  #hashes = new Uint32Array(FIRST_SLOTS);
  #starts = new Uint32Array(FIRST_SLOTS + 1);
  #pool = new Uint16Array(FIRST_SLOTS * 8);
  #slots = new Int32Array(FIRST_SLOTS).fill(FREE);
  #entries = 0;
  readonly #stopWords: number;
  #adding = false;

  constructor(terms: Iterable<string> = []) {
    for (const word of STOP_WORDS) this.#insert(word);
    this.#stopWords = this.#entries;
    for (const term of terms) this.#insert(term);
  }

  /** How many terms there are. */
  get size(): number {
    return this.#entries - this.#stopWords;
  }

  /** The text of a term. */
  term(number: number): string {
    const entry = this.#stopWords + number;
    return String.fromCharCode(...this.#pool.subarray(this.#starts[entry], this.#starts[entry + 1]));
  }

  /** Begins to read a text; `adding` gives numbers to terms that have none. */
  open(text: string, adding: boolean): void {
    this.#reader.open(text);
    this.#adding = adding;
  }

  /** The number of the next term of the open text that has one; -1 at the end. */
  next(): number {
    const reader = this.#reader;
    while (reader.next()) {
      const slot = this.#slotOf(reader);
      let entry = this.#slots[slot];
      if (entry === FREE) {
        if (!this.#adding) continue;
        entry = this.#addAt(slot, reader);
      }
      if (entry >= this.#stopWords) return entry - this.#stopWords;
    }
    return -1;
  }

  #insert(word: string): void {
    this.#reader.set(word);
    const slot = this.#slotOf(this.#reader);
    if (this.#slots[slot] === FREE) this.#addAt(slot, this.#reader);
  }

  /** The slot that holds the reader's word, or the free one where it belongs. */
  #slotOf({ hash, length, characters }: WordReader): number {
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const entry = this.#slots[slot];
      if (entry === FREE) return slot;
      if (this.#hashes[entry] === hash && this.#isWord(entry, characters, length)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #isWord(entry: number, characters: Uint16Array, length: number): boolean {
    const start = this.#starts[entry];
    if (this.#starts[entry + 1] - start !== length) return false;
    for (let i = 0; i < length; i++) if (this.#pool[start + i] !== characters[i]) return false;
    return true;
  }

  #addAt(slot: number, { hash, length, characters }: WordReader): number {
    const entry = this.#entries++;
    const start = this.#starts[entry];
    if (start + length > this.#pool.length)
      this.#pool = grown(this.#pool, new Uint16Array(2 * this.#pool.length));
    for (let i = 0; i < length; i++) this.#pool[start + i] = characters[i];
    this.#hashes[entry] = hash;
    this.#starts[entry + 1] = start + length;
    this.#slots[slot] = entry;
    if (2 * this.#entries > this.#slots.length) this.#grow();
    return entry;
  }

  #grow(): void {
    const slots = 2 * this.#slots.length;
    this.#hashes = grown(this.#hashes, new Uint32Array(slots));
    this.#starts = grown(this.#starts, new Uint32Array(slots + 1));
    this.#slots = new Int32Array(slots).fill(FREE);
    for (let entry = 0; entry < this.#entries; entry++) {
      let slot = (this.#hashes[entry] ^ (this.#hashes[entry] >>> 15)) & (slots - 1);
      while (this.#slots[slot] !== FREE) slot = (slot + 1) & (slots - 1);
      this.#slots[slot] = entry;
    }
  }
}

function grown<A extends Int32Array | Uint32Array | Uint16Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
