import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CorruptionError, InputError } from '../../../src/common/errors.ts';
import { Tokenizer } from '../../../src/tokenizer/tokenizer.ts';
import { trainTokenizer } from '../../../src/tokenizer/train.ts';
import { multilingual } from './texts.ts';

const root = await mkdtemp(join(tmpdir(), 'tokenizer-'));
after(() => rm(root, { recursive: true }));

const tokenizer = await trainTokenizer([...multilingual, ...multilingual], { vocabularySize: 400 });

interface EditableFile {
  added_tokens: { id: number; content: string }[];
  normalizer: unknown;
  pre_tokenizer: Record<string, unknown> | null;
  model: { [key: string]: unknown; vocab: Record<string, unknown>; merges: unknown[] };
}

function edited(edit: (file: EditableFile) => void): string {
  const file: EditableFile = JSON.parse(JSON.stringify(tokenizer.toHuggingFace()));
  edit(file);
  return JSON.stringify(file);
}

test('a saved tokenizer loads as the same tokenizer', async () => {
  const folder = await mkdtemp(join(root, 'saved-'));
  await tokenizer.save(folder);
  assert.deepEqual((await readdir(folder)).sort(), ['tokenizer.json', 'tokenizer_config.json']);
  const loaded = await Tokenizer.load(join(folder, 'tokenizer.json'));
  assert.deepEqual(loaded.toHuggingFace(), tokenizer.toHuggingFace());
  assert.deepEqual(loaded.encode(multilingual.join('\n')), tokenizer.encode(multilingual.join('\n')));
  await loaded.save(folder);
  assert.equal(
    await readFile(join(folder, 'tokenizer.json'), 'utf8'),
    `${JSON.stringify(tokenizer.toHuggingFace(), null, 2)}\n`,
  );
});

test('a file with other ids, merges as pairs and no optional fields is read', async () => {
  const size = tokenizer.vocabularySize;
  const text = edited((file) => {
    for (const [token, id] of Object.entries(file.model.vocab))
      file.model.vocab[token] = size - 1 - Number(id);
    file.added_tokens[0].id = size - 1;
    file.model.merges = file.model.merges.map((merge) => String(merge).split(' '));
    file.pre_tokenizer = { type: 'ByteLevel', add_prefix_space: false };
  });
  const other = await Tokenizer.parse({ text, name: 'other' });
  assert.equal(other.endOfText, size - 1);
  const ids = Array.from(tokenizer.encode(multilingual[0]), (id) => size - 1 - id);
  assert.deepEqual(Array.from(other.encode(multilingual[0])), ids);
});

test('a missing file is an input error that names the path', async () => {
  await assert.rejects(Tokenizer.load('/nowhere/tokenizer.json'), (error) => {
    assert.ok(error instanceof InputError);
    assert.match(error.message, /\/nowhere\/tokenizer\.json/);
    return true;
  });
});

const splitting = (regex: string) => ({
  type: 'Sequence',
  pretokenizers: [
    { type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated', invert: false },
    { type: 'ByteLevel', add_prefix_space: false, use_regex: false },
  ],
});

const unsupported: [string, (file: EditableFile) => void, RegExp][] = [
  ['another model', (file) => (file.model.type = 'Unigram'), /"model\.type": Unigram is not BPE/],
  [
    'a normalizer',
    (file) => (file.normalizer = { type: 'Precompiled' }),
    /"normalizer\.0\.type": the step Precompiled/,
  ],
  [
    'a normalizer that makes text grow',
    (file) => (file.normalizer = { type: 'Replace', pattern: { String: 'a' }, content: 'aa' }),
    /"normalizer\.0": it makes the text longer/,
  ],
  [
    'no pre-tokenizer',
    (file) => (file.pre_tokenizer = null),
    /no tokens for characters that it does not know/,
  ],
  [
    'another pre-tokenizer',
    (file) => (file.pre_tokenizer = { type: 'BertPreTokenizer' }),
    /"pre_tokenizer\.0\.type": the step BertPreTokenizer/,
  ],
  [
    'an expression that may take forever',
    (file) => (file.pre_tokenizer = splitting('(a+)+$')),
    /regular expression is none that is known to take little time: "\(a\+\)\+\$"/,
  ],
  [
    'an expression that is none',
    (file) => (file.pre_tokenizer = splitting('\\p{Nonsense}')),
    /cannot be made/,
  ],
  [
    'a prefix space',
    (file) => Object.assign(file.pre_tokenizer ?? {}, { add_prefix_space: true }),
    /add_prefix_space/,
  ],
  ['chance', (file) => (file.model.dropout = 0.1), /"model\.dropout"/],
  ['word prefixes', (file) => (file.model.continuing_subword_prefix = '##'), /continuing_subword_prefix/],
  ['word suffixes', (file) => (file.model.end_of_word_suffix = '</w>'), /end_of_word_suffix/],
  ['no special token', (file) => file.added_tokens.pop(), /nothing says which token ends a text/],
];

for (const [what, edit, message] of unsupported) {
  test(`a tokenizer of another kind is refused with its name and the reason: ${what}`, async () => {
    const file = { text: edited(edit), name: 'their/tokenizer.json' };
    await assert.rejects(Tokenizer.parse(file), (error) => {
      assert.ok(error instanceof InputError, String(error));
      assert.match(error.message, message);
      assert.match(error.message, /their\/tokenizer\.json/);
      return true;
    });
  });
}

const damaged: [string, string, RegExp][] = [
  ['cut off', edited(() => {}).slice(0, 500), /not JSON/],
  ['empty', '', /not JSON/],
  ['no model', '{"added_tokens":[]}', /"model"/],
  ['an id that is text', edited((file) => (file.model.vocab.a = 'x')), /model\.vocab\.a/],
  ['an id twice', edited((file) => (file.model.vocab.a = file.model.vocab.b)), /two tokens have the id/],
  ['an id beyond all vocabularies', edited((file) => (file.model.vocab.a = 2 ** 31)), /model\.vocab\.a/],
  ['a name twice', edited(() => {}).replace('"vocab":{', '"vocab":{"a":1,'), /two members named "a"/],
  ['a deep nest', `${'['.repeat(1e5)}${']'.repeat(1e5)}`, /nests deeper/],
  ['a missing byte', edited((file) => delete file.model.vocab.a), /255 of the 256 bytes/],
  ['a token of other letters', edited((file) => (file.model.vocab.私 = 400)), /"私"/],
  ['two ids of the special token', edited((file) => (file.added_tokens[0].id = 5)), /two ids/],
  [
    'a merge that makes the special token',
    edited((file) => {
      Object.assign(file.model.vocab, { '<|': 400, 'endoftext|>': 401 });
      file.model.merges.push('<| endoftext|>');
    }),
    /makes a special token of text/,
  ],
  ['a merge of one', edited((file) => (file.model.merges[0] = 'a')), /merge 0/],
  ['a merge of three', edited((file) => (file.model.merges[0] = 'a b c')), /merge 0/],
  ['a merge to nothing known', edited((file) => (file.model.merges[1] = 'z q')), /merge 1, "z q"/],
];

for (const [what, text, message] of damaged) {
  test(`a damaged file is named and what is wrong is said: ${what}`, async () => {
    const path = join(await mkdtemp(join(root, 'damaged-')), 'tokenizer.json');
    await writeFile(path, text);
    await assert.rejects(Tokenizer.load(path), (error) => {
      assert.ok(error instanceof CorruptionError, String(error));
      assert.match(error.message, message);
      assert.ok(error.message.includes(path));
      return true;
    });
  });
}
