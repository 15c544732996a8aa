/**
 * k-means over the vectors of windows (the paper's section 2.3; it states neither initialisation nor iterations). A
 * random sample in memory finds good centroids: k-means++ and Lloyd's iterations, several times, of which the lowest
 * inertia is kept. Passes over all vectors, a chunk at a time, then refine these. So ten million vectors need no more
 * memory than a hundred thousand and the centroids.
 *
 * Balanced clustering (c-BTM, arXiv 2303.14177) gives clusters an equal number of vectors while fitting, on the sample,
 * in random chunks; windows are afterwards assigned to the nearest centroid, as they are of plain clustering.
 *
 * Equal seeds give equal clusters, whatever the number of threads.
 */
import { InputError } from '../../common/errors.ts';
import { letSignalsIn } from '../../common/interruption.ts';
import { Random } from '../../common/random.ts';
import { type Flops, flops } from '../../common/units.ts';
import type { Engine } from '../../engines/engine.ts';
import { MemoryVectors, type VectorSource } from '../embedding/vectors.ts';
import { balancedAssignment } from './auction.ts';
import { CentroidDistances } from './distances.ts';
import { type Assignment, type Iterated, iterate } from './lloyd.ts';
import { drawsFor, Seeding } from './seeding.ts';

export interface Clustering {
  readonly clusters: number;
  readonly dimensions: number;
  /** [clusters, dimensions] */
  readonly centroids: Float32Array;
  /** Sum of squared distances of the vectors fitted on to their nearest centroid. */
  readonly inertia: number;
}

export interface FittedClustering extends Clustering {
  /** Of the products of vectors and centroids; the rest of the work grows with vectors, not with both. */
  readonly flops: Flops;
}

export interface FitOptions {
  readonly clusters: number;
  /** First centroids to try; 3 by default. */
  readonly restarts?: number;
  readonly seed: number;
  readonly balanced?: boolean;
  readonly engine: Engine;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: FitProgress) => void;
}

/** After a pass over the sample, or over all vectors. */
export type FitProgress =
  | { readonly phase: 'sample'; readonly restart: number; readonly inertia: number }
  | { readonly phase: 'all'; readonly inertia: number };

const DEFAULT_RESTARTS = 3;
const SAMPLE_PER_CLUSTER = 64;
const LEAST_SAMPLE = 1 << 14;
const MOST_SAMPLE = 1 << 17;
const SEEDING_PER_CLUSTER = 4;
const LEAST_SEEDING_SAMPLE = 1 << 12;
/** Of each restart over the sample: enough to tell the better ones. */
const MOST_SAMPLE_PASSES = 6;
const MOST_PASSES = 20;
const ROWS_AT_ONCE = 8192;
const TOLERANCE = 2e-3;
/** Values of a balanced chunk's costs (64 MiB), and the chunk's rows for each cluster when these suffice. */
const BALANCED_VALUES = 1 << 24;
const BALANCED_ROWS_PER_CLUSTER = 32;

/**
 * Finds clusters. More clusters than there are different vectors are an `InputError` that says how many are possible;
 * an aborted signal ends in an `InterruptedError`.
 */
export async function fitClusters(vectors: VectorSource, options: FitOptions): Promise<FittedClustering> {
  const { clusters, engine, balanced = false } = options;
  if (vectors.count < clusters) throw tooManyClusters(clusters, vectors.count, vectors.count);
  const sample = await sampleOf(vectors, options);
  const shape = { clusters, dimensions: vectors.dimensions, vectors: vectors.count };
  const distances = await CentroidDistances.compile(engine, shape);
  const seedingRows = Math.min(sample.count, seedingSize(clusters));
  let seeding: Seeding | undefined;
  try {
    seeding = await Seeding.compile(engine, { ...shape, vectors: seedingRows });
    const assignment = balanced ? equalSizes(distances) : distances;
    const first = await bestOfSample(vectors, sample, {
      seeding,
      seedingRows,
      distances,
      assignment,
      options,
    });
    const { centroids, inertia } = await iterate(first, {
      source: vectors,
      distances,
      assignment: distances,
      mostPasses: balanced ? 1 : MOST_PASSES,
      tolerance: TOLERANCE,
      signal: options.signal,
      onPass: (passInertia) => options.onProgress?.({ phase: 'all', inertia: passInertia }),
    });
    const spent = flops(distances.flops + seeding.flops);
    return { clusters, dimensions: vectors.dimensions, centroids, inertia, flops: spent };
  } finally {
    await distances.dispose();
    await seeding?.dispose();
  }
}

/**
 * Of a fit: all restarts over the sample, seeding included, and `passes` over all vectors: at most, unless fewer are
 * expected. Balanced fits pass over all once.
 */
export function fitFlops(
  { vectors, clusters, dimensions }: { vectors: number; clusters: number; dimensions: number },
  passes = MOST_PASSES,
): number {
  const sample = Math.min(sampleSize(clusters), vectors);
  const seeded = Math.min(sample, seedingSize(clusters)) * drawsFor(clusters);
  const compared = DEFAULT_RESTARTS * (seeded + MOST_SAMPLE_PASSES * sample) + passes * vectors;
  return 2 * clusters * dimensions * compared;
}

const sampleSize = (clusters: number): number =>
  Math.max(LEAST_SAMPLE, Math.min(MOST_SAMPLE, SAMPLE_PER_CLUSTER * clusters));

const seedingSize = (clusters: number): number =>
  Math.max(LEAST_SEEDING_SAMPLE, SEEDING_PER_CLUSTER * clusters);

/** Vectors drawn without replacement, in random order; all of them when they are few. */
async function sampleOf(vectors: VectorSource, { clusters, seed }: FitOptions): Promise<MemoryVectors> {
  const size = sampleSize(clusters);
  const rows = drawRows(
    vectors.count,
    Math.min(size, vectors.count),
    Random.fromSeed(seed, 'cluster sample'),
  );
  return new MemoryVectors(await vectors.readRows(rows), vectors.dimensions);
}

/** `size` different numbers below `count`: the first steps of Fisher and Yates's shuffle, kept as the places moved. */
function drawRows(count: number, size: number, random: Random): Uint32Array {
  const moved = new Map<number, number>();
  return Uint32Array.from({ length: size }, (_, i) => {
    const place = i + random.below(count - i);
    const drawn = moved.get(place) ?? place;
    moved.set(place, moved.get(i) ?? i);
    return drawn;
  });
}

interface SampleFit {
  readonly seeding: Seeding;
  readonly seedingRows: number;
  readonly distances: CentroidDistances;
  readonly assignment: Assignment;
  readonly options: FitOptions;
}

/** The centroids of the restart that ends at the lowest inertia on the sample. */
async function bestOfSample(
  vectors: VectorSource,
  sample: MemoryVectors,
  fit: SampleFit,
): Promise<Float32Array> {
  const { clusters, restarts = DEFAULT_RESTARTS, seed, signal, onProgress } = fit.options;
  let best: Iterated | undefined;
  for (let restart = 0; restart < restarts; restart++) {
    const random = Random.fromSeed(seed, `first centroids ${restart}`);
    const start = random.below(sample.count - fit.seedingRows + 1);
    const seeded = await fit.seeding.seed(await sample.read(start, fit.seedingRows), random, signal);
    const complete = seeded.length === clusters * vectors.dimensions;
    const iterated = await iterate(complete ? seeded : await differentVectors(vectors, fit.options), {
      source: sample,
      distances: fit.distances,
      assignment: fit.assignment,
      mostPasses: MOST_SAMPLE_PASSES,
      tolerance: TOLERANCE,
      signal,
      onPass: (inertia) => onProgress?.({ phase: 'sample', restart, inertia }),
    });
    if (best === undefined || iterated.inertia < best.inertia) best = iterated;
  }
  if (best === undefined) throw new RangeError(`${restarts} restarts are none.`);
  return best.centroids;
}

/**
 * The first vectors that differ, as many as there are clusters: where most vectors are equal, a sample holds too few.
 */
async function differentVectors(
  vectors: VectorSource,
  { clusters, signal }: FitOptions,
): Promise<Float32Array> {
  const { dimensions, count } = vectors;
  const seen = new Set<string>();
  const different = new Float32Array(clusters * dimensions);
  for (let from = 0; from < count && seen.size < clusters; from += ROWS_AT_ONCE) {
    const chunk = await vectors.read(from, Math.min(ROWS_AT_ONCE, count - from));
    for (let at = 0; at < chunk.length && seen.size < clusters; at += dimensions) {
      const vector = chunk.slice(at, at + dimensions);
      const key = Buffer.from(vector.buffer).toString('latin1');
      if (!seen.has(key)) different.set(vector, seen.size * dimensions);
      seen.add(key);
    }
    await letSignalsIn(signal);
  }
  if (seen.size < clusters) throw tooManyClusters(clusters, count, seen.size);
  return different;
}

/** Every cluster gets the same number of the vectors of a chunk, give or take one. */
function equalSizes(distances: CentroidDistances): Assignment {
  const { clusters, dimensions } = distances;
  const rows = Math.max(
    1,
    Math.min(BALANCED_ROWS_PER_CLUSTER * clusters, Math.floor(BALANCED_VALUES / clusters)),
  );
  const assign = async (vectors: Float32Array) => {
    const costs = new Float32Array((vectors.length / dimensions) * clusters);
    const step = distances.rows * dimensions;
    for (let from = 0, to = 0; from < vectors.length; from += step) {
      const chunk = vectors.subarray(from, from + step);
      const { values, stride } = await distances.nearness(chunk);
      const end = (chunk.length / dimensions) * stride;
      for (let at = 0; at < end; at += stride) {
        for (let c = 0; c < clusters; c++) costs[to++] = -values[at + c];
      }
    }
    return balancedAssignment(costs, clusters);
  };
  return { rows, assign };
}

function tooManyClusters(clusters: number, count: number, possible: number): InputError {
  return new InputError(
    `${count} windows of text, of which ${possible} differ, cannot make ${clusters} clusters.`,
    `Ask for at most ${possible} clusters, or give more text.`,
  );
}
