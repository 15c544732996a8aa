/**
 * First centroids by greedy k-means++ (Arthur and Vassilvitskii 2007): the next centroid is drawn with a probability
 * proportional to the squared distance to the nearest of those there are; of several draws the one is kept that
 * leaves the smallest sum of squared distances (their section 6).
 *
 * The draws are compared by an engine graph, in float32. The distances that are kept are computed in float64, so that
 * equal vectors are at distance zero and no vector is taken twice.
 */

import { letSignalsIn } from '../../common/interruption.ts';
import type { Random } from '../../common/random.ts';
import type { Engine } from '../../engines/engine.ts';
import { CentroidDistances, type DistanceShape, squaredDistance, squaredNorm } from './distances.ts';

/** Draws for each centroid, as scikit-learn: 2 + ln(clusters). */
export const drawsFor = (clusters: number): number => 2 + Math.floor(Math.log(clusters));

/** Squared distances in float32 are right to this share of the squared length; nearer ones are computed again. */
const ROUGHNESS = 1e-4;

/** Draws first centroids; compiled once for all restarts. */
export class Seeding {
  readonly #clusters: number;
  /** Distances to the draws, as if they were centroids. */
  readonly #draws: CentroidDistances;

  private constructor(clusters: number, draws: CentroidDistances) {
    this.#clusters = clusters;
    this.#draws = draws;
  }

  /** For samples of `shape.vectors` vectors. */
  static async compile(engine: Engine, shape: DistanceShape): Promise<Seeding> {
    const draws = await CentroidDistances.compile(engine, { ...shape, clusters: drawsFor(shape.clusters) });
    return new Seeding(shape.clusters, draws);
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
      const rough = new Float32Array(count);
      const row =
        chosen === 0 ? random.below(count) : await this.#next({ sample, norms, nearest }, rough, random);
      if (row === undefined) return centroids.slice(0, chosen * dimensions);
      centroids.set(sample.subarray(row * dimensions, (row + 1) * dimensions), chosen * dimensions);
      for (let i = 0; i < count; i++) {
        if (rough[i] > nearest[i] + ROUGHNESS * norms[i]) continue;
        const distance = squaredDistance(sample, i * dimensions, sample, row * dimensions, dimensions);
        if (distance < nearest[i]) nearest[i] = distance;
      }
      if (chosen % 64 === 0) await letSignalsIn(signal);
    }
    return centroids;
  }

  async dispose(): Promise<void> {
    await this.#draws.dispose();
  }

  /**
   * The best of the rows drawn; `undefined` when every vector is a centroid already. Sets `rough` to the squared
   * distances to it in float32.
   */
  async #next(state: State, rough: Float32Array, random: Random): Promise<number | undefined> {
    const { clusters: draws, dimensions } = this.#draws;
    const rows = drawRows(state.nearest, draws, random);
    if (rows === undefined) return undefined;
    const candidates = new Float32Array(draws * dimensions);
    for (const [draw, row] of rows.entries()) {
      candidates.set(state.sample.subarray(row * dimensions, (row + 1) * dimensions), draw * dimensions);
    }
    const distances = await this.#distances(state, candidates);
    const left = distances.map((own) => sumLeft(state.nearest, own));
    const best = left.indexOf(Math.min(...left));
    rough.set(distances[best]);
    return rows[best];
  }

  /** For each candidate the squared distances of all vectors to it, in float32. */
  async #distances({ sample, norms }: State, candidates: Float32Array): Promise<Float32Array[]> {
    const { clusters: draws, dimensions, rows } = this.#draws;
    await this.#draws.setCentroids(candidates);
    const distances = Array.from({ length: draws }, () => new Float32Array(norms.length));
    for (let from = 0; from < norms.length; from += rows) {
      const end = Math.min(norms.length, from + rows);
      const { values, stride } = await this.#draws.nearness(
        sample.subarray(from * dimensions, end * dimensions),
      );
      for (const [draw, own] of distances.entries()) {
        for (let row = from, at = draw; row < end; row++, at += stride) {
          own[row] = Math.max(0, norms[row] - values[at]);
        }
      }
    }
    return distances;
  }
}

interface State {
  readonly sample: Float32Array;
  readonly norms: Float64Array;
  /** The squared distance of each vector to the nearest centroid so far. */
  readonly nearest: Float64Array;
}

/** The sum of squared distances when a centroid at these distances joins. */
function sumLeft(nearest: Float64Array, distances: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < nearest.length; i++) sum += Math.min(nearest[i], distances[i]);
  return sum;
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
