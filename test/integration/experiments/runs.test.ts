import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readEvents } from '../../../src/experiments/runs/events.ts';
import { resumeRun } from '../../../src/experiments/runs/run-writer.ts';
import { eventsPath, readRun } from '../../../src/experiments/runs/runs.ts';
import { until } from '../../support/waiting.ts';
import { startScript } from '../pipeline/processes.ts';

const storage = mkdtempSync(join(tmpdir(), 'parlance-run-'));
after(() => rmSync(storage, { recursive: true, force: true }));

test('a run whose process is killed is seen as lost, and goes on where its log ended', async () => {
  const child = startScript(new URL('run.child.ts', import.meta.url), [storage]);
  const id = await child.until('-');
  await until('it has told something', () => readEvents(eventsPath(storage, id)).events.length > 1);
  assert.equal((await readRun(storage, id)).state, 'running');
  await assert.rejects(resumeRun(storage, id), new RegExp(`process ${child.process.pid}`));
  child.process.kill('SIGKILL');
  await child.ended;
  assert.equal((await readRun(storage, id)).state, 'lost');
  const before = readEvents(eventsPath(storage, id)).events.length;
  const run = await resumeRun(storage, id);
  run.finish('finished');
  const { events } = readEvents(eventsPath(storage, id));
  assert.deepEqual(
    events.map(({ sequence }) => sequence),
    [...Array(before + 2).keys()],
  );
  assert.equal((await readRun(storage, id)).state, 'finished');
});
