/**
 * Vocabularies of published models, with the ids that transformers gives: every kind of words, small files. All of them,
 * in about a minute: `PARLANCE_ALL_VOCABULARIES=1 npm test -- test/integration/tokenizer-vocabularies.test.ts`.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tokenizer } from '../../src/tokenizer/tokenizer.ts';
import { readVocabularies, vocabularyNames } from '../support/llama-vocabularies.ts';

const SMALL = ['gpt-2', 'starcoder', 'mpt', 'deepseek-coder', 'falcon', 'llama-spm', 'phi-3'];
const names = process.env.PARLANCE_ALL_VOCABULARIES === '1' ? vocabularyNames : SMALL;
const vocabularies = await readVocabularies(names);

for (const name of names) {
  const skip = vocabularies === undefined && 'git is not installed: llama.cpp comes as a git bundle';
  test(`texts have the ids that transformers gives them, and come back: ${name}`, { skip }, async () => {
    const { file, cases } = vocabularies?.get(name) ?? assert.fail();
    const added: { content: string; special: boolean }[] = JSON.parse(file).added_tokens;
    const text = JSON.stringify({ eos_token: added.find(({ special }) => special)?.content });
    const tokenizer = await Tokenizer.parse({ text: file, name }, { text, name: 'tokenizer_config.json' });
    assert.equal(tokenizer.encoding.kind, name === 'gpt-2' ? 'own' : 'library');
    assert.ok(cases.length > 40);
    for (const { text, ids } of cases) {
      assert.deepEqual(Array.from(tokenizer.encode(text)), ids, text.slice(0, 60));
      assert.equal(tokenizer.decode(ids), text);
    }
  });
}
