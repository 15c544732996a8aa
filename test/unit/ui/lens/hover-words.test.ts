/** The words of the lens about a line. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hoverWords } from '../../../../src/ui/lens/hover-words.ts';
import { t } from '../fixtures.ts';

const token = (text: string, start: number, probability: number) => ({
  id: start,
  text,
  start,
  end: start + text.length,
  logProbability: Math.log(probability),
  alternatives: [
    { id: start, text, logProbability: Math.log(probability) },
    { id: 99, text: ' a', logProbability: Math.log(0.5) },
  ],
});

test('a line has its figures, and its least expected tokens in the order of the text with what was expected', () => {
  const line = { bits: 30, bytes: 12, isBlank: false };
  const figures = { bitsPerByte: 1.234, perplexity: 9, tokens: 100 };
  const tokens = [0.5, 1 / 1024, 0.9, 0.25, 0.125, 0.0625].map((one, i) => token(` w${i}`, 3 * i, one));
  const [first, ...rest] = hoverWords(line, figures, tokens, t);
  assert.equal(first, '2.50 bits per byte: 30 bits in 12 bytes. The whole text has 1.23 bits per byte.');
  assert.deepEqual(rest, [
    '“␣w1”: 10.0 bits, <0.1 %; rather “␣a” 50 %',
    '“␣w3”: 2.0 bits, 25 %; rather “␣a” 50 %',
    '“␣w4”: 3.0 bits, 13 %; rather “␣a” 50 %',
    '“␣w5”: 4.0 bits, 6.3 %; rather “␣a” 50 %',
  ]);
});
