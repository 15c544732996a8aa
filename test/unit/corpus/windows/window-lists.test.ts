import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JoinedWindows, SubsetWindows } from '../../../../src/corpus/windows/window-lists.ts';
import type { WindowSource } from '../../../../src/corpus/windows/windows.ts';
import { windowsOf } from '../../../support/windows.ts';

const CONTEXT = 6;
const lengths = fc.array(fc.integer({ min: 1, max: CONTEXT }), { maxLength: 12 });

/** The targets of a window; its inputs, its length and its place are checked on the way. */
function read(windows: WindowSource, window: number): number[] {
  const inputs = new Int32Array(CONTEXT + 2).fill(-1);
  const targets = new Int32Array(CONTEXT + 2).fill(-1);
  const length = windows.read(window, inputs, targets, 1);
  assert.equal(windows.length(window), length);
  assert.deepEqual([inputs[0], targets[0], targets[1 + length]], [-1, -1, -1]);
  const own = targets.subarray(1, 1 + length);
  assert.deepEqual(
    inputs.subarray(1, 1 + length),
    own.map((target) => target + 1_000_000),
  );
  return [...own];
}

const readAll = (windows: WindowSource): number[][] =>
  Array.from({ length: windows.count }, (_, i) => read(windows, i));

test('a subset has the named windows in the named order, repeats counted as often as named', () => {
  const selections = lengths.chain((made) =>
    fc.tuple(
      fc.constant(made),
      made.length === 0 ? fc.constant([]) : fc.array(fc.nat(made.length - 1), { maxLength: 30 }),
    ),
  );
  fc.assert(
    fc.property(selections, ([made, numbers]) => {
      const source = windowsOf(made, CONTEXT);
      const subset = new SubsetWindows(source, Uint32Array.from(numbers));
      const expected = numbers.map((number) => read(source, number));
      assert.deepEqual(readAll(subset), expected);
      assert.equal(subset.tokens, expected.flat().length);
      assert.equal(subset.context, CONTEXT);
    }),
  );
});

test('joined windows are those of every source in order, empty sources skipped', () => {
  fc.assert(
    fc.property(fc.array(lengths, { minLength: 1, maxLength: 6 }), (made) => {
      const sources = made.map((own, i) => windowsOf(own, CONTEXT, 1000 * i));
      const joined = new JoinedWindows(sources);
      const expected = sources.flatMap(readAll);
      assert.deepEqual(readAll(joined), expected);
      assert.equal(joined.count, expected.length);
      assert.equal(joined.tokens, expected.flat().length);
    }),
  );
});

test('a window that is not there is refused', () => {
  const source = windowsOf([2, 3], CONTEXT);
  assert.throws(() => new SubsetWindows(source, Uint32Array.of(0, 2)), RangeError);
  for (const windows of [new SubsetWindows(source, Uint32Array.of(1, 0)), new JoinedWindows([source])]) {
    for (const wrong of [-1, 2]) {
      assert.throws(() => windows.length(wrong), RangeError);
      assert.throws(() => read(windows, wrong), RangeError);
    }
  }
});

test('windows of another context or another end of text cannot be joined, nor none', () => {
  const source = windowsOf([2], CONTEXT);
  assert.throws(() => new JoinedWindows([source, windowsOf([2], CONTEXT + 1)]), RangeError);
  assert.throws(() => new JoinedWindows([source, { ...source, endOfText: 1 }]), RangeError);
  assert.throws(() => new JoinedWindows([]), RangeError);
});
