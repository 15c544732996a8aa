/**
 * A tokenizer's files as other programs get them. Every text that a model reads here begins with a token of its own, which the
 * files of our tokenizers leave to whoever reads them: exported, they say so, so that other programs put it there too. What
 * comes from elsewhere stays as it came.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../common/json.ts';
import { END_OF_TEXT, tokenizerConfigJson, tokenizerFileJson } from './huggingface.ts';
import type { Tokenizer } from './tokenizer.ts';

export interface ExportedTokenizer {
  /** The text of `tokenizer.json`. */
  readonly file: string;
  /** The text of `tokenizer_config.json`; transformers.js does not do without. */
  readonly configuration: string;
  /** The token that other programs put before each text; `undefined` where they put none. */
  readonly begin: number | undefined;
}

/** transformers names a third by default, which a Llama model refuses. */
const INPUTS = { model_input_names: ['input_ids', 'attention_mask'] };

/** `texts` are those that the tokenizer was read from. */
export function exportedTokenizer(
  tokenizer: Tokenizer,
  texts: { readonly file: string; readonly configuration: string | undefined },
): ExportedTokenizer {
  const own = ownFile(tokenizer);
  const { beginOfText, endOfText, addsBegin } = tokenizer;
  if (own !== undefined && isDeepStrictEqual(JSON.parse(texts.file), own)) {
    return {
      file: written({ ...own, post_processor: beginning(endOfText) }),
      configuration: written({ ...tokenizerConfigJson(), ...INPUTS, add_bos_token: true }),
      begin: endOfText,
    };
  }
  const [begin, end] = [beginOfText, endOfText].map((id) => tokenizer.specialToken(id));
  const configuration =
    texts.configuration ??
    written({ ...tokenizerConfigJson(begin, end), ...INPUTS, add_bos_token: addsBegin });
  return { file: texts.file, configuration, begin: addsBegin ? beginOfText : undefined };
}

/** What is written of a tokenizer that was trained here; `undefined` of one whose texts end with another token. */
function ownFile(tokenizer: Tokenizer) {
  const { vocabularySize, endOfText, merges } = tokenizer;
  if (tokenizer.specialToken(endOfText) !== END_OF_TEXT) return undefined;
  const tokens = Array.from({ length: vocabularySize }, (_, id) => tokenizer.tokenBytes(id));
  return tokenizerFileJson({ tokens, endOfText, merges });
}

/** A step after encoding that puts `<|endoftext|>` before a text, and between two. */
function beginning(id: number): Json {
  const token = (type: number) => ({ SpecialToken: { id: END_OF_TEXT, type_id: type } });
  const text = (name: string, type: number) => ({ Sequence: { id: name, type_id: type } });
  return {
    type: 'TemplateProcessing',
    single: [token(0), text('A', 0)],
    pair: [token(0), text('A', 0), token(1), text('B', 1)],
    special_tokens: { [END_OF_TEXT]: { id: END_OF_TEXT, ids: [id], tokens: [END_OF_TEXT] } },
  };
}

function written(content: Json): string {
  return `${JSON.stringify(content, null, 2)}\n`;
}
