import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mixWindows } from '../../../../src/corpus/windows/mixing.ts';
import type { WindowSource } from '../../../../src/corpus/windows/windows.ts';
import { windowsOf } from '../../../support/windows.ts';

const CONTEXT = 8;
const full = (count: number, first: number): WindowSource =>
  windowsOf(
    Array.from({ length: count }, () => CONTEXT),
    CONTEXT,
    first,
  );

/** The first target of every window, which tells where it is from. */
function firstTargets(windows: WindowSource): number[] {
  const [inputs, targets] = [new Int32Array(CONTEXT), new Int32Array(CONTEXT)];
  return Array.from({ length: windows.count }, (_, window) => {
    windows.read(window, inputs, targets, 0);
    return targets[0];
  });
}

test('a share of the tokens is of the second source, as nearly as whole windows allow; all of the first stays', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 60 }),
      fc.double({ min: 0.01, max: 0.8, noNaN: true }),
      (mainCount, extraCount, share) => {
        const main = full(mainCount, 1000);
        const mixed = mixWindows(main, full(extraCount, 0), { share }, 1);
        const added = mixed.tokens - main.tokens;
        const wanted = (main.tokens * share) / (1 - share);
        assert.ok(added >= wanted && added < wanted + CONTEXT, `${added} for ${wanted}`);
        assert.deepEqual(firstTargets(mixed).slice(0, mainCount), firstTargets(main));
      },
    ),
  );
});

test('few windows are a random choice without repeats that the seed decides; more than there are come in turn', () => {
  const main = full(20, 1000);
  const chosen = (seed: number, extra: number, share: number) =>
    firstTargets(mixWindows(main, full(extra, 0), { share }, seed)).slice(20);
  const few = chosen(1, 100, 0.2);
  assert.equal(few.length, 5);
  assert.equal(new Set(few).size, 5);
  assert.deepEqual(chosen(1, 100, 0.2), few);
  assert.notDeepEqual(chosen(2, 100, 0.2), few);
  const counts = new Map<number, number>();
  for (const one of chosen(1, 4, 0.5)) counts.set(one, (counts.get(one) ?? 0) + 1);
  assert.deepEqual([...counts.values()], [5, 5, 5, 5]);
});

test('no window of the second source comes more often than it may, whatever the share', () => {
  const chosen = (maximumRepetition: number) =>
    firstTargets(mixWindows(full(20, 1000), full(4, 0), { share: 0.5, maximumRepetition }, 1)).slice(20);
  for (const repetition of [1, 2, 5]) {
    const seen = chosen(repetition);
    assert.equal(seen.length, 4 * repetition);
    assert.deepEqual(
      [...new Set(seen)].map((one) => seen.filter((other) => other === one).length),
      [0, 0, 0, 0].map(() => repetition),
    );
  }
  // Five times make up the share.
  assert.equal(chosen(16).length, 20);
});

test('no share and no second source leave the windows as they are', () => {
  const main = full(3, 0);
  assert.equal(mixWindows(main, full(5, 100), { share: 0 }, 1), main);
  assert.equal(mixWindows(main, full(0, 100), { share: 0.5 }, 1), main);
});
