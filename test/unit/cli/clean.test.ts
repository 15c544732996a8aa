import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { clean } from '../../../src/cli/clean.ts';
import { eventsPath } from '../../../src/experiments/runs/runs.ts';
import { bench, stage } from '../pipeline/fixtures.ts';

test('what a run that began during the question refers to is not removed', async (t) => {
  const { store, run } = bench(t);
  const { storage } = store;
  const [taken, left] = [await run(stage('taken')), await run(stage('left'))];
  await clean('.', {
    storage,
    unreferenced: true,
    json: true,
    get yes() {
      const path = eventsPath(storage, '20260101-000000-000-abcdef');
      const event = { type: 'plan', fingerprints: [taken.fingerprint], stages: [] };
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `${JSON.stringify({ sequence: 0, time: '2026-01-01T00:00:00.000Z', event })}\n`);
      return true;
    },
  });
  assert.ok(existsSync(taken.directory));
  assert.ok(!existsSync(left.directory));
});
