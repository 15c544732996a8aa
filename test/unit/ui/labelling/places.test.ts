import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  comparePlaces,
  Lines,
  moveSpan,
  type PlaceSpan,
  type TextChange,
  touches,
} from '../../../../src/ui/labelling/places.ts';

const text = fc
  .array(fc.constantFrom('a', 'b', 'cd', '\n'), { maxLength: 40 })
  .map((parts) => parts.join(''));
const cut = (of: string, a: number, b: number) => {
  const [start, end] = [a % (of.length + 1), b % (of.length + 1)].sort((x, y) => x - y);
  return { start, end };
};

test('offsets and places say the same', () => {
  fc.assert(
    fc.property(text, fc.nat(), (of, at) => {
      const lines = new Lines(of);
      const offset = at % (of.length + 1);
      const place = lines.placeAt(offset);
      assert.equal(of.split('\n')[place.line].length >= place.character, true);
      assert.equal(lines.offsetAt(place), offset);
    }),
  );
});

test('a span that an edit does not touch keeps its text, wherever the edit is', () => {
  fc.assert(
    fc.property(text, fc.nat(), fc.nat(), fc.nat(), fc.nat(), text, (of, a, b, c, d, inserted) => {
      const span = cut(of, a, b);
      if (span.start === span.end) return;
      const replaced = cut(of, c, d);
      const lines = new Lines(of);
      const change: TextChange = { ...lines.placesOf(replaced), text: inserted };
      const before = lines.placesOf(span);
      const now = of.slice(0, replaced.start) + inserted + of.slice(replaced.end);
      const after = new Lines(now).offsetsOf(moveSpan(before, change));
      assert.ok(after.start <= after.end && after.start >= 0 && after.end <= now.length);
      if (touches(change, before)) return;
      assert.equal(now.slice(after.start, after.end), of.slice(span.start, span.end));
    }),
    { numRuns: 3000 },
  );
});

test('what is typed at the edges stays outside, what replaces the whole stays inside', () => {
  const span: PlaceSpan = { start: { line: 1, character: 2 }, end: { line: 1, character: 5 } };
  const typed = (at: PlaceSpan['start'], words: string) => ({ start: at, end: at, text: words });
  assert.deepEqual(moveSpan(span, typed(span.end, 'new')), span);
  assert.deepEqual(moveSpan(span, typed(span.start, 'x\r\ny')), {
    start: { line: 2, character: 1 },
    end: { line: 2, character: 4 },
  });
  assert.deepEqual(moveSpan(span, { ...span, text: 'longer' }), {
    start: span.start,
    end: { line: 1, character: 8 },
  });
  assert.ok(comparePlaces(span.start, span.end) < 0);
});
