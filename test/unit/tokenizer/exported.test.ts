/** What other programs are told of a tokenizer, and that it is the same here when it comes back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { type ExportedTokenizer, exportedTokenizer } from '../../../src/tokenizer/exported.ts';
import { Tokenizer } from '../../../src/tokenizer/tokenizer.ts';
import { trainTokenizer } from '../../../src/tokenizer/train.ts';
import { multilingual } from './texts.ts';

const tokenizer = await trainTokenizer([...multilingual, ...multilingual], { vocabularySize: 400 });
const file = JSON.stringify(tokenizer.toHuggingFace());

const opened = ({ file, configuration }: Pick<ExportedTokenizer, 'file' | 'configuration'>) =>
  Tokenizer.parse({ text: file, name: 't' }, { text: configuration, name: 'c' });

test('of a tokenizer of ours other programs put before a text what a model reads first here', async () => {
  const own = exportedTokenizer(tokenizer, { file, configuration: undefined });
  assert.equal(own.begin, tokenizer.beginOfText);
  const theirs = new HuggingFaceTokenizer(JSON.parse(own.file), JSON.parse(own.configuration));
  for (const text of ['', ...multilingual]) {
    assert.deepEqual(theirs.encode(text).ids, [tokenizer.beginOfText, ...tokenizer.encode(text)]);
  }
});

test('a tokenizer that was exported is the same here when it comes back, and begins a text once', async () => {
  const own = exportedTokenizer(tokenizer, { file, configuration: undefined });
  const back = await opened(own);
  assert.deepEqual([back.beginOfText, back.endOfText], [tokenizer.beginOfText, tokenizer.endOfText]);
  for (const text of multilingual) assert.deepEqual(back.encode(text), tokenizer.encode(text));
  assert.equal(back.encoding.kind, 'own');
  assert.deepEqual(exportedTokenizer(back, own), own);
});

test('a tokenizer from elsewhere stays as it came; without a configuration it gets one', async () => {
  const changed = JSON.parse(file);
  changed.pre_tokenizer = {
    type: 'Sequence',
    pretokenizers: [{ type: 'Digits', individual_digits: true }, changed.pre_tokenizer],
  };
  const text = JSON.stringify(changed);
  const foreign = await Tokenizer.parse({ text, name: 't' });
  const bare = exportedTokenizer(foreign, { file: text, configuration: undefined });
  assert.equal(bare.file, text);
  assert.equal(bare.begin, undefined);
  const written = JSON.parse(bare.configuration);
  assert.equal(written.eos_token, '<|endoftext|>');
  assert.equal(written.add_bos_token, false);
  assert.deepEqual(written.model_input_names, ['input_ids', 'attention_mask']);
  // The configuration alone may say that a text has a beginning.
  const configuration = '{"bos_token":"<|endoftext|>","eos_token":"<|endoftext|>","add_bos_token":true}';
  const beginning = await opened({ file: text, configuration });
  const kept = exportedTokenizer(beginning, { file: text, configuration });
  assert.deepEqual(kept, { file: text, configuration, begin: tokenizer.endOfText });
});
