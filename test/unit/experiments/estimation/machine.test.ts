import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENGINE_NAMES } from '../../../../src/engines/names.ts';
import { findEngines } from '../../../../src/experiments/estimation/engine-choice.ts';
import { machineFacts, presetMemory } from '../../../../src/experiments/estimation/machine.ts';

test('each engine is probed and tells its version and device, or what mends it', async () => {
  const found = [];
  for await (const finding of findEngines(1)) found.push(finding);
  assert.deepEqual(
    found.map(({ engine }) => engine),
    [...ENGINE_NAMES],
  );
  for (const { available, detail, mend } of found) {
    assert.notEqual(detail, '');
    assert.equal(available, mend === undefined);
  }
});

test('free disk is told for a store that does not exist yet', async () => {
  const { freeDiskBytes, freeMemoryBytes, memoryBytes } = await machineFacts('/nowhere/yet/storage');
  assert.ok(freeDiskBytes !== undefined && freeDiskBytes >= 0);
  assert.ok(freeMemoryBytes > 0 && freeMemoryBytes <= memoryBytes);
});

test('the large model of a preset takes more memory than the small one, on top of what is held already', () => {
  const { small, large } = presetMemory('tiny', 0);
  assert.ok(large > small);
  assert.ok(Math.abs(presetMemory('tiny', 1e8).small - small - 1e8) < 1);
});
