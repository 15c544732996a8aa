/** Batches of groups: each from one cluster, drawn by share, and restored bit for bit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CorruptionError, InputError } from '../../../src/common/errors.ts';
import { type GroupStreamSettings, groupStream } from '../../../src/training/group-stream.ts';
import type { BatchStream } from '../../../src/training/stream.ts';
import { windowsOf } from '../../support/windows.ts';

const CONTEXT = 4;
const ROWS = 6;
/** Cluster c has the targets from 1000 c on, so that a target tells its cluster. */
const lengths = [[4, 3, 1, 4], [], [2, 2, 4, 4, 1], [4]];
const windowsByCluster = lengths.map((own, cluster) => windowsOf(own, CONTEXT, 1000 * cluster));
const settings: GroupStreamSettings = { windowsByCluster, shares: [3, 0, 1, 0], groups: 3, seed: 5 };

function draw(stream: BatchStream) {
  const [ids, targets] = [new Int32Array(ROWS * CONTEXT), new Int32Array(ROWS * CONTEXT)];
  const { clusters } = stream.next(ROWS, ids, targets);
  assert.deepEqual(
    ids,
    targets.map((target) => target + 1_000_000),
  );
  return { clusters: [...clusters], targets: [...targets] };
}

test('the rows of a group are all of the cluster that the batch input names', () => {
  const stream = groupStream(settings).start();
  for (let step = 0; step < 50; step++) {
    const { clusters, targets } = draw(stream);
    const expected = targets.map((_, i) => clusters[Math.floor((i * clusters.length) / targets.length)]);
    assert.deepEqual(
      targets.map((target) => Math.floor(target / 1000)),
      expected,
    );
  }
});

test('clusters are drawn by their shares, those of no share never', () => {
  const stream = groupStream(settings).start();
  const counts = [0, 0, 0, 0];
  for (let step = 0; step < 2000; step++) for (const cluster of draw(stream).clusters) counts[cluster]++;
  const total = counts.reduce((sum, count) => sum + count);
  assert.ok(Math.abs(counts[0] / total - 0.75) < 0.02, `${counts}`);
  assert.deepEqual([counts[1], counts[3]], [0, 0]);
});

test("a cluster's own windows are all drawn before any is drawn again", () => {
  const stream = groupStream({ ...settings, shares: [1, 0, 1, 0] }).start();
  const seen = new Map<number, number[]>();
  for (let step = 0; step < 40; step++) {
    const { clusters, targets } = draw(stream);
    const length = targets.length / clusters.length;
    for (const [group, cluster] of clusters.entries()) {
      const own = targets.slice(group * length, (group + 1) * length);
      seen.set(cluster, [...(seen.get(cluster) ?? []), ...own]);
    }
  }
  for (const [cluster, targets] of seen) {
    const { tokens } = windowsByCluster[cluster];
    assert.equal(new Set(targets.slice(0, tokens)).size, tokens);
    assert.equal(new Set(targets.slice(tokens, 2 * tokens)).size, tokens);
  }
});

test('a stream restored from JSON goes on bit for bit', () => {
  const source = groupStream(settings);
  const stream = source.start();
  for (let step = 0; step < 17; step++) draw(stream);
  const restored = source.restore(JSON.parse(JSON.stringify(stream.state())));
  for (let step = 0; step < 30; step++) assert.deepEqual(draw(restored), draw(stream));
  assert.deepEqual(restored.state(), stream.state());
});

test('equal seeds give equal streams, other seeds others', () => {
  const first = (seed: number) => {
    const stream = groupStream({ ...settings, seed }).start();
    return Array.from({ length: 20 }, () => draw(stream));
  };
  assert.deepEqual(first(1), first(1));
  assert.notDeepEqual(first(1), first(2));
});

test('a state of other clusters, or none at all, is refused with what to do', () => {
  const source = groupStream(settings);
  const state = source.start().state();
  assert.throws(() => source.restore('nothing'), CorruptionError);
  const fewer = { ...settings, windowsByCluster: windowsByCluster.slice(0, 3), shares: [3, 0, 1] };
  assert.throws(() => groupStream(fewer).restore(state), CorruptionError);
  assert.throws(() => groupStream({ ...settings, shares: [1, 0, 1, 1] }).restore(state), CorruptionError);
});

test('a cluster without text that is to be drawn is refused by its number', () => {
  assert.throws(
    () => groupStream({ ...settings, shares: [1, 1, 0, 0] }),
    (error) => error instanceof InputError && /Cluster 1 /.test(error.message),
  );
});

test('shares that draw nothing, and rows that do not divide into the groups, are refused', () => {
  for (const shares of [[0, 0, 0, 0], [1, 0, -1, 0], [Number.NaN, 0, 1, 0], [1]]) {
    assert.throws(() => groupStream({ ...settings, shares }), RangeError);
  }
  const stream = groupStream({ ...settings, groups: 4 }).start();
  assert.throws(() => draw(stream), RangeError);
});
