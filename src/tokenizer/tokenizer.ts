/**
 * The tokenizer that every model of an experiment shares. One trained here is byte-level byte pair encoding as in
 * GPT-2, so that any text can be encoded and nothing is ever unknown; one that comes with a checkpoint may cut text
 * otherwise. A value: nothing about it changes after it is made (the encoder's cache only makes repeated words fast).
 *
 * Tokenizers trained here number their tokens so: 0 is `<|endoftext|>`, 1 to 256 are the bytes 0 to 255, and then
 * come the merges in the order in which they were learned. 0 was chosen over the last id because it is the same
 * for every vocabulary size. Files of others may number as they like.
 *
 * Text never becomes a special token: `<|endoftext|>` written in a document is encoded as the signs and letters it
 * consists of, so that a document cannot end itself. Hugging Face's tokenizers do the opposite unless told
 * otherwise (Python: `split_special_tokens=True`), and decode both to the same text. Tokens that a file adds for text
 * (`"special": false`) are made from it, as there.
 */

import { dirname, join } from 'node:path';
import { InputError } from '../common/errors.ts';
import { readBoundedText, writeFileAtomic } from '../common/files.ts';
import type { Json } from '../common/json.ts';
import { TOKENIZER_CONFIG_FILE, TOKENIZER_FILE } from '../formats/model-folder.ts';
import { type EncodedBatch, Encoder, type TokenEncoder } from './encoder.ts';
import { type Encoding, encoderFor } from './encoding.ts';
import {
  END_OF_TEXT,
  type NamedText,
  parseTokenizerFile,
  type ReadTokenizer,
  type TokenizerParts,
  tokenizerConfigJson,
  tokenizerFileJson,
} from './huggingface.ts';
import type { MergeRules } from './merges.ts';
import { unusable } from './tokenizer-file.ts';

/** The largest published ones have a third of it. */
const MOST_FILE_BYTES = 2 ** 26;
const SPACE = 0x20;

/** What a tokenizer that was read knows beyond its parts. */
interface Origin {
  readonly read: ReadTokenizer;
  readonly texts: { readonly [file: string]: string };
}

export class Tokenizer {
  /** What encoding needs to know; plain data that can be sent to a worker thread. */
  readonly encoding: Encoding;
  /** The id of the token that ends a text; of ours `<|endoftext|>`. */
  readonly endOfText: number;
  /** The id that a model reads before the first token of a text. */
  readonly beginOfText: number;
  /** Whether other programs put that token there too, by what its files say. */
  readonly addsBegin: boolean;
  /** Three ids a merge, in order of rank. */
  readonly merges: Uint32Array;
  readonly #tokens: readonly Uint8Array[];
  readonly #specialTokens: ReadonlyMap<number, string>;
  readonly #origin: Origin | undefined;
  readonly #newEncoder: (() => TokenEncoder) | undefined;
  #encoder: TokenEncoder | undefined;

  /** Of one that was read `origin` says from what; where that is not ours, `newEncoder` makes its encoder. */
  constructor(parts: TokenizerParts, origin?: Origin, newEncoder?: () => TokenEncoder) {
    this.merges = parts.merges;
    this.endOfText = parts.endOfText;
    this.beginOfText = origin?.read.beginOfText ?? parts.endOfText;
    this.addsBegin = origin?.read.addsBegin ?? false;
    this.encoding = origin?.read.library ?? { kind: 'own', rules: rulesOf(parts) };
    this.#tokens = parts.tokens;
    this.#specialTokens = origin?.read.specialTokens ?? new Map([[parts.endOfText, END_OF_TEXT]]);
    this.#origin = origin;
    this.#newEncoder = newEncoder;
  }

  /** How many token ids there are, the special ones included: ids go from 0 to this less one. */
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
   * The text of ids. Special tokens are written as their files name them; bytes that are no UTF-8 (a character cut in
   * two) become U+FFFD. The space that SentencePiece sets before a text is taken away again. For well-formed text,
   * decoding its encoding gives the text back (where the tokenizer does not change it first, to Unicode's NFC for one).
   * @throws InputError for an id outside the vocabulary.
   */
  decode(ids: Iterable<number>): string {
    const special = new TextEncoder();
    let atStart = this.#origin?.read.setsSpaceBefore ?? false;
    const pieces = Array.from(ids, (id) => {
      const name = this.specialToken(id);
      if (name !== undefined) return special.encode(name);
      const bytes = this.tokenBytes(id);
      const first = atStart && bytes[0] === SPACE ? bytes.subarray(1) : bytes;
      atStart &&= bytes.length === 0;
      return first;
    });
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(pieces));
  }

  /**
   * The bytes of text that a token stands for: none for a special token. Not to be written to.
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

  /** How a token that stands for no text is written, `undefined` for one that does. */
  specialToken(id: number): string | undefined {
    return this.#specialTokens.get(id);
  }

  /** The complete content of a Hugging Face `tokenizer.json`. */
  toHuggingFace(): Json {
    const text = this.#origin?.texts[TOKENIZER_FILE];
    return text === undefined ? tokenizerFileJson(this.#parts()) : JSON.parse(text);
  }

  /**
   * Writes `tokenizer.json` and `tokenizer_config.json` into a folder, each whole or not at all; of a tokenizer that was
   * read, as they were.
   */
  async save(directory: string): Promise<void> {
    const written = (content: Json) => `${JSON.stringify(content, null, 2)}\n`;
    const texts = this.#origin?.texts ?? {};
    const configuration = texts[TOKENIZER_CONFIG_FILE] ?? written(this.#configuration());
    await writeFileAtomic(join(directory, TOKENIZER_CONFIG_FILE), configuration);
    const file = texts[TOKENIZER_FILE] ?? written(this.toHuggingFace());
    await writeFileAtomic(join(directory, TOKENIZER_FILE), file);
  }

  /**
   * Reads a `tokenizer.json`, and the `tokenizer_config.json` beside it where there is one.
   * @throws InputError when there is none or it holds another kind of tokenizer, CorruptionError when it is damaged.
   */
  static async load(path: string): Promise<Tokenizer> {
    const text = await readBoundedText(path, MOST_FILE_BYTES);
    if (text === undefined) {
      throw new InputError(`There is no tokenizer at ${path}.`, 'Give the path of a tokenizer.json.');
    }
    const name = join(dirname(path), TOKENIZER_CONFIG_FILE);
    const configuration = await readBoundedText(name, MOST_FILE_BYTES);
    return Tokenizer.parse(
      { text, name: path },
      configuration === undefined ? undefined : { text: configuration, name },
    );
  }

  /** Like `load`, for the texts of files whose names are only used in errors. */
  static async parse(file: NamedText, configuration?: NamedText): Promise<Tokenizer> {
    const read = parseTokenizerFile(file, configuration);
    const texts = {
      [TOKENIZER_FILE]: file.text,
      ...(configuration && { [TOKENIZER_CONFIG_FILE]: configuration.text }),
    };
    const newEncoder = read.library && (await libraryEncoder(read.library, file.name));
    return new Tokenizer(read, { read, texts }, newEncoder);
  }

  #encode(): TokenEncoder {
    this.#encoder ??= this.#newEncoder?.() ?? new Encoder(rulesOf(this.#parts()));
    return this.#encoder;
  }

  #parts(): TokenizerParts {
    return { tokens: this.#tokens, endOfText: this.endOfText, merges: this.merges };
  }

  #configuration(): Json {
    return tokenizerConfigJson(this.specialToken(this.beginOfText), this.specialToken(this.endOfText));
  }
}

async function libraryEncoder(encoding: Encoding, name: string): Promise<() => TokenEncoder> {
  try {
    return await encoderFor(encoding);
  } catch (error) {
    throw unusable(name, 'one of its steps cannot be made', error);
  }
}

/** The ids of the single bytes are those of the tokens of one byte. */
function rulesOf({ tokens, merges }: TokenizerParts): MergeRules {
  const byteIds = new Uint32Array(256);
  for (const [id, bytes] of tokens.entries()) if (bytes.length === 1) byteIds[bytes[0]] = id;
  return { byteIds, merges };
}
