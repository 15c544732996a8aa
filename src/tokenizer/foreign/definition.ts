/**
 * What `@huggingface/tokenizers` is given of a tokenizer that is not ours. Not the file itself, for three reasons:
 *
 * - Text must never become a special token, so those are left out, and with them what adds them around a text.
 * - The library differs from Hugging Face's own Rust code in how it reads digits, white space and punctuation of other
 *   scripts and a metaspace that splits. Each of these is written as the expression that it means, which the library
 *   computes as the Rust code does.
 * - Its time and stack grow with the longest piece of text. A text is cut before it is handed over, where that changes
 *   nothing: between a letter and a line end, or a letter and a space, whichever no token and no word can span.
 */
import type { Json } from '../../common/json.ts';
import {
  type AddedToken,
  type Normalizer,
  type PreTokenizer,
  type TokenizerFile,
  unusable,
} from '../tokenizer-file.ts';
import { SPACE_MARK, type Vocabulary, writesBytes } from '../vocabulary.ts';
import { linearPattern } from './split-patterns.ts';

export interface LibraryDefinition {
  /** A `tokenizer.json` for the library. */
  readonly json: { readonly [key: string]: Json };
  /** Set before each text. */
  readonly prefix: { readonly text: string; readonly unlessThere: boolean } | undefined;
  /** A long text may be cut before this character when a Latin letter stands before it. */
  readonly cutBefore: '\n' | ' ' | undefined;
}

const GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
const PUNCTUATION = '[\\p{P}!-/:-@\\[-`{-~]';
const WORD = `${SPACE_MARK}*[^${SPACE_MARK}]+|${SPACE_MARK}+`;

/** @throws InputError where the file's steps before the merges cannot be computed exactly. */
export function libraryDefinition(
  file: TokenizerFile,
  { specialTokens }: Vocabulary,
  name: string,
): LibraryDefinition {
  const added = file.added_tokens.filter(({ special }) => !special);
  const single = added.find((token) => token.single_word);
  if (single) throw unusable(name, `its token ${JSON.stringify(single.content)} is added as a single word`);
  // Only at the beginning of a text, unless text between tokens of the text's own begins anew each time.
  const prefix = added.length === 0 ? prefixOf(file) : undefined;
  const words = splitsAtSpaces(file);
  const normalizers = file.normalizer.filter(({ type }) => prefix === undefined || type !== 'Prepend');
  const preTokenizers = file.pre_tokenizer.flatMap((step) => splits(step, prefix !== undefined, name));
  if (words) preTokenizers.push(isolated(WORD));
  return {
    json: {
      added_tokens: added.map(({ normalized, ...token }) => ({ ...token, normalized: normalized ?? true })),
      normalizer: sequence('normalizers', normalizers.map(normalizerJson)),
      pre_tokenizer: sequence('pretokenizers', preTokenizers),
      post_processor: null,
      decoder: null,
      model: modelJson(file, specialTokens),
    },
    prefix,
    cutBefore: cutOf(file, added, prefix !== undefined && words),
  };
}

/** What SentencePiece sets before a text: its mark for the space, always or where the text does not begin with one. */
export function prefixOf(file: TokenizerFile): LibraryDefinition['prefix'] {
  for (const step of file.normalizer) {
    if (step.type === 'Prepend' && step.prepend !== '') return { text: step.prepend, unlessThere: false };
  }
  const marks = file.pre_tokenizer.some((step) => step.type === 'Metaspace' && schemeOf(step) !== 'never');
  return marks ? { text: SPACE_MARK, unlessThere: true } : undefined;
}

function schemeOf(step: Extract<PreTokenizer, { type: 'Metaspace' }>): 'always' | 'first' | 'never' {
  return step.prepend_scheme ?? (step.add_prefix_space === false ? 'never' : 'always');
}

/** Whether no merge reaches from a word into the space after it: then words can be encoded each by itself. */
function splitsAtSpaces(file: TokenizerFile): boolean {
  if (writesBytes(file) || file.pre_tokenizer.length > 0) return false;
  const spans = new RegExp(`[^${SPACE_MARK}]${SPACE_MARK}`);
  return !file.model.merges.some((merge) =>
    spans.test(typeof merge === 'string' ? merge.replace(' ', '') : merge.join('')),
  );
}

function cutOf(
  file: TokenizerFile,
  added: readonly AddedToken[],
  words: boolean,
): LibraryDefinition['cutBefore'] {
  const spaces = file.normalizer.some((step) => step.type === 'Replace' && step.pattern.String === ' ');
  if (words && spaces) return ' ';
  const lines = added.every(({ content, lstrip, rstrip }) => !(content.includes('\n') || lstrip || rstrip));
  return writesBytes(file) && lines ? '\n' : undefined;
}

function splits(step: PreTokenizer, prefixed: boolean, name: string): Json[] {
  switch (step.type) {
    case 'ByteLevel': {
      if (step.add_prefix_space) throw unusable(name, 'it adds a space before the text (add_prefix_space)');
      const bytes = { type: 'ByteLevel', add_prefix_space: false, use_regex: false };
      return step.use_regex ? [isolated(GPT2), bytes] : [bytes];
    }
    case 'Digits':
      return [isolated(step.individual_digits ? '\\p{N}' : '\\p{N}+')];
    case 'Punctuation':
      return [isolated(step.behavior === 'Contiguous' ? `${PUNCTUATION}+` : PUNCTUATION)];
    case 'Metaspace': {
      const scheme = prefixed ? 'never' : schemeOf(step);
      const mark = { type: 'Metaspace', replacement: SPACE_MARK, prepend_scheme: scheme };
      return step.split ? [mark, isolated(`${SPACE_MARK}[^${SPACE_MARK}]*|[^${SPACE_MARK}]+`)] : [mark];
    }
    case 'Split':
      return [splitJson(step, name)];
  }
}

function splitJson(step: Extract<PreTokenizer, { type: 'Split' }>, name: string): Json {
  const { pattern, behavior, invert } = step;
  const refused = (what: string) => unusable(name, `${what} (Split of its pre_tokenizer)`);
  // What an inverted pattern does not match is dropped; the published ones match everything.
  const all = 'Regex' in pattern && /\|\\s\+$/.test(pattern.Regex);
  const isolates = invert ? behavior === 'Removed' && all : behavior === 'Isolated';
  if (!isolates) throw refused(`it splits with the behaviour ${behavior}${invert ? ', inverted' : ''}`);
  if ('String' in pattern) return { type: 'Split', pattern, behavior: 'Isolated', invert: false };
  const linear = linearPattern(pattern.Regex);
  if (linear !== undefined) return isolated(linear);
  const quoted = JSON.stringify(pattern.Regex.slice(0, 200));
  throw refused(`its regular expression is none that is known to take little time: ${quoted}`);
}

function isolated(regex: string): Json {
  return { type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated', invert: false };
}

function normalizerJson(step: Normalizer): Json {
  return step.type === 'Replace' ? { ...step, pattern: { String: step.pattern.String } } : { ...step };
}

function sequence(name: 'normalizers' | 'pretokenizers', steps: readonly Json[]): Json {
  return steps.length === 0 ? null : { type: 'Sequence', [name]: steps };
}

function modelJson({ model }: TokenizerFile, specialTokens: ReadonlyMap<number, string>): Json {
  const vocab = Object.entries(model.vocab).filter(
    ([token, id]) => token === model.unk_token || !specialTokens.has(id),
  );
  return {
    type: 'BPE',
    vocab: Object.fromEntries(vocab),
    merges: model.merges.map((merge) => (typeof merge === 'string' ? merge.split(' ') : [...merge])),
    unk_token: model.unk_token ?? null,
    fuse_unk: model.fuse_unk ?? false,
    byte_fallback: model.byte_fallback ?? false,
    ignore_merges: model.ignore_merges ?? false,
  };
}
