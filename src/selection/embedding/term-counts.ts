/** Which terms a text has and how often: one row at a time, and rows kept one after the other. */
import type { SparseRows } from './sparse.ts';
import type { TermTable } from './term-table.ts';

/** The terms of one text, each once, with its count; made anew from text after text without allocating. */
export class TermRow {
  readonly #table: TermTable;
  readonly #adding: boolean;
  length = 0;
  columns = new Int32Array(1 << 10);
  values = new Float32Array(1 << 10);
  /** By term: its place in the row, where the row has it. */
  #places = new Int32Array(1 << 12);

  /** Terms that are not in the table are passed over, or, when `adding`, added to it. */
  constructor(table: TermTable, { adding = false } = {}) {
    this.#table = table;
    this.#adding = adding;
  }

  /** Makes this the row of `text`: terms in the order of their first occurrence. */
  read(text: string): void {
    this.length = 0;
    this.#table.open(text, this.#adding);
    for (let term = this.#table.next(); term >= 0; term = this.#table.next()) this.#count(term);
  }

  #count(term: number): void {
    if (term >= this.#places.length) this.#places = grown(this.#places, 2 * term);
    const place = this.#places[term];
    if (place < this.length && this.columns[place] === term) {
      this.values[place]++;
      return;
    }
    if (this.length === this.columns.length) {
      this.columns = grown(this.columns, 2 * this.length);
      this.values = grown(this.values, 2 * this.length);
    }
    this.#places[term] = this.length;
    this.columns[this.length] = term;
    this.values[this.length++] = 1;
  }
}

/** Rows that are appended one after the other; the memory grows with them. */
export class GrowingRows implements SparseRows {
  starts = new Int32Array(1 << 10);
  columns = new Int32Array(1 << 15);
  values = new Float32Array(1 << 15);
  count = 0;

  append({ columns, values, length }: TermRow): void {
    const start = this.starts[this.count];
    if (start + length > this.columns.length) {
      const atLeast = Math.max(start + length, 2 * this.columns.length);
      this.columns = grown(this.columns, atLeast);
      this.values = grown(this.values, atLeast);
    }
    this.columns.set(columns.subarray(0, length), start);
    this.values.set(values.subarray(0, length), start);
    this.count++;
    if (this.count === this.starts.length) this.starts = grown(this.starts, 2 * this.count);
    this.starts[this.count] = start + length;
  }
}

function grown<A extends Int32Array | Float32Array>(from: A, length: number): A;
function grown(from: Int32Array | Float32Array, length: number): Int32Array | Float32Array {
  const to = from instanceof Int32Array ? new Int32Array(length) : new Float32Array(length);
  to.set(from);
  return to;
}
