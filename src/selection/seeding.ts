/**
 * First centroids by greedy k-means++ (Arthur and Vassilvitskii 2007): the next centroid is drawn with a probability
 * proportional to the squared distance to the nearest of those there are; of several draws the one is kept that
 * leaves the smallest sum of squared distances (their section 6).
 *
 * The draws are compared by an engine graph, in float32. The distances that are kept are computed in float64, so that
 * equal vectors are at distance zero and no vector is taken twice.
 */
import type { Random } from '../common/random.ts';
import type { Engine } from '../engines/engine.ts';
import { CentroidDistances, squaredDistance, squaredNorm } from './distances.ts';
import { breathe } from './interruption.ts';

/** Draws for each centroid, as scikit-learn: 2 + ln(clusters). */
const drawsFor = (clusters: number): number => 2 + Math.floor(Math.log(clusters));

/** Draws first centroids; compiled once for all restarts. */
export class Seeding {
  readonly #clusters: number;
  /** Distances to the draws, as if they were centroids. */
  readonly #draws: CentroidDistances;

  private constructor(clusters: number, draws: CentroidDistances) {
    this.#clusters = clusters;
    this.#draws = draws;
  }

  static async compile(engine: Engine, clusters: number, dimensions: number): Promise<Seeding> {
    return new Seeding(clusters, await CentroidDistances.compile(engine, drawsFor(clusters), dimensions));
  }

  get flops(): number {
    return this.#draws.flops;
  }

  /**
   * Centroids that are vectors of the sample, all different: [clusters, dimensions], or fewer rows when the sample has
   * fewer different vectors.
   */
  async seed(sample: Float32Array, random: Random, signal?: AbortSignal): Promise<Float32Array> {
    const { dimensions } = this.#draws;
    const count = sample.length / dimensions;
    const centroids = new Float32Array(this.#clusters * dimensions);
    const norms = Float64Array.from({ length: count }, (_, i) =>
      squaredNorm(sample, i * dimensions, dimensions),
    );
    const nearest = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
    for (let chosen = 0; chosen < this.#clusters; chosen++) {
      const row =
        chosen === 0 ? random.below(count) : await this.#next({ vectors: sample, norms, nearest }, random);
      if (row === undefined) return centroids.slice(0, chosen * dimensions);
      centroids.set(sample.subarray(row * dimensions, (row + 1) * dimensions), chosen * dimensions);
      for (let i = 0; i < count; i++) {
        const distance = squaredDistance(sample, i * dimensions, sample, row * dimensions, dimensions);
        if (distance < nearest[i]) nearest[i] = distance;
      }
      if (chosen % 64 === 0) await breathe(signal);
    }
    return centroids;
  }

  async dispose(): Promise<void> {
    await this.#draws.dispose();
  }

  /** The best of the rows drawn; `undefined` when every vector is a centroid already. */
  async #next(sample: Sample, random: Random): Promise<number | undefined> {
    const { clusters: draws, dimensions } = this.#draws;
    const rows = drawRows(sample.nearest, draws, random);
    if (rows === undefined) return undefined;
    const candidates = new Float32Array(draws * dimensions);
    for (const [draw, row] of rows.entries()) {
      candidates.set(sample.vectors.subarray(row * dimensions, (row + 1) * dimensions), draw * dimensions);
    }
    const left = await this.#sumsLeft(sample, candidates);
    return rows[left.indexOf(Math.min(...left))];
  }

  /** For each candidate the sum of squared distances that would be left. */
  async #sumsLeft({ vectors, norms, nearest }: Sample, candidates: Float32Array): Promise<Float64Array> {
    const { clusters: draws, dimensions, rows } = this.#draws;
    await this.#draws.setCentroids(candidates);
    const left = new Float64Array(draws);
    for (let from = 0; from < nearest.length; from += rows) {
      const end = Math.min(nearest.length, from + rows);
      const scores = await this.#draws.scores(vectors.subarray(from * dimensions, end * dimensions));
      for (let row = from, at = 0; row < end; row++) {
        for (let draw = 0; draw < draws; draw++, at++) {
          left[draw] += Math.min(nearest[row], Math.max(0, norms[row] + scores[at]));
        }
      }
    }
    return left;
  }
}

interface Sample {
  readonly vectors: Float32Array;
  readonly norms: Float64Array;
  /** The squared distance of each vector to the nearest centroid so far. */
  readonly nearest: Float64Array;
}

/** Rows drawn with probabilities proportional to `weights`; `undefined` when all are zero. */
function drawRows(weights: Float64Array, draws: number, random: Random): number[] | undefined {
  let total = 0;
  const cumulated = weights.map((weight) => {
    total += weight;
    return total;
  });
  if (!(total > 0)) return undefined;
  return Array.from({ length: draws }, () => firstAbove(cumulated, random.uniform() * total));
}

/** The index of the first value above `limit` in values that do not fall. */
function firstAbove(values: Float64Array, limit: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}
