/** Vectors made for tests of clustering, and distances to them computed plainly in float64. */
import { Random } from '../../../src/common/random.ts';

/** Vectors scattered around `centers`, `sizes[i]` of them around the i-th; [sum of sizes, dimensions], mixed. */
export function blobs(
  centers: readonly (readonly number[])[],
  sizes: readonly number[],
  spread: number,
  seed = 1,
) {
  const random = Random.fromSeed(seed, 'blobs');
  const dimensions = centers[0].length;
  const labels = sizes.flatMap((size, label) => new Array<number>(size).fill(label));
  for (let i = labels.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [labels[i], labels[j]] = [labels[j], labels[i]];
  }
  const vectors = new Float32Array(labels.length * dimensions);
  for (const [i, label] of labels.entries()) {
    for (let d = 0; d < dimensions; d++) {
      vectors[i * dimensions + d] = centers[label][d] + spread * random.normal();
    }
  }
  return { vectors, labels, dimensions };
}

export function noise(count: number, dimensions: number, seed = 1): Float32Array {
  const random = Random.fromSeed(seed, 'noise');
  return Float32Array.from({ length: count * dimensions }, () => random.normal());
}

/** The nearest centroid of each vector and its squared distance, by comparing all. */
export function nearestOf(vectors: Float32Array, centroids: Float32Array, dimensions: number) {
  const clusters: number[] = [];
  const squaredDistances: number[] = [];
  for (let at = 0; at < vectors.length; at += dimensions) {
    let [best, least] = [-1, Number.POSITIVE_INFINITY];
    for (let c = 0; c * dimensions < centroids.length; c++) {
      let sum = 0;
      for (let d = 0; d < dimensions; d++) sum += (vectors[at + d] - centroids[c * dimensions + d]) ** 2;
      if (sum < least) [best, least] = [c, sum];
    }
    clusters.push(best);
    squaredDistances.push(least);
  }
  return { clusters, squaredDistances };
}

export function sizesOf(clusters: Iterable<number>, count: number): number[] {
  const sizes = new Array<number>(count).fill(0);
  for (const cluster of clusters) sizes[cluster]++;
  return sizes;
}

export const total = (values: Iterable<number>): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
};
