import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { breakPosition, logAxis, logAxisWithZero, logTicks, paddedRange } from '../../../src/charts/scale.ts';

const ranges = fc
  .tuple(fc.double({ min: -3, max: 18, noNaN: true }), fc.double({ min: 0.02, max: 12, noNaN: true }))
  .map(([exponent, decades]) => ({ min: 10 ** exponent, max: 10 ** (exponent + decades) }));

test('ticks ascend inside the range, at least two and no more than asked for', () => {
  fc.assert(
    fc.property(ranges, fc.integer({ min: 5, max: 9 }), (range, most) => {
      const ticks = logTicks(range, most);
      assert.ok(ticks.length >= 2 && ticks.length <= most, `${ticks}`);
      assert.ok(ticks.every((tick) => tick >= range.min && tick <= range.max));
      assert.ok(ticks.every((tick, index) => index === 0 || tick > ticks[index - 1]));
    }),
  );
});

test('ticks are round numbers: two significant digits where the range spans an octave or more', () => {
  fc.assert(
    fc.property(ranges, (range) => {
      fc.pre(range.max / range.min >= 2);
      for (const tick of logTicks(range, 7)) assert.equal(tick, Number(tick.toPrecision(2)));
    }),
  );
});

test('known ranges get the ticks that a person would draw', () => {
  assert.deepEqual(logTicks({ min: 0.9, max: 1100 }, 7), [1, 3, 10, 30, 100, 300, 1000]);
  assert.deepEqual(logTicks({ min: 11.5, max: 21 }, 7), [12, 14, 16, 18, 20]);
  assert.deepEqual(logTicks({ min: 9, max: 260 }, 7), [10, 20, 50, 100, 200]);
  const narrow = { min: 0.14699999999999996, max: 0.15499999999999997 };
  assert.deepEqual(logTicks(narrow, 5), [0.148, 0.15, 0.152, 0.154]);
});

test('equal ratios are equally far apart on a log axis', () => {
  const axis = logAxis({ min: 1, max: 100 }, 0, 200);
  assert.deepEqual(
    [1, 10, 100].map((value) => Math.round(axis.place(value))),
    [0, 100, 200],
  );
});

test('zero has a place of its own before every positive value, and a break between', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 1e-3, max: 1e15, noNaN: true }), { minLength: 1 }), (values) => {
      const axis = logAxisWithZero([0, ...values], 50, 600);
      const gap = breakPosition(axis, 50);
      assert.ok(gap !== undefined);
      assert.ok(axis.place(0) > 50 && axis.place(0) < gap);
      for (const value of values) assert.ok(axis.place(value) > gap && axis.place(value) <= 600);
    }),
  );
});

test('values that are all zero, or one single value, still have a finite place', () => {
  assert.equal(logAxisWithZero([0, 0], 0, 100).place(0), 50);
  assert.equal(Math.round(logAxisWithZero([7], 0, 100).place(7)), 50);
  assert.equal(paddedRange([0], 2), undefined);
});
