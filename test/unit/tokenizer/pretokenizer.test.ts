import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WordScanner } from '../../../src/tokenizer/pretokenizer.ts';
import { anyCodeUnits, hostile, multilingual } from './texts.ts';

/** GPT-2's own expression; White_Space is what `\s` means in the language that it was written for. */
const GPT2 =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

function scannedWords(text: string): string[] {
  const words: string[] = [];
  new WordScanner().scan(text, {
    word: (units, start, end) => words.push(String.fromCharCode(...units.subarray(start, end))),
  });
  return words;
}

/** Long runs are compared by their ends, since a call takes only so many arguments. */
function scannedEnds(text: string): number[] {
  const ends: number[] = [];
  let total = 0;
  new WordScanner().scan(text, {
    word: (_, start, end) => {
      total += end - start;
      ends.push(total);
    },
  });
  return ends;
}

function expectedEnds(text: string): number[] {
  return Array.from(text.matchAll(GPT2), (match) => match.index + match[0].length);
}

test('the scanner cuts multilingual text where the GPT-2 expression does', () => {
  for (const text of multilingual) assert.deepEqual(scannedWords(text), text.match(GPT2) ?? [], text);
});

test('the scanner cuts hostile text where the GPT-2 expression does', () => {
  for (const text of hostile) assert.deepEqual(scannedEnds(text), expectedEnds(text), text.slice(0, 40));
});

test('the scanner equals the GPT-2 expression on any code units, lone surrogates included', () => {
  const property = fc.property(anyCodeUnits, (text) =>
    assert.deepEqual(scannedWords(text), text.match(GPT2) ?? []),
  );
  fc.assert(property, { numRuns: 3000 });
});

test('every code point has the class that the GPT-2 expression gives it', () => {
  const characters: string[] = [];
  for (let codePoint = 0; codePoint <= 0x10ffff; codePoint += codePoint < 0x20000 ? 1 : 97) {
    characters.push(String.fromCodePoint(codePoint));
  }
  const text = characters.map((character) => `a${character}1${character}!${character} `).join('');
  assert.deepEqual(scannedEnds(text), expectedEnds(text));
});

test('where the windows meet does not change the words', () => {
  const property = fc.property(anyCodeUnits, fc.integer({ min: -40, max: 8 }), (text, shift) => {
    const filler = 'x '.repeat((1 << 14) + shift);
    assert.deepEqual(scannedEnds(filler + text + filler), expectedEnds(filler + text + filler));
  });
  fc.assert(property, { numRuns: 100 });
});
