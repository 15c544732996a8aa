/**
 * The index of a token store: for each document its place in the token stream, its size, split and content id.
 *
 * Columns in typed arrays, not an object a document: 33 bytes a document in memory (25 on disk), so that ten
 * million documents fit into a third of a gigabyte. Offsets are not stored, they are the running sum of the
 * lengths. Of a content id (SHA-256) the first 128 bits are kept: among ten million documents the chance of
 * two that agree by accident is below 2^-80.
 */
import { CorruptionError } from '../../common/errors.ts';
import type { Split } from '../documents/report.ts';

/** The splits by the number that the index holds for them. */
export const SPLITS: readonly Split[] = ['train', 'validation', 'heldout'];

const ID_WORDS = 4;
const BYTES_PER_DOCUMENT = 4 + 4 + 4 * ID_WORDS + 1;
const CONTENT_ID = /^[0-9a-f]{32,}$/;

export class TokenIndex {
  readonly count: number;
  /** Tokens of each document, the closing end-of-text included. */
  readonly lengths: Uint32Array;
  /** UTF-8 bytes of each document's text. */
  readonly textBytes: Uint32Array;
  /** Position of each document's split in `SPLITS`. */
  readonly splits: Uint8Array;
  /** The first 128 bits of each content id, four big-endian words a document. */
  readonly #ids: Uint32Array;
  #offsets: Float64Array | undefined;
  #order: Uint32Array | undefined;

  private constructor(lengths: Uint32Array, textBytes: Uint32Array, ids: Uint32Array, splits: Uint8Array) {
    this.count = lengths.length;
    this.lengths = lengths;
    this.textBytes = textBytes;
    this.#ids = ids;
    this.splits = splits;
  }

  /** An index with room for `count` documents; fill it with `describe` and by setting `lengths`. */
  static empty(count: number): TokenIndex {
    const column = () => new Uint32Array(count);
    return new TokenIndex(column(), column(), new Uint32Array(count * ID_WORDS), new Uint8Array(count));
  }

  /** Reads what `serialize` wrote for `count` documents. */
  static parse(data: Uint8Array, count: number, path: string): TokenIndex {
    if (data.byteLength !== count * BYTES_PER_DOCUMENT) {
      throw new CorruptionError(
        `${path} has ${data.byteLength} bytes; an index of ${count} documents has ${count * BYTES_PER_DOCUMENT}.`,
        'Remove the folder it is in; the tokens are made again from the text.',
      );
    }
    const copy = data.slice().buffer;
    const column = (at: number, words: number) => new Uint32Array(copy, at * count, count * words);
    const splits = new Uint8Array(copy, (8 + 4 * ID_WORDS) * count, count);
    return new TokenIndex(column(0, 1), column(4, 1), column(8, ID_WORDS), splits);
  }

  /** The columns one after the other, little-endian (as every platform of Node.js that VS Code runs on is). */
  *serialize(): Generator<Uint8Array> {
    for (const column of [this.lengths, this.textBytes, this.#ids, this.splits]) {
      yield new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
    }
  }

  /** Sets what is known of a document before it is tokenized. `id` is hexadecimal, 32 digits or more. */
  describe(document: number, id: string, textBytes: number, split: Split): void {
    this.#ids.set(idWords(id), document * ID_WORDS);
    this.textBytes[document] = textBytes;
    this.splits[document] = SPLITS.indexOf(split);
  }

  /** The first 128 bits of a document's content id. */
  contentId(document: number): Uint32Array {
    return this.#ids.subarray(document * ID_WORDS, (document + 1) * ID_WORDS);
  }

  /** Where each document starts in the token stream, and as last entry where the stream ends. */
  get offsets(): Float64Array {
    if (this.#offsets) return this.#offsets;
    const offsets = new Float64Array(this.count + 1);
    for (let i = 0; i < this.count; i++) offsets[i + 1] = offsets[i] + this.lengths[i];
    this.#offsets = offsets;
    return offsets;
  }

  /** All documents in the order of their content ids; documents of equal content in the order they are stored. */
  get byContentId(): Uint32Array {
    if (this.#order) return this.#order;
    const ids = this.#ids;
    const order = Uint32Array.from(this.lengths, (_, i) => i);
    this.#order = order.sort((a, b) => compareWords(ids, a * ID_WORDS, ids, b * ID_WORDS) || a - b);
    return this.#order;
  }

  /** A document with the content id of document `at` of another index, or `undefined`. */
  findSameContent(other: TokenIndex, at: number): number | undefined {
    const order = this.byContentId;
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareWords(this.#ids, order[middle] * ID_WORDS, other.#ids, at * ID_WORDS) < 0) low = middle + 1;
      else high = middle;
    }
    if (low === order.length) return undefined;
    const found = order[low];
    return compareWords(this.#ids, found * ID_WORDS, other.#ids, at * ID_WORDS) === 0 ? found : undefined;
  }
}

function idWords(id: string): number[] {
  if (!CONTENT_ID.test(id)) throw new TypeError(`"${id}" is no content id: 32 or more hexadecimal digits.`);
  return [0, 8, 16, 24].map((start) => Number.parseInt(id.slice(start, start + 8), 16));
}

function compareWords(a: Uint32Array, aStart: number, b: Uint32Array, bStart: number): number {
  for (let i = 0; i < ID_WORDS; i++) {
    const difference = a[aStart + i] - b[bStart + i];
    if (difference !== 0) return difference;
  }
  return 0;
}
