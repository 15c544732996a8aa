/**
 * A hash table from pairs of token ids to numbers. A `Map` would need one key made of two ids, which no longer fits
 * V8's small integers and is several times slower. Open addressing with linear probing, at most half full.
 */
const INITIAL_SLOTS = 1 << 10;

export class PairTable {
  #lefts = new Uint32Array(INITIAL_SLOTS);
  #rights = new Uint32Array(INITIAL_SLOTS);
  /** One more than the value; 0 marks a free slot. */
  #values = new Uint32Array(INITIAL_SLOTS);
  #size = 0;

  /** The value of a pair, or -1. */
  get(left: number, right: number): number {
    return this.#values[this.#slotOf(left, right)] - 1;
  }

  /** Sets the value of a pair: a whole number from 0 to 2^32 - 2. */
  set(left: number, right: number, value: number): void {
    if (2 * (this.#size + 1) > this.#values.length) this.#grow();
    const slot = this.#slotOf(left, right);
    if (this.#values[slot] === 0) this.#size++;
    this.#lefts[slot] = left;
    this.#rights[slot] = right;
    this.#values[slot] = value + 1;
  }

  #slotOf(left: number, right: number): number {
    const values = this.#values;
    const mask = values.length - 1;
    const mixed = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca77);
    let slot = (mixed ^ (mixed >>> 15)) & mask;
    while (values[slot] !== 0 && (this.#lefts[slot] !== left || this.#rights[slot] !== right)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #grow(): void {
    const [lefts, rights, values] = [this.#lefts, this.#rights, this.#values];
    const capacity = values.length * 2;
    this.#lefts = new Uint32Array(capacity);
    this.#rights = new Uint32Array(capacity);
    this.#values = new Uint32Array(capacity);
    for (let i = 0; i < values.length; i++) {
      if (values[i] === 0) continue;
      const slot = this.#slotOf(lefts[i], rights[i]);
      this.#lefts[slot] = lefts[i];
      this.#rights[slot] = rights[i];
      this.#values[slot] = values[i];
    }
  }
}
