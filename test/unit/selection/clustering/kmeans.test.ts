/** Clusters of made vectors, with distances computed plainly in float64 as oracle. */
import assert from 'node:assert/strict';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { InputError, InterruptedError } from '../../../../src/common/errors.ts';
import { OnnxRuntimeEngine } from '../../../../src/engines/onnxruntime/engine.ts';
import { assignClusters } from '../../../../src/selection/clustering/assign.ts';
import { CentroidDistances } from '../../../../src/selection/clustering/distances.ts';
import {
  type FitOptions,
  type FitProgress,
  fitClusters,
} from '../../../../src/selection/clustering/kmeans.ts';
import { iterate } from '../../../../src/selection/clustering/lloyd.ts';
import { MemoryVectors, VectorFile, writeVectors } from '../../../../src/selection/embedding/vectors.ts';
import { blobs, nearestOf, noise, sizesOf, total } from '../made-vectors.ts';

const engine = new OnnxRuntimeEngine({ threads: 2 });
after(() => engine.dispose());

const CORNERS = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => [i & 1, (i >> 1) & 1, i >> 2].map((bit) => 10 * bit));

const fit = (values: Float32Array, dimensions: number, options: Partial<FitOptions> & { clusters: number }) =>
  fitClusters(new MemoryVectors(values, dimensions), { seed: 1, engine, ...options });

test('separated groups are found, whatever their sizes', async () => {
  const sizes = [400, 10, 100, 50, 200, 30, 20, 60];
  const { vectors, labels, dimensions } = blobs(CORNERS, sizes, 0.5);
  const source = new MemoryVectors(vectors, dimensions);
  const clustering = await fitClusters(source, { clusters: 8, seed: 3, engine });
  const { clusters } = await assignClusters(source, clustering, { engine });
  const pairs = new Set(labels.map((label, i) => `${label} ${clusters[i]}`));
  assert.equal(pairs.size, 8);
  assert.equal(new Set(clusters).size, 8);
});

test('inertia is that of the centroids handed back, and no pass over the same vectors raises it', async () => {
  const values = noise(3000, 12);
  const events: FitProgress[] = [];
  const clustering = await fit(values, 12, { clusters: 20, onProgress: (event) => events.push(event) });
  const { squaredDistances } = nearestOf(values, clustering.centroids, 12);
  assert.ok(Math.abs(clustering.inertia / total(squaredDistances) - 1) < 1e-6);
  for (const restart of [0, 1, 2, undefined]) {
    const inertias = events
      .filter((event) => (event.phase === 'sample' ? event.restart : undefined) === restart)
      .map(({ inertia }) => inertia);
    assert.ok(inertias.length >= 2 || restart === undefined);
    for (let i = 1; i < inertias.length; i++) assert.ok(inertias[i] <= inertias[i - 1] * (1 + 1e-9));
  }
  assert.equal(clustering.inertia, events.at(-1)?.inertia);
});

test('each centroid is near the mean of its vectors', async () => {
  const { vectors, dimensions } = blobs(CORNERS, new Array(8).fill(50), 0.3);
  const { centroids } = await fit(vectors, dimensions, { clusters: 8 });
  const { clusters } = nearestOf(vectors, centroids, dimensions);
  const sizes = sizesOf(clusters, 8);
  for (let c = 0; c < 8; c++) {
    for (let d = 0; d < dimensions; d++) {
      const own = clusters.flatMap((cluster, i) => (cluster === c ? [vectors[i * dimensions + d]] : []));
      assert.ok(Math.abs(total(own) / sizes[c] - centroids[c * dimensions + d]) < 1e-4);
    }
  }
});

test('chunks of any size, from disk or memory, give the same centroids bit for bit', async () => {
  const values = noise(1000, 10);
  const path = join(await mkdtemp(join(tmpdir(), 'kmeans-')), 'vectors.npy');
  await writeVectors(path, 10, [values]);
  const file = await VectorFile.open(path);
  const distances = await CentroidDistances.compile(engine, { clusters: 16, dimensions: 10, vectors: 1000 });
  const results = [];
  for (const [source, rows] of [
    [new MemoryVectors(values, 10), 1000],
    [file, 7],
    [file, 128],
  ] as const) {
    const assignment = { rows, assign: (chunk: Float32Array) => distances.assign(chunk) };
    const options = { source, distances, assignment, mostPasses: 6, tolerance: 0 };
    results.push(await iterate(values.slice(0, 160), options));
  }
  assert.deepEqual(results[1], results[0]);
  assert.deepEqual(results[2], results[0]);
  await distances.dispose();
  await file.close();
});

test('equal seeds give equal clusters on one thread and on two; another seed gives others', async () => {
  const single = new OnnxRuntimeEngine({ threads: 1 });
  const values = noise(9000, 100);
  const options = { clusters: 40, restarts: 1 };
  const first = await fit(values, 100, options);
  assert.deepEqual(await fit(values, 100, options), first);
  assert.deepEqual(await fit(values, 100, { ...options, engine: single }), first);
  assert.notDeepEqual((await fit(values, 100, { ...options, seed: 2 })).centroids, first.centroids);
  await single.dispose();
});

test('more restarts never end at a higher inertia on the vectors sampled', async () => {
  const { vectors, dimensions } = blobs(CORNERS, new Array(8).fill(40), 2);
  const least = async (restarts: number) => {
    const ends: number[] = [];
    const onProgress = (event: FitProgress) => {
      if (event.phase === 'sample') ends[event.restart] = event.inertia;
    };
    const { inertia } = await fit(vectors, dimensions, { clusters: 8, restarts, onProgress });
    assert.ok(inertia <= Math.min(...ends) * (1 + 1e-9));
  };
  for (const restarts of [1, 4]) await least(restarts);
});

test('an empty cluster is filled from a far vector', async () => {
  const { vectors, dimensions } = blobs(CORNERS.slice(0, 3), [50, 50, 50], 0.2);
  const distances = await CentroidDistances.compile(engine, { clusters: 3, dimensions, vectors: 150 });
  // The first is among the vectors; the others are nearest to none.
  const initial = Float32Array.of(5, 5, 0, 900, 900, 900, -900, 900, 900);
  const source = new MemoryVectors(vectors, dimensions);
  const options = { source, distances, assignment: distances, mostPasses: 10, tolerance: 1e-3 };
  const { centroids } = await iterate(initial, options);
  await distances.dispose();
  assert.deepEqual(sizesOf(nearestOf(vectors, centroids, dimensions).clusters, 3), [50, 50, 50]);
});

test('more clusters than vectors or than different vectors are refused with the number possible', async () => {
  await assert.rejects(fit(noise(5, 3), 3, { clusters: 6 }), (error) => {
    assert.ok(error instanceof InputError);
    assert.match(error.hint, /at most 5 clusters/);
    return true;
  });
  const three = noise(3, 4);
  const repeated = Float32Array.from({ length: 30 * 4 }, (_, i) => three[i % 12]);
  await assert.rejects(fit(repeated, 4, { clusters: 4 }), { hint: /at most 3 clusters/ });
  const { inertia } = await fit(repeated, 4, { clusters: 3 });
  assert.equal(inertia, 0);
});

test('equal vectors, also all zeros, make one cluster and no more', async () => {
  for (const values of [new Float32Array(40), new Float32Array(40).fill(0.5)]) {
    const { centroids, inertia } = await fit(values, 4, { clusters: 1 });
    assert.deepEqual(centroids, values.slice(0, 4));
    assert.equal(inertia, 0);
    await assert.rejects(fit(values, 4, { clusters: 2 }), { hint: /at most 1 clusters/ });
  }
});

test('different vectors are found where nearly all are equal', async () => {
  const values = new Float32Array(40_000 * 2);
  for (let i = 1; i <= 4; i++) values.set([i, -i], 2 * (i * 9000));
  const { centroids, inertia } = await fit(values, 2, { clusters: 5, restarts: 1 });
  assert.equal(inertia, 0);
  assert.deepEqual(Array.from({ length: 5 }, (_, c) => centroids[2 * c]).sort(), [0, 1, 2, 3, 4]);
  await assert.rejects(fit(values, 2, { clusters: 6, restarts: 1 }), { hint: /at most 5 clusters/ });
});

test('balanced clusters are of nearly equal size where plain ones are not', async () => {
  const { vectors, dimensions } = blobs(
    [
      [0, 0, 0, 0],
      [2, 0, 0, 0],
      [0, 2, 0, 0],
      [0, 0, 2, 0],
    ],
    [2400, 240, 240, 240],
    0.5,
  );
  /** Of the largest cluster, against equal shares. */
  const largestShare = async (balanced: boolean) => {
    const { centroids } = await fit(vectors, dimensions, { clusters: 4, balanced });
    const sizes = sizesOf(nearestOf(vectors, centroids, dimensions).clusters, 4);
    return Math.max(...sizes) / (vectors.length / dimensions / 4);
  };
  assert.ok((await largestShare(false)) > 2);
  assert.ok((await largestShare(true)) < 1.5);
});

test('a signal stops the fitting', async () => {
  await assert.rejects(fit(noise(100, 3), 3, { clusters: 4, signal: AbortSignal.abort() }), InterruptedError);
});
