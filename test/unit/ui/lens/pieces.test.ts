/** Texts in pieces: whole, of the promised sizes, and the same after an edit elsewhere. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inOrderFrom, piecesOf } from '../../../../src/ui/lens/pieces.ts';

const LEAD_IN = 40;
const unit = fc.constantFrom('a', 'bc', ' ', '\n', '😀', 'é', ' word', '\n\n');
const texts = fc.array(unit, { maxLength: 1500 }).map((parts) => parts.join(''));
const words = (count: number) => Array.from({ length: count }, (_, i) => `line ${i * 7919} of the text\n`);

/** Only whole characters survive as UTF-8. */
const isWellFormed = (part: string): boolean => Buffer.from(part).toString() === part;

test('pieces are the whole text, none too long, each with a lead-in that ends where it begins', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const pieces = piecesOf(text, LEAD_IN);
      assert.equal(pieces.map(({ start, end }) => text.slice(start, end)).join(''), text);
      for (const { from, start, end } of pieces) {
        assert.ok(end > start && end - start <= 6 * LEAD_IN);
        assert.ok(from <= start && start - from <= LEAD_IN);
        // Neither cuts a character in two.
        assert.ok([text.slice(from, end), text.slice(start, end)].every(isWellFormed));
      }
    }),
  );
});

test('pieces end at the ends of lines where lines are shorter than a piece', () => {
  const text = words(200).join('');
  const pieces = piecesOf(text, LEAD_IN);
  assert.ok(pieces.length > 10);
  assert.ok(pieces.every(({ end }) => text[end - 1] === '\n'));
});

test('lines put into a text change the pieces around them and few others', () => {
  const lines = words(400);
  const before = lines.join('');
  const after = lines.toSpliced(100, 0, 'one more\n', 'and another\n').join('');
  const scored = (text: string) =>
    new Set(piecesOf(text, LEAD_IN).map(({ from, end }) => text.slice(from, end)));
  const known = scored(before);
  const added = [...scored(after)].filter((one) => !known.has(one));
  assert.ok(added.length >= 1 && added.length <= 8, `${added.length} of ${known.size}`);
});

test('the pieces in sight come first, then what follows, then what is above', () => {
  const text = words(100).join('');
  const pieces = piecesOf(text, LEAD_IN);
  const at = pieces[5].start + 1;
  assert.deepEqual(inOrderFrom(pieces, at), [...pieces.slice(5), ...pieces.slice(0, 5)]);
  assert.deepEqual(inOrderFrom(pieces, text.length), pieces);
});
