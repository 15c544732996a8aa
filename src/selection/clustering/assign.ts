/** Which cluster each window is in: that of the nearest centroid, for balanced clusterings too. */
import { InputError } from '../../common/errors.ts';
import { letSignalsIn } from '../../common/interruption.ts';
import { type Flops, flops } from '../../common/units.ts';
import type { Engine } from '../../engines/engine.ts';
import type { VectorSource } from '../embedding/vectors.ts';
import { CentroidDistances } from './distances.ts';
import type { Clustering } from './kmeans.ts';

export interface ClusterAssignment {
  /** The cluster of each vector. */
  readonly clusters: Uint32Array;
  /** The squared distance of each vector to its cluster's centroid. */
  readonly squaredDistances: Float32Array;
  /** Of the products of vectors and centroids. */
  readonly flops: Flops;
}

export interface AssignOptions {
  readonly engine: Engine;
  readonly signal?: AbortSignal;
  /** Called with the number of vectors assigned so far. */
  readonly onProgress?: (vectors: number) => void;
}

/** Assigns every vector; holds a chunk of them at a time, and eight bytes for each. */
export async function assignClusters(
  vectors: VectorSource,
  { clusters, dimensions, centroids }: Clustering,
  { engine, signal, onProgress }: AssignOptions,
): Promise<ClusterAssignment> {
  if (vectors.dimensions !== dimensions) {
    throw new InputError(
      `Vectors of ${vectors.dimensions} dimensions cannot be assigned to clusters of ${dimensions}.`,
      'Embed the text with the embedding that the clusters were made with.',
    );
  }
  const distances = await CentroidDistances.compile(engine, { clusters, dimensions, vectors: vectors.count });
  try {
    await distances.setCentroids(centroids);
    const assigned = new Uint32Array(vectors.count);
    const squaredDistances = new Float32Array(vectors.count);
    for (let from = 0; from < vectors.count; from += distances.rows) {
      const chunk = await vectors.read(from, Math.min(distances.rows, vectors.count - from));
      for (const [row, cluster] of (await distances.assign(chunk)).entries()) {
        assigned[from + row] = cluster;
        squaredDistances[from + row] = distances.squaredDistance(chunk, row, cluster);
      }
      onProgress?.(Math.min(from + distances.rows, vectors.count));
      await letSignalsIn(signal);
    }
    return { clusters: assigned, squaredDistances, flops: flops(distances.flops) };
  } finally {
    await distances.dispose();
  }
}
