import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linearPattern } from '../../../src/tokenizer/foreign/split-patterns.ts';
import { llama3, o200k } from './expressions.ts';

test('expressions are run where their time is known to be that of the text, and no others', () => {
  for (const safe of [llama3, o200k, '\\p{N}{1,3}', ' ?[^\\s]+', "'s|'t", '[!"&|]x+', '[\\r\\n]']) {
    assert.equal(linearPattern(safe), safe);
  }
  assert.equal(linearPattern('\\s+$'), '(?<!\\s)\\s+$');
  const others = [
    '(a+)+$',
    'a*b',
    '\\s+x',
    '(?:a|a)*b',
    '[a-z]+[a-z]+x',
    'a{1,512}a{1,512}b',
    '\\s*[\\r\\n]+',
    '',
    'x*',
  ];
  const more = [
    'a?',
    '(',
    '[',
    'a**',
    '.*',
    '\\p{L',
    '[[a]]',
    'a|',
    '\\1',
    '(?=a)a',
    `${'a?'.repeat(40)}b`,
    '[a&&b]',
  ];
  const halves = o200k.split('|')[0];
  for (const unsafe of [...others, ...more, halves, 'x'.repeat(5000)])
    assert.equal(linearPattern(unsafe), undefined, unsafe);
});
