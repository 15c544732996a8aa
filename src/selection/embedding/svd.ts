/**
 * The leading right singular vectors of a tall sparse matrix A by randomized subspace iteration (Halko, Martinsson
 * and Tropp 2011, "Finding structure with randomness", algorithms 4.4 and 5.3): Q spans (A^T A)^q of random vectors,
 * and the singular vectors are those of A restricted to Q.
 *
 * Only the right ones are computed, since a text's place is its TF-IDF row times them. So all is done with A^T A,
 * which needs one pass over the rows of A an iteration and nothing as long as A has rows. The price is that singular
 * values below about 1/300 of the largest are lost in float32; text has none of these among its first hundreds.
 */

import { letSignalsIn } from '../../common/interruption.ts';
import type { Random } from '../../common/random.ts';
import { symmetricEigen, usualEigenFlops } from './eigen.ts';
import { addGramProduct, addScaledRows, type SparseRows } from './sparse.ts';

export interface SingularVectors {
  /** At most what was asked for: no more than A has. */
  readonly rank: number;
  /** [columns, rank] */
  readonly vectors: Float32Array;
  /** Largest first. */
  readonly values: Float64Array;
  /** Floating-point operations: of the products with A, of the dense products, and of the small eigenproblems. */
  readonly flops: number;
}

interface SvdOptions {
  readonly rank: number;
  readonly random: Random;
  readonly signal?: AbortSignal;
  /** Called with the share of the work that is done. */
  readonly onProgress?: (share: number) => void;
}

/** More vectors than asked for, so that the last one asked for is accurate (Halko et al., section 4.2). */
const OVERSAMPLING = 10;
const ROWS_AT_ONCE = 2048;
/** Share of the rows that each iteration uses: the first ones only come near, for which a part is enough. */
const SHARES = [1 / 8, 1 / 4, 1 / 2, 1, 1];
const LEAST_ROWS = 4096;
/** Eigenvalues of a Gram matrix below this share of the largest are rounding errors. */
const NO_DIRECTION = 1e-10;

export async function rightSingularVectors(
  rows: SparseRows,
  columns: number,
  { rank, random, signal, onProgress }: SvdOptions,
): Promise<SingularVectors> {
  let width = Math.min(rank + OVERSAMPLING, columns, rows.count);
  let basis: Float32Array = Float32Array.from({ length: columns * width }, () => random.normal());
  let image = basis;
  let flops = 0;
  let ofAll = true;
  for (const [i, share] of SHARES.entries()) {
    const orthonormal = orthonormalized(image, width);
    // Rows that come first may be much alike: what they lack of the directions is not lost for the others.
    if (ofAll || orthonormal.width === width) ({ basis, width } = orthonormal);
    flops += orthonormal.flops;
    image = new Float32Array(basis.length);
    const count = Math.min(rows.count, Math.max(LEAST_ROWS, Math.ceil(share * rows.count)));
    ofAll = count === rows.count;
    for (let from = 0; from < count; from += ROWS_AT_ONCE) {
      const end = Math.min(count, from + ROWS_AT_ONCE);
      addGramProduct(image, rows, from, end, basis, width);
      onProgress?.((i + end / count) / SHARES.length);
      await letSignalsIn(signal);
    }
    flops += gramFlops(rows.starts[count], width);
  }
  // Rayleigh and Ritz: the eigenvectors of Q^T A^T A Q, taken back by Q.
  const { values, vectors, flops: ofEigen } = symmetricEigen(innerProducts(basis, image, width), width);
  const kept = Math.min(rank, significant(values));
  return {
    rank: kept,
    vectors: combined(basis, width, vectors, kept),
    values: values.slice(0, kept).map(Math.sqrt),
    flops: flops + ofEigen + denseFlops(columns, width, kept),
  };
}

/** A^T (A m) for `entries` stored values and m of `width` columns: two products and two sums each. */
const gramFlops = (entries: number, width: number): number => 4 * entries * width;

/** The inner products of `width` columns, of which half are computed, and `kept` combinations of the columns. */
const denseFlops = (rows: number, width: number, kept: number): number =>
  rows * width * (width + 1) + 2 * rows * width * kept;

/** What a matrix with this many stored values takes, predicted: the iterations are known, eigenproblems take as usual. */
export function singularVectorFlops(rows: number, columns: number, entries: number, rank: number): number {
  const width = Math.min(rank + OVERSAMPLING, columns, rows);
  const used = SHARES.reduce((sum, share) => sum + Math.min(1, Math.max(share, LEAST_ROWS / rows)), 0);
  const dense = denseFlops(columns, width, width) + usualEigenFlops(width);
  return gramFlops(entries * used, width) + (SHARES.length + 1) * dense;
}

/** Orthonormal columns that span those of `matrix` [rows, width]; fewer if these depend on each other. */
function orthonormalized(matrix: Float32Array, width: number) {
  const { values, vectors, flops } = symmetricEigen(innerProducts(matrix, matrix, width), width);
  const kept = significant(values);
  const scaled = vectors.map((value, i) => value / Math.sqrt(values[Math.floor(i / width)]));
  return {
    basis: combined(matrix, width, scaled, kept),
    width: kept,
    flops: flops + denseFlops(matrix.length / width, width, kept),
  };
}

/** How many of the eigenvalues, largest first, are more than rounding errors. */
function significant(values: Float64Array): number {
  const end = values.findIndex((value) => !(value > NO_DIRECTION * values[0]));
  return end < 0 ? values.length : end;
}

/** a^T b for a and b [rows, width], whose product is symmetric: [width, width] in float64. */
function innerProducts(a: Float32Array, b: Float32Array, width: number): Float64Array {
  const products = new Float64Array(width * width);
  let row = 0;
  for (; row + 4 * width <= a.length; row += 4 * width) addFourRows(products, a, b, row, width);
  for (; row < a.length; row += width) {
    for (let i = 0; i < width; i++) {
      const value = a[row + i];
      for (let j = i; j < width; j++) products[i * width + j] += value * b[row + j];
    }
  }
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < i; j++) products[i * width + j] = products[j * width + i];
  }
  return products;
}

/** Four rows at once, so that each product is loaded and stored once for them. */
function addFourRows(
  products: Float64Array,
  a: Float32Array,
  b: Float32Array,
  first: number,
  width: number,
): void {
  const second = first + width;
  const third = second + width;
  const fourth = third + width;
  for (let i = 0; i < width; i++) {
    const w = a[first + i];
    const x = a[second + i];
    const y = a[third + i];
    const z = a[fourth + i];
    const at = i * width;
    for (let j = i; j < width; j++) {
      products[at + j] += w * b[first + j] + x * b[second + j] + (y * b[third + j] + z * b[fourth + j]);
    }
  }
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
