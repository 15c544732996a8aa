/**
 * The tokenizer that every model of an experiment shares: byte-level byte pair encoding as in GPT-2, so that any
 * text can be encoded and nothing is ever unknown. A value: nothing about it changes after it is made (the encoder's
 * cache only makes repeated words fast).
 *
 * Tokenizers trained here number their tokens so: 0 is `<|endoftext|>`, 1 to 256 are the bytes 0 to 255, and then
 * come the merges in the order in which they were learned. 0 was chosen over the last id because it is the same
 * for every vocabulary size. Files of others may number as they like.
 *
 * Text never becomes the special token: `<|endoftext|>` written in a document is encoded as the signs and letters it
 * consists of, so that a document cannot end itself. Hugging Face's tokenizers do the opposite unless told
 * otherwise (Python: `split_special_tokens=True`), and decode both to the same text.
 */

import { join } from 'node:path';
import { InputError } from '../common/errors.ts';
import { readTextIfThere, writeFileAtomic } from '../common/files.ts';
import type { Json } from '../common/json.ts';
import { TOKENIZER_CONFIG_FILE, TOKENIZER_FILE } from '../formats/model-folder.ts';
import { type EncodedBatch, Encoder } from './encoder.ts';
import {
  END_OF_TEXT,
  parseTokenizerFile,
  type TokenizerParts,
  tokenizerConfigJson,
  tokenizerFileJson,
} from './huggingface.ts';
import type { MergeRules } from './merges.ts';

export class Tokenizer {
  /** What encoding needs to know; plain data that can be sent to a worker thread. */
  readonly rules: MergeRules;
  /** The id of `<|endoftext|>`. */
  readonly endOfText: number;
  readonly #tokens: readonly Uint8Array[];
  #encoder: Encoder | undefined;

  constructor(parts: TokenizerParts) {
    const byteIds = new Uint32Array(256);
    for (const [id, bytes] of parts.tokens.entries()) if (bytes.length === 1) byteIds[bytes[0]] = id;
    this.rules = { byteIds, merges: parts.merges };
    this.endOfText = parts.endOfText;
    this.#tokens = parts.tokens;
  }

  /** The id that a model reads before the first token of a text. */
  get beginOfText(): number {
    return this.endOfText;
  }

  /** How many token ids there are, the special one included: ids go from 0 to this less one. */
  get vocabularySize(): number {
    return this.#tokens.length;
  }

  /** The ids of a text. A lone surrogate is encoded as U+FFFD. No special token is ever produced. */
  encode(text: string): Uint32Array<ArrayBuffer> {
    return this.#encode().encode(text);
  }

  /** The ids of several texts, in one array. */
  encodeBatch(texts: readonly string[]): EncodedBatch {
    return this.#encode().encodeBatch(texts);
  }

  /**
   * The text of ids. `endOfText` is written as `<|endoftext|>`; bytes that are no UTF-8 (a character cut in two)
   * become U+FFFD. For well-formed text, decoding its encoding gives the text back.
   * @throws InputError for an id outside the vocabulary.
   */
  decode(ids: Iterable<number>): string {
    const endOfText = new TextEncoder().encode(END_OF_TEXT);
    const pieces = Array.from(ids, (id) => (id === this.endOfText ? endOfText : this.tokenBytes(id)));
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(pieces));
  }

  /**
   * The bytes of text that a token stands for: none for `endOfText`. Not to be written to.
   * @throws InputError for an id outside the vocabulary.
   */
  tokenBytes(id: number): Uint8Array {
    const bytes = this.#tokens[id];
    if (bytes !== undefined) return bytes;
    throw new InputError(
      `There is no token ${id}: the vocabulary has ids from 0 to ${this.vocabularySize - 1}.`,
      'Use token ids and a tokenizer that belong together.',
    );
  }

  /** The complete content of a Hugging Face `tokenizer.json`. */
  toHuggingFace(): Json {
    return tokenizerFileJson(this.#parts());
  }

  /** Writes `tokenizer.json` and `tokenizer_config.json` into a folder, each whole or not at all. */
  async save(directory: string): Promise<void> {
    const write = (name: string, content: Json) =>
      writeFileAtomic(join(directory, name), `${JSON.stringify(content, null, 2)}\n`);
    await write(TOKENIZER_CONFIG_FILE, tokenizerConfigJson());
    await write(TOKENIZER_FILE, this.toHuggingFace());
  }

  /**
   * Reads a `tokenizer.json`.
   * @throws InputError when there is none or it holds another kind of tokenizer, CorruptionError when it is damaged.
   */
  static async load(path: string): Promise<Tokenizer> {
    const text = await readTextIfThere(path);
    if (text !== undefined) return Tokenizer.parse(text, path);
    throw new InputError(`There is no tokenizer at ${path}.`, 'Give the path of a tokenizer.json.');
  }

  /** Like `load`, for the text of a file whose name is only used in errors. */
  static parse(text: string, name: string): Tokenizer {
    return new Tokenizer(parseTokenizerFile(text, name));
  }

  #encode(): Encoder {
    this.#encoder ??= new Encoder(this.rules);
    return this.#encoder;
  }

  #parts(): TokenizerParts {
    return { tokens: this.#tokens, endOfText: this.endOfText, merges: this.rules.merges };
  }
}
