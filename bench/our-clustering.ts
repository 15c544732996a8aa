/**
 * Our side of bench/clustering.ts, in a process of its own, so that it starts as cold as the peer: from texts in memory
 * to a cluster for each, vectors by way of a file, as the product works. With `vectors` in the task the clusters of
 * these are fitted and nothing else. Prints one JSON line.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OnnxRuntimeEngine } from '../src/engines/onnxruntime/engine.ts';
import { assignClusters } from '../src/selection/clustering/assign.ts';
import { fitClusters } from '../src/selection/clustering/kmeans.ts';
import { LsiEmbedding } from '../src/selection/embedding/lsi.ts';
import { VectorFile, writeVectors } from '../src/selection/embedding/vectors.ts';
import type { ClusteringTask, OurSide } from './clustering.ts';

const WINDOWS_AT_ONCE = 4096;

async function* inBatches(texts: readonly string[]): AsyncGenerator<readonly string[]> {
  for (let i = 0; i < texts.length; i += WINDOWS_AT_ONCE) yield texts.slice(i, i + WINDOWS_AT_ONCE);
}

async function embed(texts: readonly string[], path: string, task: ClusteringTask) {
  const { dimensions, seed, sampleWindows } = task;
  const began = performance.now();
  const embedding = await LsiEmbedding.fit(() => inBatches(texts), { dimensions, seed, sampleWindows });
  const fitted = performance.now();
  async function* vectors() {
    for await (const batch of inBatches(texts)) yield await embedding.embed(batch);
  }
  await writeVectors(path, embedding.dimensions, vectors());
  return { fit: (fitted - began) / 1000, embed: (performance.now() - fitted) / 1000 };
}

async function cluster(path: string, { clusters, restarts, seed, threads }: ClusteringTask) {
  const began = performance.now();
  const engine = new OnnxRuntimeEngine({ threads });
  const vectors = await VectorFile.open(path);
  const clustering = await fitClusters(vectors, { clusters, restarts, seed, engine });
  const assigned = await assignClusters(vectors, clustering, { engine });
  const seconds = (performance.now() - began) / 1000;
  await vectors.close();
  await engine.dispose();
  const sizes = new Uint32Array(clusters);
  for (const own of assigned.clusters) sizes[own]++;
  const inertia = assigned.squaredDistances.reduce((sum, distance) => sum + distance, 0);
  const flops = clustering.flops + assigned.flops;
  return { seconds, inertia, largestCluster: Math.max(...sizes), gigaflops: flops / 1e9 };
}

const task: ClusteringTask = JSON.parse(process.argv[2]);
const folder = await mkdtemp(join(tmpdir(), 'parlance-bench-'));
try {
  const path = task.vectors ?? join(folder, 'vectors.npy');
  const texts = task.vectors ? [] : (await readFile(task.windows, 'utf8')).trimEnd().split('\n');
  const windows: string[] = texts.map((line) => JSON.parse(line));
  const { fit, embed: embedding } = task.vectors ? { fit: 0, embed: 0 } : await embed(windows, path, task);
  const { seconds, ...clusters } = await cluster(path, task);
  const result: OurSide = { seconds: { fit, embedding, clusters: seconds }, ...clusters };
  console.log(JSON.stringify(result));
} finally {
  await rm(folder, { recursive: true, force: true });
}
