import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byteLevelAlphabet } from '@anush008/tokenizers';
import { bytesToCharacters, charactersToBytes } from '../../../src/tokenizer/byte-alphabet.ts';

const allBytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);

test("the alphabet is GPT-2's: the same characters as Hugging Face's, in the places that GPT-2 gives them", () => {
  const characters = bytesToCharacters(allBytes);
  assert.deepEqual([...characters].sort(), byteLevelAlphabet().sort());
  assert.equal(bytesToCharacters(Buffer.from(' the\n\tÄ')), 'ĠtheĊĉÃĦ');
});

test('characters are turned back into their bytes, and others are refused', () => {
  assert.deepEqual(charactersToBytes(bytesToCharacters(allBytes)), allBytes);
  for (const other of [' ', '\n', '私', 'a\u0150']) assert.equal(charactersToBytes(other), undefined);
});
