/**
 * Distances of vectors to centroids as an engine graph. |x - c|^2 = |x|^2 - (2 x.c - |c|^2), and |x|^2 is the same for
 * every centroid of a row: the graph computes the nearness 2 x.c - |c|^2 of a chunk of rows and the largest of each
 * block of 16 centroids, so that the nearest one is found in its block without looking at all (measured: a third of
 * the time). Nearness is rounded where x is near c, so the distance to the centroid found is computed again as a sum
 * of squares, in float64.
 */
import type { Engine, Executable, State } from '../../engines/engine.ts';
import { input, matmul, reduceMax, reshape, subtract } from '../../graph/build.ts';

/** Nearness is computed in chunks of about this many values (8 MiB). */
const CHUNK_VALUES = 1 << 21;
const MOST_ROWS = 8192;
const LEAST_ROWS = 256;
const BLOCK = 16;

export interface DistanceShape {
  readonly clusters: number;
  readonly dimensions: number;
  readonly vectors: number;
}

interface ChunkShape extends Pick<DistanceShape, 'clusters' | 'dimensions'> {
  readonly rows: number;
}

export class CentroidDistances {
  readonly clusters: number;
  readonly dimensions: number;
  /** Rows of a chunk. */
  readonly rows: number;
  /** Floating-point operations of the products so far. */
  flops = 0;
  readonly #executable: Executable;
  readonly #state: State;
  #centroids: Float32Array;

  private constructor(engine: Engine, executable: Executable, { clusters, dimensions, rows }: ChunkShape) {
    this.clusters = clusters;
    this.dimensions = dimensions;
    this.rows = rows;
    this.#executable = executable;
    this.#centroids = new Float32Array(clusters * dimensions);
    const padded = BLOCK * Math.ceil(clusters / BLOCK);
    this.#state = engine.createState({
      centroids: { shape: [padded, dimensions], data: new Float32Array(padded * dimensions) },
      norms: { shape: [padded], data: new Float32Array(padded) },
    });
  }

  /** For `vectors` vectors in all: a chunk is not longer than these need. */
  static async compile(
    engine: Engine,
    { clusters, dimensions, vectors: count }: DistanceShape,
  ): Promise<CentroidDistances> {
    const rows = Math.max(LEAST_ROWS, Math.min(MOST_ROWS, count, Math.floor(CHUNK_VALUES / clusters)));
    const blocks = Math.ceil(clusters / BLOCK);
    const vectors = input('vectors', [rows, dimensions], 'batch');
    const centroids = input('centroids', [BLOCK * blocks, dimensions], 'state');
    const norms = input('norms', [BLOCK * blocks], 'state');
    const nearness = subtract(matmul(vectors, centroids, { transposeB: true, scale: 2 }), norms);
    const largest = reduceMax(reshape(nearness, [rows, blocks, BLOCK]), [2]);
    const metrics = { nearness, largest };
    const executable = await engine.compile({ name: 'distances', updates: {}, metrics });
    return new CentroidDistances(engine, executable, { clusters, dimensions, rows });
  }

  /** The centroids [clusters, dimensions] that distances are measured to from now on. */
  async setCentroids(centroids: Float32Array): Promise<void> {
    const { clusters, dimensions } = this;
    this.#centroids = centroids;
    const padded = BLOCK * Math.ceil(clusters / BLOCK);
    const data = new Float32Array(padded * dimensions);
    data.set(centroids);
    // A centroid that fills up the last block is infinitely far from everything.
    const norms = new Float32Array(padded).fill(Number.POSITIVE_INFINITY);
    for (let c = 0; c < clusters; c++) norms[c] = squaredNorm(centroids, c * dimensions, dimensions);
    await this.#state.write({
      centroids: { shape: [padded, dimensions], data },
      norms: { shape: [padded], data: norms },
    });
  }

  /**
   * 2 x.c - |c|^2 for the vectors [rows, dimensions] and every centroid, `stride` values a row of which the first
   * `clusters` count. At most `this.rows` rows.
   */
  async nearness(vectors: Float32Array): Promise<{ values: Float32Array; stride: number }> {
    const { nearness, largest } = await this.#run(vectors);
    return { values: nearness, stride: BLOCK * (largest.length / this.rows) };
  }

  /** The nearest centroid of each vector, the first of equally near ones. At most `this.rows` rows. */
  async assign(vectors: Float32Array): Promise<Uint32Array> {
    const { nearness, largest } = await this.#run(vectors);
    const blocks = largest.length / this.rows;
    const assigned = new Uint32Array(vectors.length / this.dimensions);
    for (let row = 0; row < assigned.length; row++) {
      const block = firstLargest(largest, row * blocks, blocks);
      const from = BLOCK * block;
      assigned[row] = from + firstLargest(nearness, BLOCK * blocks * row + from, BLOCK);
    }
    return assigned;
  }

  /** |x - c|^2 of row `row` of the vectors and a centroid. */
  squaredDistance(vectors: Float32Array, row: number, centroid: number): number {
    const { dimensions } = this;
    return squaredDistance(vectors, row * dimensions, this.#centroids, centroid * dimensions, dimensions);
  }

  async dispose(): Promise<void> {
    this.#state.dispose();
    await this.#executable.dispose();
  }

  async #run(vectors: Float32Array): Promise<Record<string, Float32Array>> {
    const { clusters, dimensions, rows } = this;
    const count = vectors.length / dimensions;
    let batch = vectors;
    if (count < rows) {
      batch = new Float32Array(rows * dimensions);
      batch.set(vectors);
    }
    this.flops += 2 * count * clusters * dimensions;
    return this.#executable.step(this.#state, { vectors: batch });
  }
}

/** The place, counted from `from`, of the first of the largest of `length` values. */
function firstLargest(values: Float32Array, from: number, length: number): number {
  let best = 0;
  let most = values[from];
  for (let i = 1; i < length; i++) {
    const value = values[from + i];
    if (value > most) {
      most = value;
      best = i;
    }
  }
  return best;
}

/** Four sums side by side: one sum would wait for each addition before the next (measured: half the time). */
export function squaredDistance(
  a: Float32Array,
  atA: number,
  b: Float32Array,
  atB: number,
  dimensions: number,
): number {
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  let i = 0;
  for (; i + 4 <= dimensions; i += 4) {
    const w = a[atA + i] - b[atB + i];
    const x = a[atA + i + 1] - b[atB + i + 1];
    const y = a[atA + i + 2] - b[atB + i + 2];
    const z = a[atA + i + 3] - b[atB + i + 3];
    first += w * w;
    second += x * x;
    third += y * y;
    fourth += z * z;
  }
  for (; i < dimensions; i++) {
    const w = a[atA + i] - b[atB + i];
    first += w * w;
  }
  return first + second + (third + fourth);
}

export function squaredNorm(a: Float32Array, at: number, dimensions: number): number {
  let sum = 0;
  for (let i = 0; i < dimensions; i++) sum += a[at + i] * a[at + i];
  return sum;
}
