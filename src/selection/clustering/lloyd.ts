/**
 * Lloyd's iterations over vectors that come in chunks: assign every vector, move every centroid to the mean of its
 * vectors. Sums are kept in float64 and in the order of the vectors, so that chunks of any size give the same
 * centroids. A centroid without vectors moves to one of the vectors that are farthest from their centroids.
 *
 * Weighed: mini-batch k-means (Sculley 2010) needs fewer distances, but they are cheap here, and on the vectors of
 * bench/clustering.ts it ends at a higher inertia.
 */

import { letSignalsIn } from '../../common/interruption.ts';
import type { VectorSource } from '../embedding/vectors.ts';
import { type CentroidDistances, squaredDistance } from './distances.ts';

/** Assigns vectors to clusters, in chunks of `rows`. */
export interface Assignment {
  readonly rows: number;
  assign(vectors: Float32Array): Promise<Uint32Array>;
}

export interface IterationOptions {
  readonly source: VectorSource;
  readonly distances: CentroidDistances;
  readonly assignment: Assignment;
  readonly mostPasses: number;
  /** Ends when a pass lowers the inertia by less than this share of it. */
  readonly tolerance: number;
  readonly signal?: AbortSignal;
  /** Called after each pass. */
  readonly onPass?: (inertia: number) => void;
}

export interface Iterated {
  readonly centroids: Float32Array;
  /** Of these centroids, as measured by the last pass: the sum of squared distances to the centroids assigned. */
  readonly inertia: number;
}

/** Iterates from `initial` centroids [clusters, dimensions] until they hardly get better. */
export async function iterate(initial: Float32Array, options: IterationOptions): Promise<Iterated> {
  let centroids = initial;
  let before = Number.POSITIVE_INFINITY;
  for (let passes = 1; ; passes++) {
    await options.distances.setCentroids(centroids);
    const pass = await onePass(options);
    options.onPass?.(pass.inertia);
    const settled = before - pass.inertia <= options.tolerance * pass.inertia && !canFill(pass);
    if (settled || passes === options.mostPasses) return { centroids, inertia: pass.inertia };
    before = pass.inertia;
    centroids = moved(centroids, pass);
  }
}

/** What one pass over the vectors leaves. */
interface Pass {
  readonly dimensions: number;
  /** [clusters, dimensions] */
  readonly sums: Float64Array;
  readonly counts: Float64Array;
  readonly inertia: number;
  readonly far: FarVectors;
}

async function onePass({ source, distances, assignment, signal }: IterationOptions): Promise<Pass> {
  const { clusters, dimensions } = distances;
  const sums = new Float64Array(clusters * dimensions);
  const counts = new Float64Array(clusters);
  const far = new FarVectors(dimensions);
  let inertia = 0;
  for (let from = 0; from < source.count; from += assignment.rows) {
    const vectors = await source.read(from, Math.min(assignment.rows, source.count - from));
    const assigned = await assignment.assign(vectors);
    for (let row = 0; row < assigned.length; row++) {
      const cluster = assigned[row];
      counts[cluster]++;
      addRow(sums, cluster * dimensions, vectors, row * dimensions, dimensions);
      const distance = distances.squaredDistance(vectors, row, cluster);
      inertia += distance;
      far.offer(distance, vectors, row);
    }
    await letSignalsIn(signal);
  }
  return { dimensions, sums, counts, inertia, far };
}

function addRow(
  sums: Float64Array,
  at: number,
  vectors: Float32Array,
  atVector: number,
  dimensions: number,
): void {
  for (let i = 0; i < dimensions; i++) sums[at + i] += vectors[atVector + i];
}

function canFill({ counts, far }: Pass): boolean {
  return counts.includes(0) && far.vectors.length > 0;
}

/** Means of the clusters; empty ones get a far vector each, while there are some. */
function moved(centroids: Float32Array, { dimensions, sums, counts, far }: Pass): Float32Array {
  const next = centroids.slice();
  const spare = [...far.vectors];
  for (const [cluster, count] of counts.entries()) {
    const at = cluster * dimensions;
    if (count === 0) next.set(spare.shift() ?? [], at);
    else for (let i = 0; i < dimensions; i++) next[at + i] = sums[at + i] / count;
  }
  return next;
}

/** The vectors farthest from their centroids, all different and none at its centroid, farthest first. */
class FarVectors {
  static readonly MOST = 32;
  readonly #dimensions: number;
  #kept: { readonly distance: number; readonly vector: Float32Array }[] = [];

  constructor(dimensions: number) {
    this.#dimensions = dimensions;
  }

  get vectors(): readonly Float32Array[] {
    return this.#kept.map(({ vector }) => vector);
  }

  offer(distance: number, vectors: Float32Array, row: number): void {
    const kept = this.#kept;
    const least = kept.length < FarVectors.MOST ? 0 : kept[kept.length - 1].distance;
    if (!(distance > least)) return;
    const vector = vectors.slice(row * this.#dimensions, (row + 1) * this.#dimensions);
    if (kept.some((other) => squaredDistance(other.vector, 0, vector, 0, this.#dimensions) === 0)) return;
    const place = kept.findIndex((other) => other.distance < distance);
    kept.splice(place < 0 ? kept.length : place, 0, { distance, vector });
    if (kept.length > FarVectors.MOST) kept.pop();
  }
}
