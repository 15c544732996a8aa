/** Bits of lines, figures and levels, against sums that are worked out by hand or another way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  figuresOf,
  levelOf,
  lineSurprises,
  middleOf,
  runsByLevel,
  type ScoredSpan,
} from '../../../../src/ui/lens/surprise.ts';

const texts = fc
  .array(fc.constantFrom('a', 'bé', ' ', '\n', '😀', 'word'), { minLength: 1 })
  .map((p) => p.join(''));

/** Tokens of drawn lengths over a whole text. */
const scored = texts.chain((text) =>
  fc.record({
    text: fc.constant(text),
    tokens: fc
      .array(
        fc.record({
          length: fc.integer({ min: 0, max: 5 }),
          nats: fc.double({ min: 0, max: 9, noNaN: true }),
        }),
      )
      .map((drawn) => {
        let at = 0;
        const tokens = drawn.map(({ length, nats }): ScoredSpan => {
          const start = at;
          at = Math.min(text.length, at + length);
          return { start, end: at, logProbability: -nats };
        });
        return [...tokens, { start: at, end: text.length, logProbability: -1 }];
      }),
  }),
);

test('the bits and bytes of the lines are those of the text', () => {
  fc.assert(
    fc.property(scored, ({ text, tokens }) => {
      const lines = lineSurprises(text, tokens);
      assert.equal(lines.length, text.split('\n').length);
      const nats = tokens.reduce((sum, { logProbability }) => sum - logProbability, 0);
      const bits = lines.reduce((sum, line) => sum + (line?.bits ?? 0), 0);
      assert.ok(Math.abs(bits - nats / Math.log(2)) < 1e-6 * (1 + bits));
      const covered = lines.every((line) => line !== undefined);
      const bytes = lines.reduce((sum, line) => sum + (line?.bytes ?? 0), 0);
      if (covered) assert.equal(bytes, new TextEncoder().encode(text).length);
    }),
  );
});

test('a token over the end of a line is shared out by its length', () => {
  const [first, second] = lineSurprises('abc\nde', [
    { start: 0, end: 2, logProbability: -Math.LN2 },
    { start: 2, end: 6, logProbability: -4 * Math.LN2 },
  ]);
  assert.deepEqual(first, { bits: 1 + 2, bytes: 4, isBlank: false });
  assert.deepEqual(second, { bits: 2, bytes: 2, isBlank: false });
});

test('lines that are not scored yet have no figures', () => {
  const lines = lineSurprises('ab\ncd\nef', [{ start: 3, end: 5, logProbability: -Math.LN2 }]);
  assert.deepEqual(lines, [undefined, { bits: 1, bytes: 3, isBlank: false }, undefined]);
});

test('the figures of a text: a byte a token at even odds is one bit per byte and perplexity 2', () => {
  const tokens = [...'abcd'].map((_, start) => ({ start, end: start + 1, logProbability: -Math.LN2 }));
  const { bitsPerByte, perplexity } = figuresOf('abcd', tokens) ?? assert.fail('no figures');
  assert.ok(Math.abs(bitsPerByte - 1) < 1e-12 && Math.abs(perplexity - 2) < 1e-12);
});

test('an empty text has no figures', () => {
  assert.equal(figuresOf('', []), undefined);
});

const line = (bitsPerByte: number, bytes = 100) => ({ bits: bitsPerByte * bytes, bytes, isBlank: false });

test('the middle is that of the bytes, not of the lines, and blank lines have no part in it', () => {
  assert.equal(middleOf([line(1, 10), line(1.5, 10), line(3, 100), undefined]), 3);
  const blank = { bits: 90, bytes: 1, isBlank: true };
  assert.equal(middleOf([line(2), blank, blank, blank]), 2);
  assert.equal(middleOf([]), 0);
});

test('levels rise with what a line has above the middle; ordinary, blank and unscored lines have none', () => {
  const levels = [2, 2.2, 2.5, 3, 3.5, 4.2, 6].map((rate) => levelOf(line(rate), 2));
  assert.deepEqual(levels, [0, 0, 1, 2, 3, 4, 5]);
  assert.equal(levelOf({ ...line(9), isBlank: true }, 2), 0);
  assert.equal(levelOf(undefined, 2), 0);
});

test('a few odd bytes are shaded less than many', () => {
  assert.ok(levelOf(line(4, 4), 2) < levelOf(line(4, 400), 2));
});

test('neighbouring lines of one level are one run', () => {
  assert.deepEqual(runsByLevel([0, 2, 2, 3, 2, 0, 2]), {
    1: [],
    2: [
      { first: 1, last: 2 },
      { first: 4, last: 4 },
      { first: 6, last: 6 },
    ],
    3: [{ first: 3, last: 3 }],
    4: [],
    5: [],
  });
});
