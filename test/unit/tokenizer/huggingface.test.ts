import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CorruptionError, InputError } from '../../../src/common/errors.ts';
import { Tokenizer } from '../../../src/tokenizer/tokenizer.ts';
import { trainTokenizer } from '../../../src/tokenizer/train.ts';
import { multilingual } from './texts.ts';

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
  const folder = await mkdtemp(join(tmpdir(), 'tokenizer-'));
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

test('a file with other ids, merges as pairs and no optional fields is read', () => {
  const size = tokenizer.vocabularySize;
  const text = edited((file) => {
    for (const [token, id] of Object.entries(file.model.vocab))
      file.model.vocab[token] = size - 1 - Number(id);
    file.added_tokens[0].id = size - 1;
    file.model.merges = file.model.merges.map((merge) => String(merge).split(' '));
    file.pre_tokenizer = { type: 'ByteLevel', add_prefix_space: false };
  });
  const other = Tokenizer.parse(text, 'other');
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

const unsupported: [string, (file: EditableFile) => void, RegExp][] = [
  ['another model', (file) => (file.model.type = 'Unigram'), /its model is Unigram/],
  ['a normalizer', (file) => (file.normalizer = { type: 'NFC' }), /normalizer \(NFC\)/],
  ['no pre-tokenizer', (file) => (file.pre_tokenizer = null), /pre-tokenizer is missing/],
  ['another pre-tokenizer', (file) => (file.pre_tokenizer = { type: 'Split' }), /pre-tokenizer is Split/],
  [
    'a prefix space',
    (file) => Object.assign(file.pre_tokenizer ?? {}, { add_prefix_space: true }),
    /add_prefix_space/,
  ],
  ['no expression', (file) => Object.assign(file.pre_tokenizer ?? {}, { use_regex: false }), /use_regex/],
  ['byte fallback', (file) => (file.model.byte_fallback = true), /byte_fallback/],
  ['ignored merges', (file) => (file.model.ignore_merges = true), /ignore_merges/],
  ['word prefixes', (file) => (file.model.continuing_subword_prefix = '##'), /continuing_subword_prefix/],
  ['word suffixes', (file) => (file.model.end_of_word_suffix = '</w>'), /end_of_word_suffix/],
  ['other special tokens', (file) => file.added_tokens.push({ id: 400, content: '<pad>' }), /"<pad>"/],
  ['no special token', (file) => file.added_tokens.pop(), /does not add the token/],
];

for (const [what, edit, message] of unsupported) {
  test(`a tokenizer of another kind is refused with its name and the reason: ${what}`, () => {
    assert.throws(
      () => Tokenizer.parse(edited(edit), 'their/tokenizer.json'),
      (error) => {
        assert.ok(error instanceof InputError);
        assert.match(error.message, message);
        assert.match(error.message, /their\/tokenizer\.json/);
        return true;
      },
    );
  });
}

const damaged: [string, string, RegExp][] = [
  ['cut off', edited(() => {}).slice(0, 500), /not JSON/],
  ['empty', '', /not JSON/],
  ['no model', '{"added_tokens":[]}', /"model"/],
  ['an id that is text', edited((file) => (file.model.vocab.a = 'x')), /model\.vocab\.a/],
  ['an id twice', edited((file) => (file.model.vocab.a = file.model.vocab.b)), /two tokens have the id/],
  ['a gap', edited((file) => (file.model.vocab.a = 9999)), /none with the id/],
  ['a missing byte', edited((file) => delete file.model.vocab.a), /255 of the 256 bytes/],
  ['a token of other letters', edited((file) => (file.model.vocab.私 = 400)), /"私"/],
  ['two ids of the special token', edited((file) => (file.added_tokens[0].id = 5)), /two ids/],
  ['a merge of one', edited((file) => (file.model.merges[0] = 'a')), /merge 0/],
  ['a merge of three', edited((file) => (file.model.merges[0] = 'a b c')), /merge 0/],
  ['a merge to nothing known', edited((file) => (file.model.merges[1] = 'z q')), /merge 1, "z q"/],
];

for (const [what, text, message] of damaged) {
  test(`a damaged file is named and what is wrong is said: ${what}`, async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'tokenizer-')), 'tokenizer.json');
    await writeFile(path, text);
    await assert.rejects(Tokenizer.load(path), (error) => {
      assert.ok(error instanceof CorruptionError, String(error));
      assert.match(error.message, message);
      assert.ok(error.message.includes(path));
      return true;
    });
  });
}
