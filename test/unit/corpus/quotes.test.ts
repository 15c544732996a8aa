/** Texts quoted inside others: a planted one is always found, with its share, and an unrelated one never. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { QuoteFinder } from '../../../src/corpus/quotes.ts';

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
  finder.add('held', text(words(0, 107)));
  assert.deepEqual(find(finder, text(words(500, 30), words(0, 99), words(600, 30))), [['held', 0.92]]);
  assert.deepEqual(find(finder, text(words(0, 57))), [['held', 0.5]]);
  assert.deepEqual(find(finder, text(words(0, 56))), []);
  // A run that stands twice counts once.
  assert.deepEqual(find(finder, text(words(0, 40), words(0, 40))), []);
});

test('a text under eight words is found only whole, and one under five is not looked for', () => {
  const finder = new QuoteFinder();
  assert.ok(finder.add('six', text(words(0, 6))));
  assert.ok(!finder.add('four', text(words(100, 4))));
  assert.deepEqual(find(finder, text(words(50, 9), words(0, 6), words(60, 9))), [['six', 1]]);
  assert.deepEqual(find(finder, text(words(0, 5), words(60, 9))), []);
  assert.deepEqual(find(finder, text(words(100, 4))), []);
});

test('a run that several texts have counts for each of them', () => {
  const finder = new QuoteFinder();
  finder.add('one', text(words(0, 20)));
  finder.add('two', text(words(0, 30)));
  assert.deepEqual(find(finder, text(words(0, 20))), [
    ['one', 1],
    ['two', 0.57],
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
