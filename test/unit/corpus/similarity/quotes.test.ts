/** Texts quoted inside others: a planted one is always found, with its share, and an unrelated one never. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { QuoteFinder } from '../../../../src/corpus/similarity/quotes.ts';

const word = (number: number) => `w${number}`;
const words = (from: number, count: number) => Array.from({ length: count }, (_, i) => word(from + i));
const text = (...parts: readonly (readonly string[])[]) => Buffer.from(parts.flat().join(' '));
const find = (finder: QuoteFinder, other: Buffer) =>
  finder.find(other).map(({ key, share }) => [key, Math.round(share * 100) / 100]);

test('a planted quote is always found, whatever stands around it and however it is wrapped and capitalized', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 5, max: 300 }),
      fc.integer({ min: 0, max: 400 }),
      fc.integer({ min: 0, max: 400 }),
      fc.constantFrom(' ', '\n', ', ', '\r\n> '),
      (length, before, after, separator) => {
        const finder = new QuoteFinder();
        finder.add('other', text(words(5000, 50)));
        finder.add('held', text(words(1000, length)));
        const quote = words(1000, length).join(separator).toUpperCase();
        const other = text(words(2000, before), [quote], words(3000, after));
        assert.deepEqual(find(finder, other), [['held', 1]]);
      },
    ),
  );
});

test('an unrelated text is never found, nor one with the same words in another order', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 300 }), fc.integer({ min: 0, max: 2000 }), (length, other) => {
      const finder = new QuoteFinder();
      finder.add('held', text(words(1000, length)));
      assert.deepEqual(find(finder, text(words(5000, other))), []);
      assert.deepEqual(find(finder, text(words(1000, length).toReversed())), []);
    }),
  );
});

test('half of the runs of a text suffice, less does not, and the share is told', () => {
  const finder = new QuoteFinder();
  finder.add('held', text(words(0, 84)));
  assert.deepEqual(find(finder, text(words(500, 30), words(0, 76), words(600, 30))), [['held', 0.9]]);
  assert.deepEqual(find(finder, text(words(0, 44), words(600, 200))), [['held', 0.5]]);
  assert.deepEqual(find(finder, text(words(0, 43), words(600, 200))), []);
  // A run that stands twice counts once.
  assert.deepEqual(find(finder, text(words(0, 30), words(0, 30), words(600, 200))), []);
});

test('fifty words of a long text one after another are a part of it, 49 or scattered ones are nothing', () => {
  const finder = new QuoteFinder();
  finder.add('held', text(words(0, 1000)));
  const around = [words(5000, 200), words(6000, 200)];
  const [part, ...others] = finder.find(text(around[0], words(300, 50), around[1]));
  assert.deepEqual(others, []);
  assert.deepEqual([part.words, part.isWhole, part.holdsOther], [50, false, false]);
  assert.deepEqual(finder.find(text(around[0], words(300, 49), around[1])), []);
  assert.deepEqual(finder.find(text(around[0], words(0, 40), around[1], words(600, 40))), []);
});

test('a short text that stands in a long wanted one is found', () => {
  const finder = new QuoteFinder();
  finder.add('held', text(words(0, 1000)));
  const [found] = finder.find(text(words(300, 30), words(5000, 10)));
  assert.deepEqual([found.key, found.isWhole, found.holdsOther], ['held', false, true]);
});

test('what many texts have is nobody\u2019s, once they were counted; the rest is still found', () => {
  const finder = new QuoteFinder();
  const footer = words(9000, 80);
  finder.add('held', text(words(0, 100), footer));
  const letters = Array.from({ length: 60 }, (_, i) => text(words(100_000 + 1000 * i, 100), footer));
  const copy = text(words(0, 100), words(7000, 50));
  assert.ok(finder.find(letters[0]).length > 0, 'before the others were seen');
  for (const letter of letters) finder.count(letter);
  assert.equal(finder.count(copy), true);
  assert.ok(letters.every((letter) => finder.find(letter).length === 0));
  assert.deepEqual(
    finder.find(copy).map(({ isWhole }) => isWhole),
    [true],
  );
});

test('a run that several texts have counts for each of them', () => {
  const finder = new QuoteFinder();
  finder.add('one', text(words(0, 20)));
  finder.add('two', text(words(0, 30)));
  assert.deepEqual(find(finder, text(words(0, 20))), [
    ['one', 1],
    ['two', 0.62],
  ]);
});

test('forgotten texts are found no more, the others still are, and there is room again', () => {
  const finder = new QuoteFinder(200);
  for (let i = 0; i < 3; i++) finder.add(`text ${i}`, text(words(1000 * i, 80)));
  assert.equal(finder.refused, 1);
  assert.ok(finder.knows('text 2'));
  finder.keep(new Set(['text 1', 'text 2']));
  assert.equal(finder.refused, 0);
  assert.ok(!finder.knows('text 2'));
  assert.ok(finder.add('text 2', text(words(2000, 80))));
  assert.deepEqual(find(finder, text(words(0, 80))), []);
  assert.deepEqual(find(finder, text(words(1000, 80), words(2000, 80))), [
    ['text 1', 1],
    ['text 2', 1],
  ]);
});
