/** Assignment to clusters against comparing all distances in float64. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { InputError, InterruptedError } from '../../../../src/common/errors.ts';
import { OnnxRuntimeEngine } from '../../../../src/engines/onnxruntime/engine.ts';
import { assignClusters } from '../../../../src/selection/clustering/assign.ts';
import { MemoryVectors } from '../../../../src/selection/embedding/vectors.ts';
import { nearestOf, noise } from '../made-vectors.ts';

const engine = new OnnxRuntimeEngine({ threads: 2 });
after(() => engine.dispose());

const clusteringOf = (centroids: Float32Array, dimensions: number) => ({
  clusters: centroids.length / dimensions,
  dimensions,
  centroids,
  inertia: 0,
});

test('every vector is in the cluster of the nearest centroid, over several chunks', async () => {
  const [vectors, centroids] = [noise(20_001, 6), noise(9, 6, 2)];
  const seen: number[] = [];
  const result = await assignClusters(new MemoryVectors(vectors, 6), clusteringOf(centroids, 6), {
    engine,
    onProgress: (count) => seen.push(count),
  });
  const expected = nearestOf(vectors, centroids, 6);
  assert.deepEqual(Array.from(result.clusters), expected.clusters);
  for (const [i, distance] of expected.squaredDistances.entries()) {
    assert.ok(Math.abs(result.squaredDistances[i] - distance) <= 1e-6 * distance);
  }
  assert.equal(seen.at(-1), 20_001);
});

test('floating-point operations are two for each vector, centroid and dimension', async () => {
  const source = new MemoryVectors(noise(300, 5), 5);
  const { flops } = await assignClusters(source, clusteringOf(noise(7, 5, 2), 5), { engine });
  assert.equal(flops, 2 * 300 * 7 * 5);
});

test('zero vectors are in the cluster of the shortest centroid', async () => {
  const centroids = Float32Array.of(1, 0, 0.1, 0.1, 0, 1);
  const { clusters } = await assignClusters(
    new MemoryVectors(new Float32Array(6), 2),
    clusteringOf(centroids, 2),
    { engine },
  );
  assert.deepEqual(Array.from(clusters), [1, 1, 1]);
});

test('vectors of another embedding are refused', async () => {
  const source = new MemoryVectors(noise(4, 3), 3);
  await assert.rejects(assignClusters(source, clusteringOf(noise(2, 5), 5), { engine }), InputError);
});

test('a signal stops the assignment', async () => {
  const source = new MemoryVectors(noise(4, 3), 3);
  const signal = AbortSignal.abort();
  await assert.rejects(
    assignClusters(source, clusteringOf(noise(2, 3), 3), { engine, signal }),
    InterruptedError,
  );
});
