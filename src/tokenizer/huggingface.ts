/**
 * Hugging Face's `tokenizer.json`, as far as byte-level BPE goes. What is written opens in transformers, tokenizers,
 * transformers.js and llama.cpp's converter without scripts; merges are written as "left right", which every version
 * of them reads. What is read must mean exactly what our encoder does: a file with another pre-tokenizer, a
 * normalizer or further special tokens is refused rather than read approximately.
 */
import * as z from 'zod';
import { CorruptionError, InputError } from '../common/errors.ts';
import type { Json } from '../common/json.ts';
import { bytesToCharacters, charactersToBytes } from './byte-alphabet.ts';

export const END_OF_TEXT = '<|endoftext|>';

/** What a tokenizer consists of. */
export interface TokenizerParts {
  /** The bytes of each token by id; those of `endOfText` are empty, since it stands for no text. */
  readonly tokens: readonly Uint8Array[];
  /** The id of the token that separates documents. */
  readonly endOfText: number;
  /** Three numbers a merge, in order of rank: left id, right id, id of the merged token. */
  readonly merges: Uint32Array;
}

const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };

const fileSchema = z.object({
  added_tokens: z.array(z.object({ id: z.int().nonnegative(), content: z.string() })),
  normalizer: z.looseObject({ type: z.string() }).nullish(),
  pre_tokenizer: z
    .looseObject({
      type: z.string(),
      add_prefix_space: z.boolean().optional(),
      use_regex: z.boolean().optional(),
    })
    .nullish(),
  model: z.object({
    type: z.string().optional(),
    vocab: z.record(z.string(), z.int().nonnegative()),
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
    continuing_subword_prefix: z.string().nullish(),
    end_of_word_suffix: z.string().nullish(),
    byte_fallback: z.boolean().nullish(),
    ignore_merges: z.boolean().nullish(),
  }),
});
type TokenizerFile = z.infer<typeof fileSchema>;

/** The complete content of `tokenizer.json`. */
export function tokenizerFileJson(parts: TokenizerParts): Json {
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
export function tokenizerConfigJson(): Json {
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    add_prefix_space: false,
    bos_token: END_OF_TEXT,
    eos_token: END_OF_TEXT,
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

/**
 * Reads the text of a `tokenizer.json`; `name` is the file's, for errors.
 * @throws CorruptionError when it is not what such a file holds, InputError when it holds another kind of tokenizer.
 */
export function parseTokenizerFile(text: string, name: string): TokenizerParts {
  const file = parseFile(text, name);
  refuseOtherKinds(file, name);
  const endOfText = findEndOfText(file, name);
  const tokens = readTokens(file, endOfText, name);
  return { tokens, endOfText, merges: readMerges(file, name) };
}

function parseFile(text: string, name: string): TokenizerFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw damaged(name, 'it is not JSON', error);
  }
  const result = fileSchema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw damaged(name, `at "${issue.path.join('.')}": ${issue.message}`, result.error);
}

function refuseOtherKinds(file: TokenizerFile, name: string): void {
  const { model, normalizer, pre_tokenizer: splitter } = file;
  const refuse = (what: string) => {
    throw new InputError(
      `${name} cannot be used: ${what}.`,
      "Use a byte-level BPE tokenizer with GPT-2's pre-tokenizer, or let Parlance train one.",
    );
  };
  if ((model.type ?? 'BPE') !== 'BPE') refuse(`its model is ${model.type}, not BPE`);
  if (normalizer) refuse(`it has a normalizer (${normalizer.type})`);
  if (splitter?.type !== 'ByteLevel')
    refuse(`its pre-tokenizer is ${splitter?.type ?? 'missing'}, not ByteLevel`);
  if (splitter?.add_prefix_space !== false) refuse('it adds a space before the text (add_prefix_space)');
  if (splitter?.use_regex === false)
    refuse("it does not use GPT-2's regular expression (use_regex is false)");
  if (model.continuing_subword_prefix) refuse('it marks the parts of words (continuing_subword_prefix)');
  if (model.end_of_word_suffix) refuse('it marks the ends of words (end_of_word_suffix)');
  if (model.byte_fallback) refuse('its bytes are a fallback only (byte_fallback)');
  if (model.ignore_merges) refuse('it takes whole words before merges (ignore_merges)');
  const other = file.added_tokens.find((token) => token.content !== END_OF_TEXT);
  if (other) refuse(`it adds the token ${JSON.stringify(other.content)}; only ${END_OF_TEXT} can be added`);
  if (file.added_tokens.length === 0) refuse(`it does not add the token ${END_OF_TEXT}`);
}

function findEndOfText(file: TokenizerFile, name: string): number {
  const { id } = file.added_tokens[0];
  const inVocabulary = file.model.vocab[END_OF_TEXT] ?? id;
  if (inVocabulary !== id) throw damaged(name, `${END_OF_TEXT} has the two ids ${id} and ${inVocabulary}`);
  return id;
}

function readTokens(file: TokenizerFile, endOfText: number, name: string): Uint8Array[] {
  const byId = new Map<number, Uint8Array>([[endOfText, new Uint8Array(0)]]);
  let singleBytes = 0;
  for (const [characters, id] of Object.entries(file.model.vocab)) {
    if (characters === END_OF_TEXT) continue;
    const bytes = charactersToBytes(characters);
    if (!bytes || bytes.length === 0) {
      throw damaged(
        name,
        `token ${id}, ${JSON.stringify(characters)}, is not written in the byte-level alphabet`,
      );
    }
    if (byId.has(id)) throw damaged(name, `two tokens have the id ${id}`);
    byId.set(id, bytes);
    if (bytes.length === 1) singleBytes++;
  }
  if (singleBytes !== 256) throw damaged(name, `it has tokens for ${singleBytes} of the 256 bytes`);
  return Array.from({ length: byId.size }, (_, id) => {
    const bytes = byId.get(id);
    if (bytes === undefined) throw damaged(name, `it has ${byId.size} tokens, but none with the id ${id}`);
    return bytes;
  });
}

function readMerges(file: TokenizerFile, name: string): Uint32Array {
  const ids = new Map(Object.entries(file.model.vocab));
  const merges = new Uint32Array(3 * file.model.merges.length);
  for (const [rank, merge] of file.model.merges.entries()) {
    const [left, right, ...rest] = typeof merge === 'string' ? merge.split(' ') : merge;
    const triple = [left, right, `${left}${right}`].map((token) => ids.get(token));
    if (rest.length > 0 || triple.includes(undefined)) {
      throw damaged(
        name,
        `merge ${rank}, ${JSON.stringify(merge)}, does not join two tokens of the vocabulary to a third`,
      );
    }
    for (const [i, id] of triple.entries()) merges[3 * rank + i] = id ?? 0;
  }
  return merges;
}

function damaged(name: string, what: string, cause?: unknown): CorruptionError {
  return new CorruptionError(
    `The tokenizer file ${name} is damaged: ${what}.`,
    'Restore the file from where it came from, or remove it and train the tokenizer again.',
    cause,
  );
}
