import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shares } from '../../../src/training/shares.ts';

test('each device gets as many micro-batches as the others, and no more than that takes', () => {
  assert.deepEqual(shares({ rows: 16, microBatches: 2, groups: undefined }), { microBatches: 2, devices: 1 });
  assert.deepEqual(shares({ rows: 16, microBatches: 2, groups: undefined }, 4), {
    microBatches: 4,
    devices: 4,
  });
  assert.deepEqual(shares({ rows: 24, microBatches: 2, groups: undefined }, 3), {
    microBatches: 6,
    devices: 3,
  });
  assert.deepEqual(shares({ rows: 16, microBatches: 8, groups: 4 }, 2), { microBatches: 8, devices: 2 });
});

test('a batch that cannot be divided is computed by each device', () => {
  assert.deepEqual(shares({ rows: 16, microBatches: 2, groups: undefined }, 3), {
    microBatches: 2,
    devices: 1,
  });
  // Six micro-batches would cut through four groups.
  assert.deepEqual(shares({ rows: 24, microBatches: 2, groups: 4 }, 3), { microBatches: 2, devices: 1 });
});
