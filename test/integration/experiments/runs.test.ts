import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readEvents } from '../../../src/experiments/events.ts';
import { eventsPath, readRun, resumeRun } from '../../../src/experiments/runs.ts';
import { startScript } from '../pipeline/processes.ts';

const storage = mkdtempSync(join(tmpdir(), 'parlance-run-'));
after(() => rmSync(storage, { recursive: true, force: true }));

test('a run whose process is killed is seen as lost, and goes on where its log ended', async () => {
  const child = startScript(new URL('run.child.ts', import.meta.url), [storage]);
  const id = await child.until('-');
  await sleep(200);
  assert.equal((await readRun(storage, id)).state, 'running');
  await assert.rejects(resumeRun(storage, id), new RegExp(`process ${child.process.pid}`));
  child.process.kill('SIGKILL');
  await child.ended;
  assert.equal((await readRun(storage, id)).state, 'lost');
  const before = readEvents(eventsPath(storage, id)).events.length;
  assert.ok(before > 1);
  const run = await resumeRun(storage, id);
  run.finish('finished');
  const { events } = readEvents(eventsPath(storage, id));
  assert.deepEqual(
    events.map(({ sequence }) => sequence),
    [...Array(before + 2).keys()],
  );
  assert.equal((await readRun(storage, id)).state, 'finished');
});
