/** What clusterings and histograms leave, and reading it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { writeFileAtomic } from '../../../common/files.ts';
import { readOwnJson } from '../../../common/own-json.ts';
import { type ClusterCard, clusterCardSchema } from '../../../selection/clustering/cluster-cards.ts';
import { type Histogram, histogramOf } from '../../../selection/clustering/histogram.ts';
import type { Clustering } from '../../../selection/clustering/kmeans.ts';
import { VectorFile, writeVectors } from '../../../selection/embedding/vectors.ts';

const CLUSTERING_FILE = 'clustering.json';
const CENTROIDS_FILE = 'centroids.npy';
const ASSIGNMENTS_FILE = 'assignments.bin';
const CARDS_FILE = 'cards.json';
const HISTOGRAM_FILE = 'histogram.json';

const clusteringSchema = z.object({ clusters: z.number(), inertia: z.number() });

/** The clusters, and which of them each generic training window is in. */
export async function writeClustering(
  directory: string,
  { clusters, centroids, dimensions, inertia }: Clustering,
  assignments: Uint32Array,
): Promise<void> {
  await writeVectors(join(directory, CENTROIDS_FILE), dimensions, [centroids]);
  const bytes = new Uint8Array(assignments.buffer, assignments.byteOffset, assignments.byteLength);
  await writeFileAtomic(join(directory, ASSIGNMENTS_FILE), bytes);
  await writeFileAtomic(join(directory, CLUSTERING_FILE), JSON.stringify({ clusters, inertia }));
}

export async function readClustering(directory: string): Promise<Clustering> {
  const file = await VectorFile.open(join(directory, CENTROIDS_FILE));
  try {
    const { dimensions } = file;
    const centroids = await file.read(0, file.count);
    return {
      ...(await readOwnJson(join(directory, CLUSTERING_FILE), clusteringSchema)),
      dimensions,
      centroids,
    };
  } finally {
    await file.close();
  }
}

/** The cluster of every generic training window. */
export async function readAssignments(
  directory: string,
): Promise<{ readonly clusters: number; readonly assignments: Uint32Array }> {
  const { clusters } = await readOwnJson(join(directory, CLUSTERING_FILE), clusteringSchema);
  const bytes = await readFile(join(directory, ASSIGNMENTS_FILE));
  return { clusters, assignments: new Uint32Array(Uint8Array.from(bytes).buffer) };
}

export async function writeClusterCards(directory: string, cards: readonly ClusterCard[]): Promise<void> {
  await writeFileAtomic(join(directory, CARDS_FILE), JSON.stringify(cards));
}

export function readClusterCards(directory: string): Promise<ClusterCard[]> {
  return readOwnJson(join(directory, CARDS_FILE), z.array(clusterCardSchema));
}

/** Windows of the domain in each cluster. */
export async function writeHistogram(directory: string, counts: Float64Array): Promise<void> {
  await writeFileAtomic(join(directory, HISTOGRAM_FILE), JSON.stringify([...counts]));
}

export async function readHistogram(directory: string): Promise<Histogram> {
  return histogramOf(
    Float64Array.from(await readOwnJson(join(directory, HISTOGRAM_FILE), z.array(z.number()))),
  );
}
