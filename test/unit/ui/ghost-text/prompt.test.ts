/** What a model is asked to continue while one types, and what is shown of its answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { askedWith, promptStart, shownText } from '../../../../src/ui/ghost-text/prompt.ts';

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
