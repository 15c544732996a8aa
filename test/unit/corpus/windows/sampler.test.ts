import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CorruptionError, InputError } from '../../../../src/common/errors.ts';
import { TrainingSampler } from '../../../../src/corpus/windows/sampler.ts';
import { windowsOf } from '../../../support/windows.ts';

function draw(sampler: TrainingSampler, rows: number, context: number): number[] {
  const inputs = new Int32Array(rows * context);
  const targets = new Int32Array(rows * context);
  sampler.next(rows, inputs, targets);
  assert.deepEqual(
    inputs,
    targets.map((target) => target + 1_000_000),
  );
  return [...targets];
}

const CONTEXT = 8;
const lengths = fc.array(fc.integer({ min: 1, max: CONTEXT }), { minLength: 1, maxLength: 40 });

test('each epoch draws every token exactly once, a cut window going on in the next row', () => {
  fc.assert(
    fc.property(lengths, fc.nat(), (made, seed) => {
      const windows = windowsOf(made, CONTEXT);
      const sampler = new TrainingSampler(windows, seed);
      const stream: number[] = [];
      while (stream.length < 3 * windows.tokens) stream.push(...draw(sampler, 1, CONTEXT));
      for (let epoch = 0; epoch < 3; epoch++) {
        const drawn = stream.slice(epoch * windows.tokens, (epoch + 1) * windows.tokens);
        assert.deepEqual(
          drawn.sort((a, b) => a - b),
          Array.from({ length: windows.tokens }, (_, i) => i),
        );
      }
      assert.equal(sampler.tokensDrawn, stream.length);
      assert.equal(sampler.epoch, Math.floor(stream.length / windows.tokens));
      assert.equal(sampler.repetition, stream.length / windows.tokens);
    }),
  );
});

test('a sampler restored from JSON at any point continues bit for bit, and counts on', () => {
  fc.assert(
    fc.property(lengths, fc.nat(), fc.integer({ min: 0, max: 60 }), (made, seed, before) => {
      const windows = windowsOf(made, CONTEXT);
      const sampler = new TrainingSampler(windows, seed);
      for (let i = 0; i < before; i++) draw(sampler, 1, CONTEXT);
      const state: unknown = JSON.parse(JSON.stringify(sampler.state()));
      const restored = TrainingSampler.restore(windows, state);
      assert.equal(restored.tokensDrawn, sampler.tokensDrawn);
      assert.deepEqual(draw(restored, 50, CONTEXT), draw(sampler, 50, CONTEXT));
      assert.deepEqual(restored.state(), sampler.state());
    }),
  );
});

test('equal seeds give equal streams, other seeds and other epochs other orders', () => {
  const windows = windowsOf(Array(50).fill(CONTEXT), CONTEXT);
  const streams = [1, 1, 2].map((seed) => draw(new TrainingSampler(windows, seed), 100, CONTEXT));
  assert.deepEqual(streams[0], streams[1]);
  assert.notDeepEqual(streams[0], streams[2]);
  assert.notDeepEqual(streams[0].slice(0, 400), streams[0].slice(400));
});

test('rows drawn together are those drawn one by one', () => {
  const windows = windowsOf([3, 8, 1, 5], CONTEXT);
  const one = new TrainingSampler(windows, 9);
  const single = Array.from({ length: 12 }, () => draw(one, 1, CONTEXT)).flat();
  assert.deepEqual(draw(new TrainingSampler(windows, 9), 12, CONTEXT), single);
});

test('a state of other windows, or none at all, is refused with what to do', () => {
  const windows = windowsOf([3, 8], CONTEXT);
  const state = new TrainingSampler(windows, 1).state();
  const wrong = [
    [windowsOf([3, 7], CONTEXT), state],
    [windowsOf([3, 8], CONTEXT + 1), state],
    [windows, { ...state, cursor: 2 }],
    [windows, { ...state, offset: 8 }],
    [windows, 'nothing'],
  ] as const;
  for (const [source, value] of wrong) {
    assert.throws(() => TrainingSampler.restore(source, value), CorruptionError);
  }
});

test('training on nothing is refused with what to do', () => {
  assert.throws(() => new TrainingSampler(windowsOf([], CONTEXT), 1), InputError);
});

test('too small a place for the rows is refused', () => {
  const sampler = new TrainingSampler(windowsOf([3], CONTEXT), 1);
  assert.throws(() => sampler.next(2, new Int32Array(16), new Int32Array(15)), RangeError);
});
