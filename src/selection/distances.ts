/**
 * Distances of vectors to centroids as an engine graph. |x - c|^2 = |x|^2 + (|c|^2 - 2 x.c), and |x|^2 is the same
 * for every centroid of a row: the graph computes -2 x.c for a chunk of rows, the rest is added while the smallest is
 * looked for. That difference is rounded where x is near c, so the distance to the centroid found is computed again
 * as a sum of squares, in float64.
 */
import type { Engine, Executable, State } from '../engines/engine.ts';
import { input, matmul } from '../graph/build.ts';

/** Products are computed in chunks of about this many values (8 MiB). */
const PRODUCT_VALUES = 1 << 21;
const MOST_ROWS = 8192;
const LEAST_ROWS = 256;

export class CentroidDistances {
  readonly clusters: number;
  readonly dimensions: number;
  /** Rows of a chunk. */
  readonly rows: number;
  /** Floating-point operations of the products so far. */
  flops = 0;
  readonly #executable: Executable;
  readonly #state: State;
  readonly #norms: Float32Array;
  #centroids: Float32Array;

  private constructor(
    engine: Engine,
    executable: Executable,
    clusters: number,
    dimensions: number,
    rows: number,
  ) {
    this.clusters = clusters;
    this.dimensions = dimensions;
    this.rows = rows;
    this.#executable = executable;
    this.#centroids = new Float32Array(clusters * dimensions);
    this.#norms = new Float32Array(clusters);
    this.#state = engine.createState({
      centroids: { shape: [clusters, dimensions], data: this.#centroids },
    });
  }

  static async compile(engine: Engine, clusters: number, dimensions: number): Promise<CentroidDistances> {
    const rows = Math.max(LEAST_ROWS, Math.min(MOST_ROWS, Math.floor(PRODUCT_VALUES / clusters)));
    const vectors = input('vectors', [rows, dimensions], 'batch');
    const centroids = input('centroids', [clusters, dimensions], 'state');
    const products = matmul(vectors, centroids, { transposeB: true, scale: -2 });
    const executable = await engine.compile({ name: 'distances', updates: {}, metrics: { products } });
    return new CentroidDistances(engine, executable, clusters, dimensions, rows);
  }

  /** The centroids [clusters, dimensions] that distances are measured to from now on. */
  async setCentroids(centroids: Float32Array): Promise<void> {
    const { clusters, dimensions } = this;
    this.#centroids = centroids;
    for (let c = 0; c < clusters; c++) {
      this.#norms[c] = squaredNorm(centroids, c * dimensions, dimensions);
    }
    await this.#state.write({ centroids: { shape: [clusters, dimensions], data: centroids } });
  }

  /** |c|^2 - 2 x.c for the vectors [rows, dimensions] and every centroid: [rows, clusters]. At most `this.rows` rows. */
  async scores(vectors: Float32Array): Promise<Float32Array> {
    const { clusters } = this;
    const products = await this.#products(vectors);
    const norms = this.#norms;
    for (let at = 0; at < products.length; at += clusters) {
      for (let c = 0; c < clusters; c++) products[at + c] += norms[c];
    }
    return products;
  }

  /** The nearest centroid of each vector, the first of equally near ones. At most `this.rows` rows. */
  async assign(vectors: Float32Array): Promise<Uint32Array> {
    const { clusters } = this;
    const products = await this.#products(vectors);
    const norms = this.#norms;
    const assigned = new Uint32Array(vectors.length / this.dimensions);
    for (let row = 0, at = 0; row < assigned.length; row++, at += clusters) {
      let best = 0;
      let least = products[at] + norms[0];
      for (let c = 1; c < clusters; c++) {
        const score = products[at + c] + norms[c];
        if (score < least) {
          least = score;
          best = c;
        }
      }
      assigned[row] = best;
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

  async #products(vectors: Float32Array): Promise<Float32Array> {
    const { clusters, dimensions, rows } = this;
    const count = vectors.length / dimensions;
    let batch = vectors;
    if (count < rows) {
      batch = new Float32Array(rows * dimensions);
      batch.set(vectors);
    }
    const { products } = await this.#executable.step(this.#state, { vectors: batch });
    this.flops += 2 * count * clusters * dimensions;
    return products.subarray(0, count * clusters);
  }
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
