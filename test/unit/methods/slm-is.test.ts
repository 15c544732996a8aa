/** How much of its list slm-is reads, as docs/decisions/decay.md has it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mixWindows } from '../../../src/corpus/windows/mixing.ts';
import { TrainingSampler } from '../../../src/corpus/windows/sampler.ts';
import type { WindowSource } from '../../../src/corpus/windows/windows.ts';
import { DECAY_SHARE, stableUntil } from '../../../src/methods/stages/pretrain.ts';

const CONTEXT = 8;
const SHARE = 0.3;

/** Windows of a full context, of which each reading is told. */
function windows(count: number, onRead: (window: number) => void): WindowSource {
  return {
    count,
    context: CONTEXT,
    tokens: count * CONTEXT,
    endOfText: 0,
    length: () => CONTEXT,
    read: (window) => {
      onRead(window);
      return CONTEXT;
    },
  };
}

/** How often each entry of a list is read by a stable phase and a decay with in-domain text, a row of one window a step. */
function reads(entries: number): readonly number[] {
  const found = Array.from({ length: entries }, () => 0);
  const list = windows(entries, (entry) => {
    found[entry]++;
  });
  const inDomain = windows(entries, () => undefined);
  const read = (source: WindowSource, rows: number) => {
    const sampler = new TrainingSampler(source, 1);
    sampler.next(rows, new Int32Array(rows * CONTEXT), new Int32Array(rows * CONTEXT));
  };
  const stable = stableUntil(entries);
  read(list, stable);
  read(mixWindows(list, inDomain, { share: SHARE }, 1), entries - stable);
  return found;
}

test('with in-domain text in the decay an entry of the list is read twice at most, and less than once in the mean', () => {
  const near = (a: number, b: number) => assert.ok(Math.abs(a - b) < 0.02, `${a} is not about ${b}`);
  const generic = DECAY_SHARE * (1 - SHARE);
  const cases = [
    // With the in-domain windows beyond the next power of four: the orders are independent.
    { entries: 4096, never: DECAY_SHARE * (1 - generic) },
    // Below it: what the decay reads of the list the stable phase has read.
    { entries: 6000, never: DECAY_SHARE },
  ];
  for (const { entries, never } of cases) {
    const found = reads(entries);
    assert.equal(Math.max(...found), 2);
    near(found.reduce((sum, count) => sum + count, 0) / entries, 1 - DECAY_SHARE * SHARE);
    near(found.filter((count) => count === 0).length / entries, never);
  }
});
