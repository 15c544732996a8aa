/**
 * A `tokenizer.json` as llama.cpp keeps it in GGUF: the tokens and what each is for, with merges (byte-level BPE) or scores
 * (SentencePiece). How text is split before the merges stands there only as the name of one of the rules that llama.cpp
 * knows: a file that splits otherwise, or changes the text before, is refused rather than written approximately.
 *
 * Sources: https://github.com/ggml-org/llama.cpp, src/llama-vocab.cpp (`llm_tokenizer_bpe`, `llm_tokenizer_spm`, and which
 * names clean up spaces or take whole words before merges), conversion/base.py.
 */
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { InputError } from '../common/errors.ts';
import type { GgufMetadata, GgufValue } from '../formats/gguf/format.ts';
import { charactersToBytes } from './byte-alphabet.ts';

export interface VocabularyRequest {
  /** Rows of the embedding: ids that the tokenizer lacks become unused tokens. */
  readonly rows: number;
  readonly beginOfText: number | undefined;
  readonly endOfText: number | undefined;
  /** Whether llama.cpp puts `beginOfText` before each text. */
  readonly addsBegin: boolean;
}

/** What a token is for, as llama.cpp numbers it. */
const KINDS = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

const part = z.looseObject({ type: z.string() });
type Part = z.infer<typeof part>;
const item = z.looseObject({ SpecialToken: z.looseObject({ id: z.string() }).optional() });
const postProcessor = z.looseObject({ type: z.string(), single: z.array(item).optional() });
const fileSchema = z.looseObject({
  added_tokens: z
    .array(z.looseObject({ id: z.int().nonnegative(), content: z.string(), special: z.boolean() }))
    .nullish(),
  normalizer: part.nullish(),
  pre_tokenizer: part.nullish(),
  post_processor: postProcessor.extend({ processors: z.array(postProcessor).optional() }).nullish(),
  model: z.looseObject({
    type: z.string().optional(),
    vocab: z.record(z.string(), z.int().nonnegative()),
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])).optional(),
    unk_token: z.string().nullish(),
    byte_fallback: z.boolean().nullish(),
    ignore_merges: z.boolean().nullish(),
  }),
});
type TokenizerFile = z.infer<typeof fileSchema>;

interface Token {
  readonly text: string;
  readonly kind: number;
}

/**
 * The keys `tokenizer.*` for the text of a `tokenizer.json`, which is known to be one; `name` is the file's, for errors.
 * Throws InputError when llama.cpp has no such tokenizer.
 */
export function ggufVocabulary(text: string, name: string, request: VocabularyRequest): GgufMetadata {
  const refuse: Refuse = (what) => {
    throw new InputError(
      `${name} cannot be written as GGUF: ${what}.`,
      'Export the model as a Hugging Face folder (--format hf).',
    );
  };
  const parsed = fileSchema.safeParse(JSON.parse(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refuse(`at "${issue.path.join('.')}": ${issue.message}`);
  }
  const file = parsed.data;
  if ((file.model.type ?? 'BPE') !== 'BPE') refuse(`its model is ${file.model.type}, not BPE`);
  const kind = file.model.byte_fallback ? sentencePiece(file, refuse) : byteLevel(file, refuse);
  const tokens = tokensOf(file, request.rows, refuse);
  for (const { text, kind: use } of tokens) if (use === KINDS.normal) kind.check(text);
  return new Map<string, GgufValue>([
    ...kind.head,
    ['tokenizer.ggml.tokens', { type: 'strings', value: tokens.map(({ text }) => text) }],
    ['tokenizer.ggml.token_type', { type: 'int32s', value: Int32Array.from(tokens, ({ kind }) => kind) }],
    ...kind.rules(tokens),
    ...specialIds(file, request),
  ]);
}

type Refuse = (what: string) => never;

interface Kind {
  readonly head: readonly (readonly [string, GgufValue])[];
  check(token: string): void;
  rules(tokens: readonly Token[]): readonly (readonly [string, GgufValue])[];
}

const BYTE_LEVEL = { type: 'ByteLevel', add_prefix_space: false, use_regex: true };
const AFTER_SPLIT = { ...BYTE_LEVEL, use_regex: false };
const splitBy = (regex: string) => ({
  type: 'Sequence',
  pretokenizers: [
    { type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated', invert: false },
    AFTER_SPLIT,
  ],
});
const manyDigits = (digits: string) =>
  `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;

/**
 * The names of llama.cpp's rules by how the tokenizer splits. "granite-docling" splits as "gpt-2" does, which would take
 * away spaces before punctuation when it writes ids as text.
 */
const RULES: readonly { readonly name: string; readonly split: unknown; readonly wholeWords: boolean }[] = [
  { name: 'granite-docling', split: BYTE_LEVEL, wholeWords: false },
  {
    name: 'smollm',
    split: { type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: true }, BYTE_LEVEL] },
    wholeWords: false,
  },
  { name: 'llama-bpe', split: splitBy(manyDigits('\\p{N}{1,3}')), wholeWords: true },
  { name: 'qwen2', split: splitBy(manyDigits('\\p{N}')), wholeWords: false },
];

function byteLevel(file: TokenizerFile, refuse: Refuse): Kind {
  if (file.normalizer) refuse(`it changes the text before (${file.normalizer.type})`);
  const split = plain(file.pre_tokenizer ?? null);
  const rule = RULES.find((known) => isDeepStrictEqual(known.split, split));
  if (rule === undefined) return refuse('llama.cpp has no rule that splits text as its pre-tokenizer does');
  if (rule.wholeWords !== (file.model.ignore_merges ?? false)) {
    refuse(
      `llama.cpp's rule "${rule.name}" ${rule.wholeWords ? 'takes' : 'never takes'} whole words before merges (ignore_merges)`,
    );
  }
  return {
    head: [
      ['tokenizer.ggml.model', { type: 'string', value: 'gpt2' }],
      ['tokenizer.ggml.pre', { type: 'string', value: rule.name }],
    ],
    check: (token) => {
      if (!charactersToBytes(token)?.length) {
        refuse(`its token ${JSON.stringify(token)} is not written in the byte-level alphabet`);
      }
    },
    rules: () => [
      [
        'tokenizer.ggml.merges',
        { type: 'strings', value: pairsOf(file, refuse).map((pair) => pair.join(' ')) },
      ],
    ],
  };
}

/** What decides how text is split, with defaults filled in: offsets are of no matter to ids. */
function plain(given: Part | null): unknown {
  if (given === null) return null;
  const { trim_offsets: _, ...rest } = given;
  if (rest.type === 'ByteLevel') return { ...AFTER_SPLIT, use_regex: true, ...rest };
  const inner = z.array(part).safeParse(rest.pretokenizers);
  if (!inner.success) return rest;
  const [only, ...more] = inner.data;
  return more.length === 0 ? plain(only) : { ...rest, pretokenizers: inner.data.map(plain) };
}

const SPACE = '▁';
const SPACE_FIRST = { type: 'Prepend', prepend: SPACE };
const SPACES = { type: 'Replace', pattern: { String: ' ' }, content: SPACE };
const metaspace = (scheme: string) => ({
  type: 'Metaspace',
  replacement: SPACE,
  prepend_scheme: scheme,
  split: false,
});

/** How SentencePiece's treatment of spaces is written. */
const SPACINGS: readonly { readonly addsSpace: boolean; readonly parts: readonly unknown[] }[] = [
  { addsSpace: true, parts: [{ type: 'Sequence', normalizers: [SPACE_FIRST, SPACES] }, null] },
  { addsSpace: false, parts: [SPACES, null] },
  { addsSpace: true, parts: [null, metaspace('first')] },
  { addsSpace: true, parts: [null, metaspace('always')] },
  { addsSpace: false, parts: [null, metaspace('never')] },
];

/**
 * llama.cpp joins the two neighbours whose token has the highest score, tokenizer.json those whose pair stands first: with the
 * rank of its first pair as a token's score both do the same, as long as a token's pairs are all there.
 */
function sentencePiece(file: TokenizerFile, refuse: Refuse): Kind {
  const parts = [file.normalizer ?? null, file.pre_tokenizer ?? null];
  const spacing = SPACINGS.find((known) => isDeepStrictEqual(known.parts, parts));
  if (spacing === undefined) return refuse('it treats spaces unlike SentencePiece as llama.cpp has it');
  for (let byte = 0; byte < 256; byte++) {
    if (!Object.hasOwn(file.model.vocab, byteToken(byte))) refuse(`it has no token ${byteToken(byte)}`);
  }
  const pairs = pairsOf(file, refuse).map((pair) => pair.join(''));
  const ranks = new Map(pairs.map((token, rank): [string, number] => [token, rank]).reverse());
  return {
    head: [
      ['tokenizer.ggml.model', { type: 'string', value: 'llama' }],
      ['tokenizer.ggml.pre', { type: 'string', value: 'default' }],
      ['tokenizer.ggml.add_space_prefix', { type: 'bool', value: spacing.addsSpace }],
    ],
    check: (token) => {
      const isOneCharacter = [...token].length === 1;
      if (!isOneCharacter && !ranks.has(token)) refuse(`no merge makes its token ${JSON.stringify(token)}`);
    },
    rules: (tokens) => [
      [
        'tokenizer.ggml.scores',
        {
          type: 'float32s',
          value: Float32Array.from(tokens, ({ text }) => -(ranks.get(text) ?? pairs.length)),
        },
      ],
    ],
  };
}

function pairsOf(file: TokenizerFile, refuse: Refuse): readonly (readonly string[])[] {
  return (file.model.merges ?? []).map((merge) => {
    const pair = typeof merge === 'string' ? merge.split(' ') : merge;
    // The file has one space between the two.
    if (pair.length !== 2 || pair.some((token) => token === '' || token.includes(' '))) {
      return refuse(`its merge ${JSON.stringify(merge)} is not of two tokens`);
    }
    return pair;
  });
}

/** By id; ids without a token get a name that no text has. */
function tokensOf(file: TokenizerFile, rows: number, refuse: Refuse): readonly Token[] {
  const tokens = new Map<number, Token>();
  const texts = new Map<string, number>();
  const put = (id: number, token: Token) => {
    if (id >= rows) refuse(`its token ${id} has no row in the model, which has ${rows}`);
    if (token.text === '' || !isText(token.text)) refuse(`its token ${id} is no text`);
    if ((tokens.get(id)?.text ?? token.text) !== token.text) refuse(`two tokens have the id ${id}`);
    if ((texts.get(token.text) ?? id) !== id)
      refuse(`the token ${JSON.stringify(token.text)} is there twice`);
    texts.set(token.text, id);
    tokens.set(id, token);
  };
  for (const [text, id] of Object.entries(file.model.vocab)) put(id, { text, kind: kindOf(text, file) });
  for (const { id, content, special } of file.added_tokens ?? []) {
    const isUnknown = content === file.model.unk_token;
    const kind = isUnknown ? KINDS.unknown : special ? KINDS.control : KINDS.userDefined;
    put(id, { text: content, kind });
  }
  for (let id = 0; id < rows; id++) {
    if (!tokens.has(id)) put(id, { text: `[PAD${id}]`, kind: KINDS.unused });
  }
  return [...tokens].sort(([a], [b]) => a - b).map(([, token]) => token);
}

function kindOf(text: string, { model }: TokenizerFile): number {
  if (text === model.unk_token) return KINDS.unknown;
  return model.byte_fallback && /^<0x[0-9A-F]{2}>$/.test(text) ? KINDS.byte : KINDS.normal;
}

const byteToken = (byte: number): string => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;

/** Half a surrogate pair has no bytes of its own. */
const isText = (text: string): boolean => Buffer.from(text).toString() === text;

function specialIds(
  file: TokenizerFile,
  { beginOfText, endOfText, addsBegin }: VocabularyRequest,
): [string, GgufValue][] {
  const { post_processor: after } = file;
  const template = [after, ...(after?.processors ?? [])].flatMap((one) => one?.single ?? []);
  const id = (name: string, value: number | undefined): [string, GgufValue][] =>
    value === undefined ? [] : [[`tokenizer.ggml.${name}_token_id`, { type: 'uint32', value }]];
  const unknown = file.model.unk_token == null ? undefined : file.model.vocab[file.model.unk_token];
  return [
    ...id('bos', beginOfText),
    ...id('eos', endOfText),
    ...id('unknown', unknown),
    ['tokenizer.ggml.add_bos_token', { type: 'bool', value: addsBegin }],
    [
      'tokenizer.ggml.add_eos_token',
      { type: 'bool', value: template.length > 1 && template.at(-1)?.SpecialToken !== undefined },
    ],
  ];
}
