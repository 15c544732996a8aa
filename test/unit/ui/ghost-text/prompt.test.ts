/** What a model is asked to continue while one types, and what is shown of its answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  askedWith,
  correctedRatio,
  promptStart,
  promptTokens,
  shownText,
} from '../../../../src/ui/ghost-text/prompt.ts';

test('a prompt fits its budget, has half of it at least, and begins at the same place for as many keys', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 10, max: 900 }), (cursor, budget) => {
      const start = promptStart(cursor, budget);
      assert.ok(start >= 0 && cursor - start <= budget);
      if (cursor > budget) assert.ok(cursor - start >= Math.floor(budget / 2));
    }),
  );
  const starts = Array.from({ length: 1000 }, (_, cursor) => promptStart(3000 + cursor, 200));
  assert.equal(new Set(starts).size, 1000 / 100);
});

test('a prompt from the middle of a text begins with a word', () => {
  assert.equal(askedWith('ddle of a\r\ntext', false).prompt, 'of a\ntext');
  assert.equal(askedWith('whole', true).prompt, 'whole');
});

test('a prompt from the middle of a text without spaces is all of it, from a whole character on', () => {
  const text = '这是一个很长的中文段落没有任何空格'.repeat(10);
  assert.equal(askedWith(`${text}。\n`, false).prompt, `${text}。\n`);
  assert.equal(askedWith(`\udf00${text}`, false).prompt, text);
});

test('however much is to be written, the model sees half of its context at least', () => {
  const written = [24, 64, 127, 128, 200];
  assert.deepEqual(
    written.map((tokens) => promptTokens(128, tokens)),
    [104, 64, 64, 64, 64],
  );
  assert.equal(promptTokens(4096, 200), 824);
});

test('how long a token is: less after a prompt that was too long, more after one that had far fewer tokens', () => {
  const cut = { prompt: 'a'.repeat(300), isWhole: false, heldSpace: '' };
  assert.equal(correctedRatio(3, cut, { promptTokens: 200, dropped: 50 }), 1.5);
  assert.equal(correctedRatio(1.5, cut, { promptTokens: 75, dropped: 0 }), 4);
  // Small differences move nothing, and a short text says little.
  assert.equal(correctedRatio(3, cut, { promptTokens: 75, dropped: 0 }), 3);
  assert.equal(correctedRatio(3, { ...cut, isWhole: true }, { promptTokens: 10, dropped: 0 }), 3);
});

test('a last space is left to the next token, which must begin with it, and is not shown twice', () => {
  const asked = askedWith('Dear Sir, we ', true);
  assert.equal(asked.prompt, 'Dear Sir, we');
  assert.equal(shownText(' are glad', asked, 'stop'), 'are glad');
  // Another word than the one that was begun.
  assert.equal(shownText('ll', asked, 'stop'), '');
  // White space that is more than that stays: an indentation, an empty line.
  for (const text of ['a:\n  ', 'a\n', ' ']) assert.equal(askedWith(text, true).prompt, text);
});

test('one line is shown, without a word that was cut off, and nothing of an empty answer', () => {
  const asked = askedWith('We', true);
  assert.equal(shownText(' are glad\nand', asked, 'stop'), ' are glad');
  assert.equal(shownText(' are gl', asked, 'most tokens'), ' are');
  assert.equal(shownText('lfare', asked, 'most tokens'), 'lfare');
  assert.equal(shownText(' are glad', asked, 'end of text'), ' are glad');
  assert.equal(shownText('  \n', asked, 'stop'), '');
});
