/**
 * Hugging Face's `tokenizer.json`. What is written opens in transformers, tokenizers, transformers.js and llama.cpp's
 * converter without scripts; merges are written as "left right", which every version of them reads. What is read is
 * encoded by our own encoder where that means exactly what the file says, else by `@huggingface/tokenizers`; what neither
 * computes exactly is refused rather than read approximately.
 */
import type { Json } from '../common/json.ts';
import { bytesToCharacters } from './byte-alphabet.ts';
import type { Encoding } from './encoding.ts';
import { libraryDefinition, prefixOf } from './foreign/definition.ts';
import { textBoundsOf } from './text-bounds.ts';
import { parseTokenizerJson, type TokenizerFile } from './tokenizer-file.ts';
import { readVocabulary } from './vocabulary.ts';

export const END_OF_TEXT = '<|endoftext|>';

/** What a tokenizer consists of. */
export interface TokenizerParts {
  /** The bytes of each token by id; empty for a token that stands for no text. */
  readonly tokens: readonly Uint8Array[];
  /** The id of the token that separates documents. */
  readonly endOfText: number;
  /** Three numbers a merge, in order of rank: left id, right id, id of the merged token. */
  readonly merges: Uint32Array;
}

/** What a file says beyond the parts of a tokenizer of ours. */
export interface ReadTokenizer extends TokenizerParts {
  readonly beginOfText: number;
  readonly addsBegin: boolean;
  readonly specialTokens: ReadonlyMap<number, string>;
  /** `undefined` where our own encoder does exactly what the file says. */
  readonly library: Extract<Encoding, { kind: 'library' }> | undefined;
  /** Whether the first token of every text has a space that is not the text's. */
  readonly setsSpaceBefore: boolean;
}

const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };

/** The complete content of `tokenizer.json`. */
export function tokenizerFileJson(parts: TokenizerParts): { readonly [key: string]: Json } {
  const names = parts.tokens.map((bytes, id) =>
    id === parts.endOfText ? END_OF_TEXT : bytesToCharacters(bytes),
  );
  const merges: string[] = [];
  for (let i = 0; i < parts.merges.length; i += 3) {
    merges.push(`${names[parts.merges[i]]} ${names[parts.merges[i + 1]]}`);
  }
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [{ id: parts.endOfText, ...endOfTextToken() }],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(names.map((name, id) => [name, id])),
      merges,
    },
  };
}

/** The content of `tokenizer_config.json`; it keeps decoders from changing the spaces before punctuation. */
export function tokenizerConfigJson(
  begin = END_OF_TEXT,
  end = END_OF_TEXT,
): { readonly [key: string]: Json } {
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    add_prefix_space: false,
    bos_token: begin,
    eos_token: end,
    clean_up_tokenization_spaces: false,
  };
}

function endOfTextToken() {
  return {
    content: END_OF_TEXT,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  };
}

export interface NamedText {
  readonly text: string;
  /** The file's, for errors. */
  readonly name: string;
}

/**
 * Reads the text of a `tokenizer.json`, and of the `tokenizer_config.json` beside it where there is one.
 * @throws CorruptionError when it is not what such a file holds, InputError when it is of a kind that is not computed.
 */
export function parseTokenizerFile({ text, name }: NamedText, configuration?: NamedText): ReadTokenizer {
  const file = parseTokenizerJson(text, name);
  const ours = isOurs(file);
  const vocabulary = readVocabulary(file, ours, name);
  return {
    ...vocabulary,
    ...textBoundsOf(file, vocabulary, configuration, name),
    library: isOurs(file)
      ? undefined
      : { kind: 'library', definition: libraryDefinition(file, vocabulary, name) },
    setsSpaceBefore: prefixOf(file) !== undefined,
  };
}

/** Whether our encoder does what the file says: GPT-2's words, and tokens besides that no text becomes. */
function isOurs({ model, normalizer, pre_tokenizer, added_tokens }: TokenizerFile): boolean {
  const [words, ...others] = pre_tokenizer;
  return (
    normalizer.length === 0 &&
    others.length === 0 &&
    words?.type === 'ByteLevel' &&
    !words.add_prefix_space &&
    words.use_regex &&
    !model.ignore_merges &&
    added_tokens.every(({ special }) => special)
  );
}
