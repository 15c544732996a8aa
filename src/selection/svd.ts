/**
 * The leading right singular vectors of a tall sparse matrix A by randomized subspace iteration (Halko, Martinsson
 * and Tropp 2011, "Finding structure with randomness", algorithms 4.4 and 5.3): Q spans (A^T A)^q of random vectors,
 * and the singular vectors are those of A restricted to Q.
 *
 * Only the right ones are computed, since a text's place is its TF-IDF row times them. So all is done with A^T A,
 * which needs one pass over the rows of A an iteration and nothing as long as A has rows. The price is that singular
 * values below about 1/300 of the largest are lost in float32; text has none of these among its first hundreds.
 */
import type { Random } from '../common/random.ts';
import { symmetricEigen } from './eigen.ts';
import { breathe } from './interruption.ts';
import { addGramProduct, addScaledRows, type SparseRows } from './sparse.ts';

export interface SingularVectors {
  /** At most what was asked for: no more than A has. */
  readonly rank: number;
  /** [columns, rank] */
  readonly vectors: Float32Array;
  /** Largest first. */
  readonly values: Float64Array;
}

interface SvdOptions {
  readonly rank: number;
  readonly iterations: number;
  readonly random: Random;
  readonly signal?: AbortSignal;
  /** Called with the share of the work that is done. */
  readonly onProgress?: (share: number) => void;
}

/** More vectors than asked for, so that the last one asked for is accurate (Halko et al., section 4.2). */
const OVERSAMPLING = 10;
const ROWS_AT_ONCE = 2048;
/** Eigenvalues of a Gram matrix below this share of the largest are rounding errors. */
const NO_DIRECTION = 1e-10;

export async function rightSingularVectors(
  rows: SparseRows,
  columns: number,
  { rank, iterations, random, signal, onProgress }: SvdOptions,
): Promise<SingularVectors> {
  let width = Math.min(rank + OVERSAMPLING, columns, rows.count);
  let basis: Float32Array = Float32Array.from({ length: columns * width }, () => random.normal());
  let image = basis;
  for (let i = 0; i < iterations; i++) {
    ({ basis, width } = orthonormalized(image, width));
    image = new Float32Array(basis.length);
    for (let from = 0; from < rows.count; from += ROWS_AT_ONCE) {
      const end = Math.min(rows.count, from + ROWS_AT_ONCE);
      addGramProduct(image, rows, from, end, basis, width);
      onProgress?.((i + end / rows.count) / iterations);
      await breathe(signal);
    }
  }
  // Rayleigh and Ritz: the eigenvectors of Q^T A^T A Q, taken back by Q.
  const { values, vectors } = symmetricEigen(innerProducts(basis, image, width), width);
  const kept = Math.min(rank, significant(values));
  return {
    rank: kept,
    vectors: combined(basis, width, vectors, kept),
    values: values.slice(0, kept).map(Math.sqrt),
  };
}

/** Orthonormal columns that span those of `matrix` [rows, width]; fewer if these depend on each other. */
function orthonormalized(matrix: Float32Array, width: number): { basis: Float32Array; width: number } {
  const { values, vectors } = symmetricEigen(innerProducts(matrix, matrix, width), width);
  const kept = significant(values);
  const scaled = vectors.map((value, i) => value / Math.sqrt(values[Math.floor(i / width)]));
  return { basis: combined(matrix, width, scaled, kept), width: kept };
}

/** How many of the eigenvalues, largest first, are more than rounding errors. */
function significant(values: Float64Array): number {
  const end = values.findIndex((value) => !(value > NO_DIRECTION * values[0]));
  return end < 0 ? values.length : end;
}

/** a^T b for a and b [rows, width], whose product is symmetric: [width, width] in float64. */
function innerProducts(a: Float32Array, b: Float32Array, width: number): Float64Array {
  const products = new Float64Array(width * width);
  for (let row = 0; row < a.length; row += width) {
    for (let i = 0; i < width; i++) {
      const value = a[row + i];
      if (value === 0) continue;
      const at = i * width;
      for (let j = i; j < width; j++) products[at + j] += value * b[row + j];
    }
  }
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < i; j++) products[i * width + j] = products[j * width + i];
  }
  return products;
}

/** matrix [rows, width] times the transpose of the first `count` rows of `weights` [*, width]: [rows, count] */
function combined(matrix: Float32Array, width: number, weights: Float64Array, count: number): Float32Array {
  const transposed = new Float32Array(width * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < width; j++) transposed[j * count + i] = weights[i * width + j];
  }
  const columns = Int32Array.from({ length: width }, (_, j) => j);
  const rows = matrix.length / width;
  const result = new Float32Array(rows * count);
  for (let r = 0; r < rows; r++) {
    const values = matrix.subarray(r * width, (r + 1) * width);
    addScaledRows(
      result.subarray(r * count, (r + 1) * count),
      { columns, values },
      0,
      width,
      transposed,
      count,
    );
  }
  return result;
}
