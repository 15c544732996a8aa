/** Axes, the visible part and the strokes of pictures of lines. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { linearAxis, logarithmicAxis, type Quantity } from '../../../webview/perplexity/axis.ts';
import { Frame, type PictureLine, wholeView } from '../../../webview/perplexity/frame.ts';
import { type Axes, drawPicture, lineSample } from '../../../webview/perplexity/picture.ts';
import { nearestTo, within } from '../../../webview/perplexity/reduce.ts';
import { cursorPlaces, insideOf, movedView, zoomedView } from '../../../webview/perplexity/zoom.ts';

const line: PictureLine = {
  id: 'slm',
  name: 'slm',
  index: 2,
  strokes: [
    { x: [0, 100, 200], y: [1000, 200, 100], dash: 0 },
    { x: [200, 220], y: [100, 90], dash: 1 },
  ],
  marked: [
    { x: 0, y: 1000 },
    { x: 220, y: 90 },
  ],
  seeds: [],
  best: { x: 220, y: 90 },
  label: 'slm',
};
const axes: Axes = { x: 'tokens', xTitle: 'tokens', yTitle: 'perplexity', isLog: true };
const size = { width: 800, height: 360 };
const whole = wholeView([line], true);
const frame = new Frame(size, whole, true, [line]);

describe('ticks', () => {
  const quantities: readonly Quantity[] = ['tokens', 'FLOP', 'time', 'steps', 'perplexity'];
  const ranges = fc
    .tuple(fc.double({ min: 1, max: 1e12, noNaN: true }), fc.double({ min: 1e-4, max: 10, noNaN: true }))
    .map(([min, share]) => ({ min, max: min * (1 + share) }));

  test('are never labelled alike, wherever one zooms to, and say their value', () => {
    fc.assert(
      fc.property(
        ranges,
        fc.constantFrom(...quantities),
        fc.integer({ min: 2, max: 9 }),
        (range, quantity, most) => {
          for (const ticks of [linearAxis(range, most, quantity), logarithmicAxis(range, most, quantity)]) {
            const labels = ticks.map(({ label }) => label);
            assert.equal(new Set(labels).size, labels.length, labels.join());
            assert.ok(ticks.every(({ at }) => at >= range.min * (1 - 1e-9) && at <= range.max * (1 + 1e-9)));
          }
        },
      ),
    );
  });

  test('have the digits that the range needs and no more', () => {
    const labels = (min: number, max: number, quantity: Quantity) =>
      linearAxis({ min, max }, 6, quantity).map(({ label }) => label);
    assert.deepEqual(labels(0, 270_000, 'tokens'), ['0', '50k', '100k', '150k', '200k', '250k']);
    assert.deepEqual(labels(262_000, 263_000, 'tokens'), [
      '262k',
      '262.2k',
      '262.4k',
      '262.6k',
      '262.8k',
      '263k',
    ]);
    assert.deepEqual(labels(91.4, 91.9, 'perplexity'), ['91.4', '91.5', '91.6', '91.7', '91.8', '91.9']);
    assert.deepEqual(labels(0, 600, 'time'), ['0', '2 min', '4 min', '6 min', '8 min', '10 min']);
  });
});

describe('the visible part', () => {
  test('is at first all of the lines, from 0 tokens on', () => {
    assert.equal(whole.x.min, 0);
    assert.ok(line.strokes.every(({ x, y }) => x.every((one, i) => frame.holds({ x: one, y: y[i] }))));
  });

  test('is what was dragged over, and values stand where they stood', () => {
    const from = { x: frame.x(100), y: frame.y(200) };
    const to = { x: frame.x(220), y: frame.y(90) };
    const view = zoomedView(frame, to, from);
    for (const [value, expected] of [
      [view.x.min, 100],
      [view.x.max, 220],
      [view.y.min, 90],
      [view.y.max, 200],
    ])
      assert.ok(Math.abs(value / expected - 1) < 1e-9, `${value} ${expected}`);
    const zoomed = new Frame(size, view, true, [line]);
    assert.ok(Math.abs(zoomed.xAt(zoomed.x(150)) - 150) < 1e-9);
    assert.ok(Math.abs(zoomed.yAt(zoomed.y(120)) - 120) < 1e-9);
  });

  test('a flat drag chooses tokens alone, and a drag over nothing changes nothing', () => {
    const flat = zoomedView(frame, { x: frame.x(50), y: 100 }, { x: frame.x(150), y: 102 });
    assert.deepEqual(flat.y, whole.y);
    const point = zoomedView(frame, { x: 100, y: 100 }, { x: 100, y: 100 });
    assert.deepEqual(point, whole);
  });

  test('moves no further than the lines go, and is all of them again when it is as large', () => {
    const view = zoomedView(
      frame,
      { x: frame.x(100), y: frame.y(200) },
      { x: frame.x(200), y: frame.y(100) },
    );
    const zoomed = new Frame(size, view, true, [line]);
    const moved = insideOf(whole, movedView(zoomed, { x: 10_000, y: 0 }), true);
    assert.equal(moved?.x.min, 0);
    assert.ok(Math.abs((moved?.x.max ?? 0) - 100) < 1e-6);
    assert.equal(insideOf(whole, { x: { min: -50, max: 9e9 }, y: { min: 1, max: 1e9 } }, true), undefined);
  });
});

test('a long line is cut to what is seen, with the points beside it', () => {
  const x = [0, 1, 2, 3, 4, 5];
  assert.deepEqual(within({ x, y: x }, { min: 1.5, max: 3 }).x, [1, 2, 3]);
  assert.deepEqual(within({ x, y: x }, { min: -1, max: 9 }).x, x);
  assert.deepEqual(within({ x: [], y: [] }, { min: 0, max: 1 }).x, []);
});

test('the point nearest to the cursor is found', () => {
  assert.equal(nearestTo([0, 10, 20], 14), 1);
  assert.equal(nearestTo([0, 10, 20], 16), 2);
  assert.equal(nearestTo([0, 10, 20], -5), 0);
  assert.equal(nearestTo([0, 10, 20], 99), 2);
  assert.equal(nearestTo([], 1), -1);
});

test('by keys the cursor stops at each point, and in equal steps where there are many', () => {
  assert.deepEqual(cursorPlaces([line], { min: 50, max: 500 }), [100, 200, 220]);
  const many = Array.from({ length: 1000 }, (_, i) => i);
  const long = { ...line, strokes: [{ x: many, y: many, dash: 0 }], marked: [] };
  assert.equal(cursorPlaces([long], { min: 0, max: 999 }).length, 61);
});

describe('a drawing', () => {
  const strokes = (svg: string) =>
    [...svg.matchAll(/class="(line [^"]*)"[^>]*stroke-dasharray="([^"]*)"/g)].map(([, kind, dash]) => [
      kind,
      dash,
    ]);

  test('has the strokes that its legend shows', () => {
    const drawn = strokes(drawPicture([line], axes, whole, { id: 'a', size }));
    assert.equal(drawn.length, 2);
    assert.notEqual(drawn[0][1], drawn[1][1]);
    const [sample] = strokes(
      lineSample(line).replaceAll('<path class="line', '<path data-line="" class="line'),
    );
    assert.deepEqual(sample, drawn[0]);
  });

  test('has each text once, and no mark outside of what is seen', () => {
    const view = { x: { min: 150, max: 210 }, y: { min: 50, max: 150 } };
    const svg = drawPicture([line], axes, view, { id: 'a', size });
    for (const axis of ['x', 'y']) {
      const ticks = [...svg.matchAll(new RegExp(`class="tick ${axis}-tick"[^>]*>([^<]*)<`, 'g'))];
      const labels = ticks.map(([, text]) => text);
      assert.ok(labels.length > 2 && new Set(labels).size === labels.length, labels.join());
    }
    assert.doesNotMatch(svg, /class="marker|class="ring|class="label"/);
  });

  test('in a file says every name, escaped', () => {
    const hostile = { ...line, name: '<img>', label: '<b>' };
    const svg = drawPicture([hostile], axes, whole, { id: 'a', size, withLegend: true });
    assert.match(svg, /&lt;img&gt;/);
    assert.doesNotMatch(svg, /<img|<b>/);
  });
});
