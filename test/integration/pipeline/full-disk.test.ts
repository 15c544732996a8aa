import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ResourceError } from '../../../src/common/errors.ts';
import { EventLogWriter, readEvents } from '../../../src/experiments/runs/events.ts';
import { lockOwner } from '../../../src/pipeline/lock.ts';
import { runStage } from '../../../src/pipeline/runner.ts';
import { fingerprint } from '../../../src/pipeline/stage.ts';
import type { StageEvent } from '../../../src/pipeline/stage-event.ts';
import { ArtifactStore } from '../../../src/pipeline/store.ts';
import { smallDisk } from '../../support/small-disk.ts';
import { countingStage } from './counting-stage.ts';

test('a full disk ends a stage with a clear error, keeps everything, and the stage resumes when there is room', async (t) => {
  const disk = smallDisk(t);
  if (disk === undefined) return;
  const trace = join(mkdtempSync(join(tmpdir(), 'parlance-trace-')), 'trace');
  t.after(() => rmSync(join(trace, '..'), { recursive: true }));
  const storage = join(disk, 'storage');
  mkdirSync(storage);
  const store = new ArtifactStore(storage);
  const small = countingStage({ name: 'small', steps: 1, stepMs: 0, trace });
  const large = countingStage({
    name: 'large',
    steps: 10,
    stepMs: 0,
    trace,
    stepBytes: 100_000,
    inputs: { small },
  });
  const filler = join(disk, 'filler');
  writeFileSync(filler, Buffer.alloc(1_300_000));
  const events: StageEvent[] = [];
  const run = () =>
    runStage(large, { store, signal: new AbortController().signal, onEvent: (event) => events.push(event) });

  await assert.rejects(run, (error) => {
    assert.ok(error instanceof ResourceError);
    assert.match(error.message, /disk is full/);
    assert.match(error.hint, /Free some space/);
    return true;
  });
  assert.equal(events.at(-1)?.state, 'failed');
  assert.ok(await store.verify(fingerprint(small)), 'what was finished before is whole');
  assert.equal(lockOwner(store.lockFolder(fingerprint(large))), undefined);

  rmSync(filler);
  events.length = 0;
  const artifact = await run();
  assert.ok(events.some((event) => event.state === 'started' && event.resumed));
  assert.equal(artifact.manifest.files.length, 10);
  assert.ok(await store.verify(artifact.fingerprint));
  const stepsDone = events.filter((event) => event.state === 'progress').length;
  assert.ok(stepsDone < 10, `steps before the full disk are kept, and ${stepsDone} were done after`);
});

test('an event that does not fit on a full disk leaves the log as it was', (t) => {
  const disk = smallDisk(t);
  if (disk === undefined) return;
  const path = join(disk, 'events.jsonl');
  const log = new EventLogWriter(path);
  const before = log.append({ type: 'plan', fingerprints: ['a'], stages: [] });
  const filler = join(disk, 'filler');
  for (let size = 2 << 20; size >= 4096; size >>= 1) {
    try {
      writeFileSync(filler, Buffer.alloc(size), { flag: 'a' });
    } catch {
      // As much as fits.
    }
  }
  const long = 'x'.repeat(10_000);
  try {
    assert.throws(() => log.append({ type: 'plan', fingerprints: [long], stages: [] }), ResourceError);
    assert.deepEqual(readEvents(path).events, [before]);
    rmSync(filler);
    const next = log.append({ type: 'plan', fingerprints: [long], stages: [] });
    assert.deepEqual(readEvents(path).events, [before, next]);
  } finally {
    log.close();
  }
});
