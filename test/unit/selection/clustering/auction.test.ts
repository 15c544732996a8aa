/** The balanced assignment against all assignments of a small problem. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../../src/common/random.ts';
import { balancedAssignment } from '../../../../src/selection/clustering/auction.ts';
import { sizesOf, total } from '../made-vectors.ts';

function randomCosts(rows: number, clusters: number, seed: number): Float32Array {
  const random = Random.fromSeed(seed, 'costs');
  return Float32Array.from({ length: rows * clusters }, () => random.uniform());
}

/** The smallest sum of costs with at most `capacity` rows a cluster, by trying all. */
function smallestSum(costs: Float32Array, clusters: number, capacity: number): number {
  const free = new Array<number>(clusters).fill(capacity);
  const from = (row: number): number => {
    if (row * clusters === costs.length) return 0;
    let least = Number.POSITIVE_INFINITY;
    for (let c = 0; c < clusters; c++) {
      if (free[c] === 0) continue;
      free[c]--;
      least = Math.min(least, costs[row * clusters + c] + from(row + 1));
      free[c]++;
    }
    return least;
  };
  return from(0);
}

test('no cluster gets more than its share, also when rows do not divide evenly', () => {
  for (const [rows, clusters] of [
    [96, 8],
    [97, 8],
    [5, 8],
    [50, 1],
  ]) {
    const sizes = sizesOf(balancedAssignment(randomCosts(rows, clusters, rows), clusters), clusters);
    assert.equal(total(sizes), rows);
    assert.ok(Math.max(...sizes) <= Math.ceil(rows / clusters), `${rows} over ${clusters}: ${sizes}`);
  }
});

test('the sum of costs is within rows times epsilon of the smallest', () => {
  for (let seed = 0; seed < 20; seed++) {
    const [rows, clusters] = [9, 3];
    const costs = randomCosts(rows, clusters, seed);
    const assigned = Array.from(balancedAssignment(costs, clusters));
    const sum = total(assigned.map((cluster, row) => costs[row * clusters + cluster]));
    const epsilon = (Math.max(...costs) - Math.min(...costs)) / 50;
    assert.ok(sum <= smallestSum(costs, clusters, 3) + rows * epsilon + 1e-6, `seed ${seed}`);
  }
});

test('rows that want the same cluster are spread, and equal costs end', () => {
  const costs = new Float32Array(64 * 4).map((_, i) => (i % 4 === 2 ? 0 : 1));
  assert.deepEqual(sizesOf(balancedAssignment(costs, 4), 4), [16, 16, 16, 16]);
  assert.deepEqual(sizesOf(balancedAssignment(new Float32Array(64 * 4), 4), 4), [16, 16, 16, 16]);
});
