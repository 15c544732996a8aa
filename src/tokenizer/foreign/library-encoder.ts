/** Encodes with `@huggingface/tokenizers`. Loaded only for tokenizers that are not ours. */
import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { InputError } from '../../common/errors.ts';
import type { EncodedBatch, TokenEncoder } from '../encoder.ts';
import { SPACE_MARK } from '../vocabulary.ts';
import type { LibraryDefinition } from './definition.ts';

/** A text of at most so many units goes in one piece. */
const PIECE_UNITS = 1 << 16;

export class LibraryEncoder implements TokenEncoder {
  readonly #library: LibraryTokenizer;
  readonly #definition: LibraryDefinition;
  readonly #pieceUnits: number;
  #output = new Uint32Array(1 << 12);
  #count = 0;

  constructor(definition: LibraryDefinition, { pieceUnits = PIECE_UNITS } = {}) {
    this.#library = new LibraryTokenizer(definition.json, {});
    this.#definition = definition;
    this.#pieceUnits = pieceUnits;
  }

  encode(text: string): Uint32Array<ArrayBuffer> {
    this.#count = 0;
    this.#append(text);
    return this.#output.slice(0, this.#count);
  }

  encodeBatch(texts: readonly string[]): EncodedBatch {
    const lengths = new Uint32Array(texts.length);
    this.#count = 0;
    for (const [i, text] of texts.entries()) {
      const before = this.#count;
      this.#append(text);
      lengths[i] = this.#count - before;
    }
    return { ids: this.#output.slice(0, this.#count), lengths };
  }

  #append(text: string): void {
    // A lone surrogate is encoded as U+FFFD.
    const whole = this.#prefixed(
      new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text)),
    );
    for (const piece of pieces(whole, this.#definition.cutBefore, this.#pieceUnits)) this.#appendPiece(piece);
  }

  #prefixed(text: string): string {
    const { prefix } = this.#definition;
    if (prefix === undefined || text === '') return text;
    if (prefix.unlessThere && (text[0] === ' ' || text[0] === SPACE_MARK)) return text;
    return prefix.text + text;
  }

  #appendPiece(piece: string): void {
    const ids = this.#idsOf(piece);
    const end = this.#count + ids.length;
    if (end > this.#output.length) {
      const larger = new Uint32Array(Math.max(end, 2 * this.#output.length));
      larger.set(this.#output);
      this.#output = larger;
    }
    this.#output.set(ids, this.#count);
    this.#count = end;
  }

  #idsOf(piece: string): readonly number[] {
    try {
      return this.#library.encode(piece, { add_special_tokens: false }).ids;
    } catch (error) {
      // The stack of a regular expression holds a few million characters.
      if (!(error instanceof RangeError)) throw error;
      throw new InputError(
        `A text holds a word of ${piece.length} characters or more, which the model's tokenizer cannot take apart.`,
        'Label the file that holds it as excluded, or break its lines.',
        error,
      );
    }
  }
}

/** The text, cut before `cutBefore` where a Latin letter precedes it, into pieces of about `units` or more. */
export function* pieces(text: string, cutBefore: string | undefined, units: number): Generator<string> {
  let start = 0;
  while (cutBefore !== undefined && text.length - start > units) {
    let cut = text.indexOf(cutBefore, start + units);
    while (cut >= 0 && !/[A-Za-z]/.test(text[cut - 1])) cut = text.indexOf(cutBefore, cut + 1);
    if (cut < 0) break;
    yield text.slice(start, cut);
    start = cut;
  }
  yield text.slice(start);
}
