/** Tokenizers that are not ours, against Hugging Face's Rust code and against texts worked out by hand. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Tokenizer as RustTokenizer } from '@anush008/tokenizers';
import fc from 'fast-check';
import { InputError } from '../../../src/common/errors.ts';
import { tokenizerDifference } from '../../../src/tokenizer/difference.ts';
import { LibraryEncoder, pieces } from '../../../src/tokenizer/foreign/library-encoder.ts';
import { Tokenizer } from '../../../src/tokenizer/tokenizer.ts';
import { trainTokenizer } from '../../../src/tokenizer/train.ts';
import { llama3, o200k } from './expressions.ts';
import { anySettledText, hostile, multilingual } from './texts.ts';

const trained = await trainTokenizer([...multilingual, ...multilingual], { vocabularySize: 600 });
const split = (regex: string, more: object = {}) => ({
  type: 'Split',
  pattern: { Regex: regex },
  behavior: 'Isolated',
  invert: false,
  ...more,
});
const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false };

function file(steps: object, model: object = {}): string {
  const own = Object(trained.toHuggingFace());
  return JSON.stringify({ ...own, ...steps, model: { ...own.model, ...model } });
}
const sequence = (...pretokenizers: object[]) => ({ pre_tokenizer: { type: 'Sequence', pretokenizers } });

/** A vocabulary as SentencePiece makes one: characters, bytes for all others, and words with a mark for the space. */
const characters = ['▁', 'o', 'n', 'c', 'e', 'u', 'p', 't', 'i', 'm', 'a', 'é', '1', '私'];
const merges = ['▁ o', 'n c', 'nc e', '▁o nce', '▁ a', 'o n', '▁ t', '▁t i', 'm e', '▁ti me', '▁ ▁', '▁▁ ▁▁'];
const pieceNames = [
  '<unk>',
  '<s>',
  '</s>',
  ...Array.from({ length: 256 }, (_, i) => `<0x${i.toString(16).toUpperCase().padStart(2, '0')}>`),
  ...characters,
  ...merges.map((merge) => merge.replace(' ', '')),
];
const sentencePiece = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: pieceNames.slice(0, 3).map((content, id) => ({
    ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
  })),
  normalizer: {
    type: 'Sequence',
    normalizers: [
      { type: 'Prepend', prepend: '▁' },
      { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
    ],
  },
  pre_tokenizer: null,
  post_processor: {
    type: 'TemplateProcessing',
    single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
    pair: [],
    special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
  },
  decoder: null,
  model: {
    type: 'BPE',
    unk_token: '<unk>',
    fuse_unk: true,
    byte_fallback: true,
    vocab: Object.fromEntries(pieceNames.map((name, id) => [name, id])),
    merges,
  },
};
const metaspace = {
  ...sentencePiece,
  normalizer: null,
  pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: true },
};

const kinds: [string, string][] = [
  ["Llama 3's words", file(sequence(split(llama3), bytes), { ignore_merges: true })],
  ['the same, inverted', file(sequence(split(llama3, { behavior: 'Removed', invert: true }), bytes))],
  ["GPT-4o's words", file(sequence(split(o200k), bytes))],
  [
    'single digits',
    file(sequence({ type: 'Digits', individual_digits: true }, { ...bytes, use_regex: true })),
  ],
  [
    'punctuation',
    file(sequence({ type: 'Punctuation', behavior: 'Contiguous' }, { ...bytes, use_regex: true })),
  ],
  ['spaces at the end', file(sequence(split('[\r\n]'), split('\\s?\\p{L}+'), split('\\s+$'), bytes))],
  ['NFC', file({ normalizer: { type: 'NFC' } })],
  ['SentencePiece', JSON.stringify(sentencePiece)],
  ['SentencePiece with a metaspace', JSON.stringify(metaspace)],
];

for (const [what, text] of kinds) {
  const tokenizer = await Tokenizer.parse({ text, name: what });
  assert.equal(tokenizer.encoding.kind, 'library');
  const rust = RustTokenizer.fromString(text);
  // The binding adds `<s>` where the template says so.
  const adds = what.startsWith('Sentence');
  const rustIds = async (given: string) =>
    (await rust.encode(given)).getIds().filter((id) => !adds || id !== 1);

  test(`ids equal those of Hugging Face's Rust code: ${what}`, async () => {
    const short = hostile.map((given) => given.slice(0, 3000).replace(/[\ud800-\udbff]$/, ''));
    const odd = ['a\u0085b', '!\u0085', '\ufeffhello', '１２3²', '1٣٤٥', '¿¡«', 'once a time', '  once  '];
    for (const given of [...multilingual, ...short, ...odd]) {
      assert.deepEqual(Array.from(tokenizer.encode(given)), await rustIds(given), given.slice(0, 40));
    }
    const property = fc.asyncProperty(anySettledText, async (given) =>
      assert.deepEqual(Array.from(tokenizer.encode(given)), await rustIds(given)),
    );
    await fc.assert(property, { numRuns: 200 });
  });

  test(`decoding an encoding gives the text back: ${what}`, () => {
    const back = (given: string) => {
      const normal = what === 'NFC' ? given.normalize('NFC') : given;
      // Both begin with a mark for the space there; and the mark itself is read as a space.
      const marked = what.includes('metaspace') ? normal.replace(/^ /, '') : normal;
      return what.startsWith('Sentence') ? marked.replaceAll('▁', ' ') : marked;
    };
    for (const given of multilingual) assert.equal(tokenizer.decode(tokenizer.encode(given)), back(given));
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (given) => {
        assert.equal(tokenizer.decode(tokenizer.encode(given)), back(given));
      }),
    );
  });

  test(`a long text that is cut has the ids of the whole: ${what}`, () => {
    assert.ok(tokenizer.encoding.kind === 'library');
    const { definition } = tokenizer.encoding;
    const cut = new LibraryEncoder(definition, { pieceUnits: 5 });
    const words = fc.constantFrom(
      'a',
      'once',
      ' ',
      '\n',
      '  ',
      '\r\n',
      '!',
      '1',
      "'s",
      'é',
      '私',
      '\t',
      '▁',
      'X',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 60 }), (parts) => {
        assert.deepEqual(cut.encode(parts.join('')), tokenizer.encode(parts.join('')));
      }),
    );
  });
}

test('texts are cut where a letter is followed by what no word spans, and only there', () => {
  assert.deepEqual([...pieces('ab\ncd!\nef\n', '\n', 1)], ['ab', '\ncd!\nef', '\n']);
  assert.deepEqual([...pieces('ab cd', undefined, 1)], ['ab cd']);
});

test('a special token written in a text is encoded as text, a token added for text is not', async () => {
  const own = Object(trained.toHuggingFace());
  const added_tokens = [
    { id: 600, content: '<think>', special: false, normalized: false },
    { id: 601, content: '<|im_end|>', special: true },
    ...own.added_tokens,
  ];
  const text = JSON.stringify({ ...own, added_tokens });
  const configuration = { text: '{"eos_token":{"content":"<|im_end|>"}}', name: 'tokenizer_config.json' };
  const tokenizer = await Tokenizer.parse({ text, name: 'tokenizer.json' }, configuration);
  assert.deepEqual([tokenizer.endOfText, tokenizer.beginOfText, tokenizer.vocabularySize], [601, 601, 602]);
  const ids = Array.from(tokenizer.encode('a<think>b<|im_end|><|endoftext|>'));
  assert.deepEqual(
    ids.filter((id) => id === 0 || id >= 600),
    [600],
  );
  assert.equal(tokenizer.decode([...ids, 601]), 'a<think>b<|im_end|><|endoftext|><|im_end|>');
  assert.equal(tokenizer.tokenBytes(601).length, 0);
  assert.equal(Buffer.from(tokenizer.tokenBytes(600)).toString(), '<think>');
});

test('a file that only adds special tokens is encoded by our own encoder', async () => {
  const own = Object(trained.toHuggingFace());
  const added_tokens = [...own.added_tokens, { id: 600, content: '<pad>', special: true }];
  const tokenizer = await Tokenizer.parse({ text: JSON.stringify({ ...own, added_tokens }), name: 'file' });
  assert.equal(tokenizer.encoding.kind, 'own');
  for (const given of [...multilingual, 'a<pad>b'])
    assert.deepEqual(tokenizer.encode(given), trained.encode(given));
  assert.equal(tokenizer.decode([600]), '<pad>');
});

test('tokens of SentencePiece stand for their bytes, and a text begins with the token that its template adds', async () => {
  const tokenizer = await Tokenizer.parse({ text: JSON.stringify(sentencePiece), name: 'file' });
  assert.deepEqual([tokenizer.beginOfText, tokenizer.endOfText], [1, 2]);
  const texts = Array.from(tokenizer.encode('once a é ñ'), (id) =>
    Buffer.from(tokenizer.tokenBytes(id)).toString('latin1'),
  );
  assert.deepEqual(texts, [' once', ' a', ' ', '\u00c3\u00a9', ' ', '\u00c3', '\u00b1']);
});

test('where the configuration adds no token, a text begins after the end of the one before', async () => {
  const parse = (text: string) =>
    Tokenizer.parse({ text: JSON.stringify(sentencePiece), name: 'file' }, { text, name: 'config' });
  assert.equal((await parse('{"add_bos_token":false,"bos_token":"<s>","eos_token":"</s>"}')).beginOfText, 2);
  assert.equal((await parse('{"add_bos_token":true,"bos_token":"<unk>","eos_token":"</s>"}')).beginOfText, 0);
  await assert.rejects(parse('{"eos_token":"once"}'), /its eos_token "once" is no special token/);
  await assert.rejects(parse('{"eos_token":5}'), /config is damaged/);
});

test('a tokenizer that was read is saved as it was', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'foreign-'));
  t.after(() => rm(folder, { recursive: true }));
  const texts = {
    'tokenizer.json': ` ${JSON.stringify(sentencePiece)} `,
    'tokenizer_config.json': '{"eos_token": "</s>"}',
  };
  for (const [name, text] of Object.entries(texts)) await writeFile(join(folder, name), text);
  const read = await Tokenizer.load(join(folder, 'tokenizer.json'));
  await read.save(join(folder, 'copy'));
  for (const [name, text] of Object.entries(texts))
    assert.equal(await readFile(join(folder, 'copy', name), 'utf8'), text);
});

test('long runs take time in proportion to their length', async () => {
  const tokenizer = await Tokenizer.parse({ text: kinds[0][1], name: 'file' });
  const counted = (text: string) => tokenizer.encode(text).length;
  for (const run of [' ', '\n', 'A', '!', "'", '\r']) assert.ok(counted(`${run.repeat(30_000)}x`) > 0);
});

test('what two tokenizers do not share is said in words', async () => {
  const parse = (text: string) => Tokenizer.parse({ text, name: 'file' });
  const [first, again] = [await parse(kinds[0][1]), await parse(kinds[0][1])];
  assert.equal(tokenizerDifference(first, again), undefined);
  assert.match(
    String(tokenizerDifference(first, trained)),
    /same tokens but cut a text into words otherwise/,
  );
  const shorter = await trainTokenizer([...multilingual, ...multilingual], { vocabularySize: 598 });
  assert.match(
    String(tokenizerDifference(trained, shorter)),
    /^2 of 600 tokens differ: 598 is "[^"]+" in one and missing in the other, 599 is/,
  );
  const other = JSON.parse(JSON.stringify(sentencePiece));
  [other.model.merges[0], other.model.merges[1]] = [other.model.merges[1], other.model.merges[0]];
  const pair = [await parse(JSON.stringify(sentencePiece)), await parse(JSON.stringify(other))];
  assert.match(String(tokenizerDifference(pair[0], pair[1])), /merge them in another order/);
  other.post_processor = null;
  other.model.merges = sentencePiece.model.merges;
  assert.equal(
    tokenizerDifference(pair[0], await parse(JSON.stringify(other))),
    'a text begins with "<s>" in one and with "</s>" in the other',
  );
});

test('an unknown property of an expression is refused when the file is read', async () => {
  await assert.rejects(
    Tokenizer.parse({ text: file(sequence(split('\\p{Nonsense}'), bytes)), name: 'file' }),
    InputError,
  );
});
