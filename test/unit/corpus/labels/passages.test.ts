import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PassageAnchor } from '../../../../src/corpus/labels/labels.ts';
import {
  anchorPassage,
  findPassage,
  normalizeText,
  paintSpans,
  passageStandsAt,
  placePassage,
  type Span,
} from '../../../../src/corpus/labels/passages.ts';

const span = fc
  .tuple(fc.string({ minLength: 1, maxLength: 2000 }), fc.nat(), fc.nat())
  .map(([text, a, b]) => {
    const start = a % text.length;
    return { text, start, end: start + 1 + (b % (text.length - start)) };
  });

test('a passage is found where it was labelled', () => {
  fc.assert(
    fc.property(span, ({ text, start, end }) => {
      assert.deepEqual(placePassage(text, anchorPassage(text, start, end)), { start, end });
    }),
  );
});

test('a passage moves with text that is put before it', () => {
  const text = `${'a'.repeat(500)} the passage ${'b'.repeat(500)}`;
  const start = text.indexOf('the passage');
  const anchor = anchorPassage(text, start, start + 11);
  const edited = `new first line\n${text}`;
  assert.deepEqual(placePassage(edited, anchor), { start: start + 15, end: start + 26 });
});

test('of several equal passages the one with the same surroundings wins, then the nearest', () => {
  const text = 'one x two x three x four';
  const anchor = anchorPassage(text, 10, 11);
  assert.deepEqual(placePassage(`x ${text}`, anchor), { start: 12, end: 13 });
  const half = { quote: 'x', prefix: '?', suffix: ' t', offset: 12 };
  assert.deepEqual(placePassage(text, half), { start: 10, end: 11 });
});

const answer = 'Answer: 42 of course';

test('a passage that was edited is lost though the same words stand elsewhere', () => {
  const text = `Six times seven?\n${answer}\n\nForty and two?\n${answer}\n\nThe end\n`;
  const start = text.lastIndexOf(answer);
  const anchor = anchorPassage(text, start, start + answer.length);
  const edited = `${text.slice(0, start)}Answer: forty-two${text.slice(start + answer.length)}`;
  assert.equal(placePassage(edited, anchor), undefined);
  const atEnd = `Six times seven?\n${answer}\n\nForty and two?\n${answer}\n`;
  const last = anchorPassage(atEnd, start, start + answer.length);
  assert.equal(placePassage(atEnd.replace(new RegExp(`${answer}\n$`), 'Answer: 44\n'), last), undefined);
  const atBeginning = anchorPassage(`${answer}\n`, 0, answer.length);
  assert.equal(placePassage(`Answer: 44\nmore\n${answer}\nand more\n`, atBeginning), undefined);
});

test('without its surroundings a passage is known again only where it is long and stands once', () => {
  const long = 'The passage that is labelled stands alone in its paragraph, under a title.';
  const moved = (text: string, passage: string) =>
    placePassage(text, { quote: passage, prefix: 'old before ', suffix: ' old after', offset: 0 })?.start;
  assert.equal(moved(`new ${long} new`, long), 4);
  assert.equal(moved(`new ${long} new ${long}`, long), undefined);
  assert.equal(moved(`new ${answer} new`, answer), undefined);
});

test('a passage among blank lines is found while it does not move', () => {
  const text = `a${' '.repeat(50)}x${' '.repeat(50)}b`;
  assert.deepEqual(placePassage(text, anchorPassage(text, 51, 52)), { start: 51, end: 52 });
});

/** The rule of docs/formats/labels.md word for word: every place is looked at. */
function placeExhaustively(text: string, anchor: PassageAnchor): Span | undefined {
  const quote = anchor.quote ?? '';
  const places: (Span & { readonly contexts: number; readonly distance: number })[] = [];
  for (let start = text.indexOf(quote); start >= 0; start = text.indexOf(quote, start + 1)) {
    const end = start + quote.length;
    const prefix = text.slice(Math.max(0, start - anchor.prefix.length), start) === anchor.prefix;
    const suffix = text.slice(end, end + anchor.suffix.length) === anchor.suffix;
    const distance = Math.abs(start - anchor.offset);
    places.push({ start, end, contexts: Number(prefix) + Number(suffix), distance });
  }
  places.sort((a, b) => b.contexts - a.contexts || a.distance - b.distance || a.start - b.start);
  const [best] = places;
  if (best === undefined) return undefined;
  const { start, end, contexts } = best;
  const telling = (context: string, isAtEnd: boolean) => isAtEnd || context.trim() !== '';
  const before =
    text.slice(0, start).endsWith(anchor.prefix) && telling(anchor.prefix, start === anchor.prefix.length);
  const after =
    text.startsWith(anchor.suffix, end) && telling(anchor.suffix, end + anchor.suffix.length === text.length);
  const isUnmoved = contexts === 2 && start === anchor.offset;
  const isAlone = quote.length >= 60 && places.length === 1;
  return before || after || isUnmoved || isAlone ? { start, end } : undefined;
}

test('looking near the old place first finds what looking at every place finds', () => {
  const piece = fc.constantFrom('a', 'b', 'ab', 'ba', 'aab', '\n');
  const stretch = fc.oneof(piece, fc.tuple(piece, fc.integer({ min: 200, max: 1500 })));
  const texts = fc
    .array(stretch, { minLength: 1, maxLength: 12 })
    .map((parts) =>
      parts.map((part) => (typeof part === 'string' ? part : part[0].repeat(part[1]))).join(''),
    );
  const context = fc.array(piece, { maxLength: 3 }).map((parts) => parts.join(''));
  const quote = fc.array(piece, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(texts, quote, context, context, fc.nat(8000), (text, quoted, prefix, suffix, offset) => {
      const anchor = { quote: quoted, prefix, suffix, offset };
      assert.deepEqual(placePassage(text, anchor), placeExhaustively(text, anchor));
    }),
    { numRuns: 2000 },
  );
});

test('all places of a passage are found, up to a limit', () => {
  const anchor = { quote: 'aa', prefix: '', suffix: '', offset: 0 };
  assert.deepEqual(
    findPassage('aaa aa', anchor, 9).map(({ start }) => start),
    [0, 1, 4],
  );
  assert.equal(findPassage('aaa aa', anchor, 2).length, 2);
  assert.ok(passageStandsAt('aaa aa', anchor, 4));
  assert.ok(!passageStandsAt('aaa aa', anchor, 3));
});

test('an edited passage is lost, short or long', () => {
  const short = 'before the passage after';
  assert.equal(placePassage('before the pasage after', anchorPassage(short, 7, 18)), undefined);
  const long = `before ${'word '.repeat(300)}after`;
  const anchor = anchorPassage(long, 7, 1507);
  assert.equal(anchor.quote, undefined);
  assert.deepEqual(placePassage(`X${long}`, anchor), { start: 8, end: 1508 });
  assert.equal(placePassage(long.replace('word word word after', 'word wird word after'), anchor), undefined);
});

test('offsets count LF line ends and no byte-order mark', () => {
  assert.equal(normalizeText('\uFEFFa\r\nb\nc'), 'a\nb\nc');
});

test('painted spans cover the text once, and the higher rank holds', () => {
  const spans = fc.array(
    fc.record({
      start: fc.nat(30),
      length: fc.integer({ min: 1, max: 10 }),
      value: fc.integer({ min: 1, max: 4 }),
    }),
  );
  fc.assert(
    fc.property(spans, (list) => {
      const painted = list.map(({ start, length, value }) => ({ start, end: start + length, value }));
      const expected = Array.from({ length: 40 }, (_, at) =>
        Math.max(0, ...painted.filter((one) => one.start <= at && at < one.end).map((one) => one.value)),
      );
      const actual = paintSpans(40, 0, painted, (value) => value).flatMap(({ start, end, value }) =>
        Array<number>(end - start).fill(value),
      );
      assert.deepEqual(actual, expected);
    }),
  );
});
