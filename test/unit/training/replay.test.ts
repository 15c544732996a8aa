/** Replay: the share of rows, their order, and a stream that goes on where a checkpoint left it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CorruptionError } from '../../../src/common/errors.ts';
import { replayStream } from '../../../src/training/replay.ts';
import { type BatchStream, windowStream } from '../../../src/training/stream.ts';
import { windowsOf } from '../../support/windows.ts';

const CONTEXT = 4;
const OWN = windowsOf([4, 3, 2], CONTEXT);
/** Far more than is replayed. */
const GENERIC = windowsOf(
  Array.from({ length: 200 }, () => CONTEXT),
  CONTEXT,
);
const own = windowStream(OWN, 1);
/** Its targets are told from the domain's by their size. */
const generic = ((source) => {
  const marked = (stream: BatchStream): BatchStream => ({
    next(rows, ids, targets) {
      stream.next(rows, ids, targets);
      for (let i = 0; i < rows * CONTEXT; i++) targets[i] += 10_000;
      return {};
    },
    state: () => stream.state(),
  });
  return { start: () => marked(source.start()), restore: (state: unknown) => marked(source.restore(state)) };
})(windowStream(GENERIC, 1));

function rowsOf(stream: BatchStream, batches: readonly number[]): number[][] {
  return batches.flatMap((rows) => {
    const [ids, targets] = [new Int32Array(rows * CONTEXT), new Int32Array(rows * CONTEXT)];
    stream.next(rows, ids, targets);
    return Array.from({ length: rows }, (_, row) => [
      ...targets.subarray(row * CONTEXT, (row + 1) * CONTEXT),
    ]);
  });
}
const isGeneric = ([first]: readonly number[]): boolean => first >= 10_000;

test('a share of the rows is generic, none of it twice, and the domain’s rows are those without replay', () => {
  for (const share of [0.01, 0.1, 0.25, 0.3]) {
    const rows = rowsOf(replayStream({ own, generic }, { share, context: CONTEXT }).start(), [100, 7, 193]);
    const replayed = rows.filter(isGeneric);
    assert.equal(replayed.length, Math.floor(300 * share + 1e-9));
    assert.equal(new Set(replayed.flat()).size, replayed.length * CONTEXT);
    const plain = rowsOf(own.start(), [300 - replayed.length]);
    assert.deepEqual(
      rows.filter((row) => !isGeneric(row)),
      plain,
    );
  }
});

test('restored from JSON at any row it goes on alike', () => {
  fc.assert(
    fc.property(fc.nat(50), fc.double({ min: 0.01, max: 0.9, noNaN: true }), (before, share) => {
      const source = replayStream({ own, generic }, { share, context: CONTEXT });
      const stream = source.start();
      rowsOf(stream, [before]);
      const restored = source.restore(JSON.parse(JSON.stringify(stream.state())));
      assert.deepEqual(rowsOf(restored, [5, 8]), rowsOf(stream, [5, 8]));
    }),
  );
});

test('the state of another stream is refused', () => {
  const source = replayStream({ own, generic }, { share: 0.5, context: CONTEXT });
  assert.throws(() => source.restore(own.start().state()), CorruptionError);
});
