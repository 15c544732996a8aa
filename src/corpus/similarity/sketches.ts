/**
 * The sketches of many documents, in pieces of 4 MB, so that growing copies nothing. Rows of one text share a sketch. A
 * place that is given back is used again once half of all is free.
 *
 * File `sketches.bin`: rows and values (32-bit little-endian), the start and length of each row's, the values.
 */
import { CorruptionError } from '../../common/errors.ts';
import { leastHashes, sampledBelow } from './sketch.ts';

const chunkBits = 20;
const chunkSize = 2 ** chunkBits;
const headerWords = 2;

export class Sketches {
  #starts = new Uint32Array(1024);
  #lengths = new Uint32Array(1024);
  #chunks: Uint32Array[] = [];
  #end = 0;
  #free = 0;

  /** The sketch of a row; valid until it is given back. */
  of(row: number): Uint32Array {
    const at = this.#starts[row] & (chunkSize - 1);
    return this.#chunks[this.#starts[row] >>> chunkBits].subarray(at, at + this.#lengths[row]);
  }

  lengthOf(row: number): number {
    return this.#lengths[row];
  }

  /** Gives a row a sketch of its own. */
  set(row: number, sketch: Uint32Array): void {
    this.#ensure(row);
    const left = chunkSize - (this.#end & (chunkSize - 1));
    if (left < sketch.length) this.#end += left;
    while (this.#chunks.length * chunkSize < this.#end + sketch.length)
      this.#chunks.push(new Uint32Array(chunkSize));
    this.#starts[row] = this.#end;
    this.#lengths[row] = sketch.length;
    this.of(row).set(sketch);
    this.#end += sketch.length;
  }

  /** Gives a row the sketch of another. */
  share(row: number, other: number): void {
    this.#ensure(row);
    this.#starts[row] = this.#starts[other];
    this.#lengths[row] = this.#lengths[other];
  }

  /** Takes back a row's own sketch; no other row may share one. */
  release(row: number): void {
    this.#free += this.#lengths[row];
    this.#lengths[row] = 0;
    if (this.#free > chunkSize && 2 * this.#free > this.#end) this.#compact();
  }

  /** The file's content, piece by piece. */
  *encode(rows: number): Generator<Uint32Array> {
    yield Uint32Array.of(rows, this.#end);
    yield this.#starts.subarray(0, rows);
    yield this.#lengths.subarray(0, rows);
    for (const [i, chunk] of this.#chunks.entries()) yield chunk.subarray(0, this.#end - i * chunkSize);
  }

  /** Reads the bytes of a file, whose memory may be kept; `path` is for messages. Throws `CorruptionError`. */
  static decode(bytes: Uint8Array, rows: number, path: string): Sketches {
    const isAligned = bytes.byteOffset % 4 === 0 && bytes.length % 4 === 0;
    const words = isAligned
      ? new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
      : wordsOf(bytes);
    const [count, end] = words;
    if (bytes.length % 4 !== 0 || count !== rows || words.length !== headerWords + 2 * rows + end) {
      throw new CorruptionError(`${path} is damaged or of another version.`, 'Index the corpus again.');
    }
    const result = new Sketches();
    result.#starts = words.slice(headerWords, headerWords + rows);
    result.#lengths = words.slice(headerWords + rows, headerWords + 2 * rows);
    const values = words.subarray(headerWords + 2 * rows);
    for (let start = 0; start < end; start += chunkSize)
      result.#chunks.push(values.subarray(start, start + chunkSize));
    result.#end = end;
    return result;
  }

  #ensure(row: number): void {
    if (row < this.#starts.length) return;
    const rows = Math.ceil(Math.max(row + 1, this.#starts.length * 1.5));
    const [starts, lengths] = [new Uint32Array(rows), new Uint32Array(rows)];
    starts.set(this.#starts);
    lengths.set(this.#lengths);
    this.#starts = starts;
    this.#lengths = lengths;
  }

  #compact(): void {
    const kept = new Sketches();
    for (let row = 0; row < this.#starts.length; row++)
      if (this.#lengths[row] > 0) kept.set(row, this.of(row));
    kept.#ensure(this.#starts.length - 1);
    this.#starts = kept.#starts;
    this.#lengths = kept.#lengths;
    this.#chunks = kept.#chunks;
    this.#end = kept.#end;
    this.#free = 0;
  }
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  const words = new Uint32Array(bytes.length >>> 2);
  new Uint8Array(words.buffer).set(bytes.subarray(0, words.byteLength));
  return words;
}

/** All of a text's hashes below this number are in its sketch. */
export function boundOf(sketch: Uint32Array): number {
  if (sketch.length < leastHashes) return 2 ** 32;
  return Math.max(sampledBelow, sketch[sketch.length - 1] + 1);
}
