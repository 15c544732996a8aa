/** The truncated singular value decomposition against eigenvalues by Jacobi's rotations in float64. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../../src/common/random.ts';
import { symmetricEigen } from '../../../../src/selection/embedding/eigen.ts';
import type { SparseRows } from '../../../../src/selection/embedding/sparse.ts';
import { rightSingularVectors, singularVectorFlops } from '../../../../src/selection/embedding/svd.ts';
import { symmetricEigenvalues } from '../../../support/eigenvalues.ts';

/** Rows of few entries, larger in the first columns, so that the singular values fall off. */
function sparseMatrix(count: number, columns: number, perRow: number): SparseRows {
  const random = Random.fromSeed(5, 'matrix');
  const starts = Int32Array.from({ length: count + 1 }, (_, i) => i * perRow);
  const places = Int32Array.from({ length: count * perRow }, (_, e) => {
    const group = Math.floor(e / perRow) % 5;
    return (group * 8 + random.below(11)) % columns;
  });
  const values = Float32Array.from(places, (place) => 0.8 ** place * (0.5 + random.uniform()));
  return { count, starts, columns: places, values };
}

/** A^T A [columns, columns], in float64. */
function gram({ count, starts, columns: places, values }: SparseRows, columns: number): Float64Array {
  const product = new Float64Array(columns * columns);
  for (let r = 0; r < count; r++) {
    const row = new Float64Array(columns);
    for (let e = starts[r]; e < starts[r + 1]; e++) row[places[e]] += values[e];
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j < columns; j++) product[i * columns + j] += row[i] * row[j];
    }
  }
  return product;
}

const decompose = (rows: SparseRows, columns: number, rank: number, seed = 1) =>
  rightSingularVectors(rows, columns, { rank, random: Random.fromSeed(seed, 'svd') });

test('singular values are the roots of the largest eigenvalues of A^T A', async () => {
  const [columns, rank] = [40, 8];
  const rows = sparseMatrix(300, columns, 6);
  const { values } = await decompose(rows, columns, rank);
  const expected = symmetricEigenvalues(gram(rows, columns), columns).sort((a, b) => b - a);
  assert.equal(values.length, rank);
  for (let i = 0; i < rank; i++) {
    assert.ok(Math.abs(values[i] / Math.sqrt(expected[i]) - 1) < 1e-4, `${values[i]} is not ${expected[i]}`);
  }
});

test('the vectors are orthonormal eigenvectors of A^T A', async () => {
  const [columns, rank] = [40, 5];
  const rows = sparseMatrix(300, columns, 6);
  const product = gram(rows, columns);
  const { vectors, values } = await decompose(rows, columns, rank);
  const vector = (k: number) => Float64Array.from({ length: columns }, (_, i) => vectors[i * rank + k]);
  for (let k = 0; k < rank; k++) {
    const v = vector(k);
    for (let other = 0; other <= k; other++) {
      const w = vector(other);
      const inner = v.reduce((sum, x, i) => sum + x * w[i], 0);
      assert.ok(Math.abs(inner - (k === other ? 1 : 0)) < 1e-5, `${k} and ${other}: ${inner}`);
    }
    for (let i = 0; i < columns; i++) {
      const image = v.reduce((sum, x, j) => sum + product[i * columns + j] * x, 0);
      assert.ok(Math.abs(image - values[k] ** 2 * v[i]) < 5e-3 * values[k] ** 2, `row ${i} of vector ${k}`);
    }
  }
});

test('a matrix of low rank gives no more vectors than its rank', async () => {
  const columns = Int32Array.from({ length: 60 }, (_, e) => e % 3);
  const starts = Int32Array.from({ length: 21 }, (_, i) => 3 * i);
  // Rows are multiples of (1, 2, 3) and of (1, 0, -1).
  const values = Float32Array.from({ length: 60 }, (_, e) =>
    Math.floor(e / 3) % 2 === 0 ? 1 + (e % 3) : 1 - (e % 3),
  );
  const { rank, vectors } = await decompose({ count: 20, starts, columns, values }, 3, 3);
  assert.equal(rank, 2);
  assert.equal(vectors.length, 6);
  assert.ok(vectors.every(Number.isFinite));
});

test('rows that come first and are all alike do not take the directions of the others', async () => {
  const [columns, alike] = [40, 4096];
  const others = sparseMatrix(3000, columns, 6);
  const starts = [...Array(alike).keys(), ...others.starts.map((start) => alike + start)];
  const rows = {
    count: alike + others.count,
    starts: Int32Array.from(starts),
    columns: Int32Array.from([...new Int32Array(alike), ...others.columns]),
    values: Float32Array.from([...new Float32Array(alike).fill(1), ...others.values]),
  };
  assert.equal((await decompose(rows, columns, 8)).rank, 8);
});

test('equal seeds give equal vectors, bit for bit', async () => {
  const rows = sparseMatrix(3000, 40, 6);
  const [a, b] = [await decompose(rows, 40, 6), await decompose(rows, 40, 6)];
  assert.deepEqual(a.vectors, b.vectors);
});

test('eigenvectors of a known matrix', () => {
  const { values, vectors } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2);
  assert.deepEqual(
    Array.from(values, (value) => Math.round(value * 1e12) / 1e12),
    [3, 1],
  );
  const half = Math.SQRT1_2;
  assert.ok(Math.abs(Math.abs(vectors[0]) - half) < 1e-12 && Math.abs(vectors[0] - vectors[1]) < 1e-12);
  assert.ok(Math.abs(Math.abs(vectors[2]) - half) < 1e-12 && Math.abs(vectors[2] + vectors[3]) < 1e-12);
});

test('operations are counted: four for each stored value and direction and pass, and those of the dense products', async () => {
  const [columns, rank, perRow] = [40, 8, 6];
  const [few, many] = [300, 600];
  const small = await decompose(sparseMatrix(few, columns, perRow), columns, rank);
  const large = await decompose(sparseMatrix(many, columns, perRow), columns, rank);
  // All five passes use all of so few rows, with ten directions more than asked for.
  const width = rank + 10;
  const sparse = (rows: number) => 4 * rows * perRow * width * 5;
  const dense = 5 * (columns * width * (width + 1) + 2 * columns * width * width);
  const last = columns * width * (width + 1) + 2 * columns * width * rank;
  for (const [rows, { flops }] of [
    [few, small],
    [many, large],
  ] as const) {
    // Six eigenproblems: some sweeps over all pairs, 18 operations for each row of a rotation.
    const rotations = (flops - sparse(rows) - dense - last) / (18 * width);
    assert.ok(Number.isInteger(rotations), `${rotations}`);
    assert.ok(rotations > (6 * 3 * (width * (width - 1))) / 2, `${rotations}`);
    assert.ok(rotations < (6 * 15 * (width * (width - 1))) / 2, `${rotations}`);
    const predicted = singularVectorFlops(rows, columns, rows * perRow, rank);
    assert.ok(predicted > flops / 2 && predicted < 2 * flops, `${predicted} for ${flops}`);
  }
});
