/**
 * Vocabularies of published models with texts and the ids that transformers gives them: they come with llama.cpp, whose
 * source lies as a git bundle in `node-llama-cpp`. A vocabulary there is a GGUF file; the `tokenizer.json` that it was
 * made from is put together again from its tokens and merges and from the steps that the model's publisher wrote down
 * (llama.cpp's `src/llama-vocab.cpp` quotes their expressions).
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const bundle = fileURLToPath(
  new URL('../../node_modules/node-llama-cpp/llama/gitRelease.bundle', import.meta.url),
);

export interface Vocabulary {
  /** The text of a `tokenizer.json`. */
  readonly file: string;
  readonly cases: readonly { readonly text: string; readonly ids: readonly number[] }[];
}

const split = (regex: string) => ({
  type: 'Split',
  pattern: { Regex: regex },
  behavior: 'Isolated',
  invert: false,
});
const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false };
const gpt2 = { ...bytes, use_regex: true };
const digits = { type: 'Digits', individual_digits: true };
const sequence = (...pretokenizers: object[]) => ({ type: 'Sequence', pretokenizers });
const nfc = { type: 'NFC' };
const spaceMark = { type: 'Replace', pattern: { String: ' ' }, content: '▁' };
const words = (letters: string, others: string, numbers: string) =>
  `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?${letters}+|${numbers}| ?[^\\s${others}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;
const ideographs = split('[一-龥ࠀ-一가-퟿]+');

/** The steps before the merges of each vocabulary, as its publisher's file has them. */
const stepsOf = (vocabularySource: string): Readonly<Record<string, object>> => ({
  'gpt-2': { pre_tokenizer: gpt2 },
  'llama-bpe': {
    pre_tokenizer: sequence(split(words('\\p{L}', '\\p{L}\\p{N}', '\\p{N}{1,3}')), bytes),
    ignore_merges: true,
  },
  qwen2: {
    normalizer: nfc,
    pre_tokenizer: sequence(split(words('\\p{L}', '\\p{L}\\p{N}', '\\p{N}')), bytes),
  },
  qwen35: {
    pre_tokenizer: sequence(split(words('[\\p{L}\\p{M}]', '\\p{L}\\p{M}\\p{N}', '\\p{N}')), bytes),
  },
  starcoder: { pre_tokenizer: sequence(digits, gpt2) },
  refact: { pre_tokenizer: sequence(digits, gpt2) },
  'command-r': { normalizer: nfc, pre_tokenizer: sequence(digits, gpt2) },
  mpt: { normalizer: nfc, pre_tokenizer: gpt2 },
  falcon: {
    pre_tokenizer: sequence(
      { type: 'Punctuation', behavior: 'Contiguous' },
      gpt2,
      { type: 'Digits', individual_digits: false },
      split('[0-9][0-9][0-9]'),
    ),
  },
  'deepseek-llm': {
    pre_tokenizer: sequence(
      split('[\r\n]'),
      // The letters of the alphabets with capitals, a list of 600 characters.
      split(quoted(vocabularySource, '\\s?[A-Za-zµ')),
      split('\\s?[!-/:-~！-／：-～‘-‟　-。]+'),
      split('\\s+$'),
      ideographs,
      digits,
      bytes,
    ),
  },
  'deepseek-coder': {
    pre_tokenizer: sequence(
      split('[\r\n]'),
      split('\\s?\\p{L}+'),
      split('\\s?\\p{P}+'),
      ideographs,
      digits,
      bytes,
    ),
  },
  'llama-spm': {
    normalizer: { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '▁' }, spaceMark] },
    pre_tokenizer: null,
  },
  'phi-3': {
    normalizer: { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '▁' }, spaceMark] },
    pre_tokenizer: null,
  },
  'gemma-4': { normalizer: spaceMark, pre_tokenizer: null },
});

/** The string of a C++ source that begins so. */
function quoted(source: string, beginning: string): string {
  const start = source.indexOf(`"${beginning.replaceAll('\\', '\\\\')}`) + 1;
  return source.slice(start, source.indexOf('"', start)).replaceAll('\\\\', '\\');
}

export const vocabularyNames: readonly string[] = Object.keys(stepsOf(''));

/** Reads vocabularies by name; `undefined` where there is no git to take them out of the bundle. */
export async function readVocabularies(
  names: readonly string[],
): Promise<Map<string, Vocabulary> | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'vocabularies-'));
  const git = (...words: string[]) => promisify(execFile)('git', ['-C', folder, ...words]);
  try {
    await git('init', '-q');
    await git('fetch', '-q', bundle, 'HEAD');
    const files = names.flatMap((name) =>
      ['', '.inp', '.out'].map((end) => `models/ggml-vocab-${name}.gguf${end}`),
    );
    await git('checkout', '-q', 'FETCH_HEAD', '--', ...files, 'src/llama-vocab.cpp');
    const steps = stepsOf(await readFile(join(folder, 'src', 'llama-vocab.cpp'), 'utf8'));
    const read = async (name: string): Promise<[string, Vocabulary]> => [
      name,
      await readVocabulary(join(folder, 'models', `ggml-vocab-${name}.gguf`), steps[name]),
    ];
    return new Map(await Promise.all(names.map(read)));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The lists of a GGUF file that have a name ending so. The rest is passed over. */
function readLists(data: Buffer, wanted: readonly string[]): Map<string, (string | number)[]> {
  let at = 8 + 8;
  const skip = (bytes: number) => {
    at += bytes;
    return at - bytes;
  };
  const lists = new Map<string, (string | number)[]>();
  const count = () => Number(data.readBigUInt64LE(skip(8)));
  const text = () => {
    const length = count();
    const start = skip(length);
    return data.toString('utf8', start, at);
  };
  const bytesOf = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];
  const value = (type: number): string | number => {
    if (type === 8) return text();
    const start = skip(bytesOf[type]);
    return type === 6 ? data.readFloatLE(start) : data.readIntLE(start, Math.min(4, bytesOf[type]));
  };
  for (let left = count(); left > 0; left--) {
    const name = text();
    const type = data.readUInt32LE(skip(4));
    const isList = type === 9;
    const element = isList ? data.readUInt32LE(skip(4)) : type;
    const list = Array.from({ length: isList ? count() : 1 }, () => value(element));
    const short = name.slice(name.lastIndexOf('.') + 1);
    if (wanted.includes(short)) lists.set(short, list);
  }
  return lists;
}

const CONTROL = 3;
const USER_DEFINED = 4;

async function readVocabulary(path: string, steps: object): Promise<Vocabulary> {
  const lists = readLists(await readFile(path), [
    'tokens',
    'token_type',
    'merges',
    'scores',
    'unknown_token_id',
  ]);
  const tokens = (lists.get('tokens') ?? []).map(String);
  const numbers = (name: string) => (lists.get(name) ?? []).map(Number);
  const types = numbers('token_type');
  const merges = lists.get('merges');
  const { ignore_merges = false, ...before } = { ignore_merges: false, normalizer: null, ...steps };
  const file = {
    added_tokens: tokens.flatMap((content, id) =>
      types[id] === CONTROL || types[id] === USER_DEFINED
        ? [{ id, content, special: types[id] === CONTROL, normalized: false }]
        : [],
    ),
    ...before,
    post_processor: null,
    decoder: null,
    model: {
      type: 'BPE',
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: merges ?? scoredMerges(tokens, numbers('scores')),
      unk_token: merges === undefined ? tokens[numbers('unknown_token_id')[0] ?? 0] : null,
      fuse_unk: merges === undefined,
      byte_fallback: tokens.includes('<0x00>'),
      ignore_merges,
    },
  };
  const texts = (await readFile(`${path}.inp`, 'utf8')).split('\n__ggml_vocab_test__\n');
  const ids = (await readFile(`${path}.out`, 'utf8')).split('\n');
  const cases = texts.flatMap((text, i) =>
    ids[i] === undefined ? [] : [{ text, ids: ids[i].trim().split(/ +/).filter(Boolean).map(Number) }],
  );
  return { file: JSON.stringify(file), cases };
}

/** SentencePiece keeps scores, no merges: every way to put a token together, the better token first, as transformers does. */
function scoredMerges(tokens: readonly string[], scores: readonly number[]): [string, string][] {
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const merges = tokens.flatMap((token, id) => {
    const local: [number, number, number][] = [];
    for (let at = 1; at < token.length; at++) {
      const [left, right] = [ids.get(token.slice(0, at)), ids.get(token.slice(at))];
      if (left !== undefined && right !== undefined) local.push([left, right, scores[id]]);
    }
    return local.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  });
  return merges
    .sort((a, b) => b[2] - a[2])
    .map(([left, right]): [string, string] => [tokens[left], tokens[right]]);
}
