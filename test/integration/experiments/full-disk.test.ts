import assert from 'node:assert/strict';
import { rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ResourceError } from '../../../src/common/errors.ts';
import { createRun } from '../../../src/experiments/runs/run-writer.ts';
import { readRun } from '../../../src/experiments/runs/runs.ts';
import { smallDisk } from '../../support/small-disk.ts';

test('progress that a full disk does not take ends no run; what is to be kept is refused with the reason', async (t) => {
  const storage = smallDisk(t);
  if (storage === undefined) return;
  const run = await createRun(storage, {
    title: 'letters',
    configuration: {},
    seeds: [1],
    versions: { parlance: '0', node: '20', engine: 'x', platform: 'linux', processor: 'x', threads: 1 },
    methods: ['slm'],
    engine: 'auto',
  });
  const filler = join(storage, 'filler');
  const { bavail, bsize } = statfsSync(storage);
  writeFileSync(filler, Buffer.alloc(bavail * bsize));
  const stage = { kind: 'pretrain', label: 'pretrain', state: 'progress' as const, fraction: 0 };
  // More than what is left of the log's last block.
  for (let i = 0; i < 100; i++) {
    const event = { ...stage, fingerprint: String(i), message: 'a step '.repeat(20) };
    run.append({ type: 'stage', event });
  }
  assert.throws(
    () => run.append({ type: 'plan', fingerprints: Array(1000).fill('a'), stages: [] }),
    ResourceError,
  );
  truncateSync(filler);
  rmSync(filler);
  run.finish('finished');
  assert.equal((await readRun(storage, run.record.id)).state, 'finished');
});
