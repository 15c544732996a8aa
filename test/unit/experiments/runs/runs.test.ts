import assert from 'node:assert/strict';
import {
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { CorruptionError, GraphError, InputError } from '../../../../src/common/errors.ts';
import { readEvents } from '../../../../src/experiments/runs/events.ts';
import { runReferences } from '../../../../src/experiments/runs/run-references.ts';
import { createRun, resumeRun } from '../../../../src/experiments/runs/run-writer.ts';
import {
  eventsPath,
  lastRunEvents,
  listRuns,
  type RunRequest,
  readRun,
  runOwner,
} from '../../../../src/experiments/runs/runs.ts';

const request: RunRequest = {
  title: 'slm on the manual',
  configuration: { methods: ['slm'] },
  seeds: [1, 2],
  versions: {
    parlance: '0.1.0',
    node: '20',
    engine: 'onnxruntime 1.30',
    platform: 'linux',
    processor: 'x',
    threads: 2,
  },
  corpora: { generic: 'c1', domain: 'c2' },
  methods: ['slm'],
  engine: 'auto',
};

function storage(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'parlance-runs-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('keeps what was asked, and says that it is running and how it ended', async (t) => {
  const place = storage(t);
  const run = await createRun(place, request);
  const { id } = run.record;
  assert.match(id, /^\d{8}-\d{6}-\d{3}-[0-9a-f]{6}$/);
  assert.deepEqual({ ...(await readRun(place, id)).record }, { ...run.record, ...request });
  assert.equal((await readRun(place, id)).state, 'running');
  run.finish('failed', 'The loss is not a number.', 'Lower the learning rate.');
  const { state, status } = await readRun(place, id);
  assert.equal(state, 'failed');
  assert.deepEqual(
    [status?.message, status?.hint],
    ['The loss is not a number.', 'Lower the learning rate.'],
  );
  const states = lastRunEvents(place, id, 9).map(({ event }) =>
    event.type === 'state' ? event.state : event.type,
  );
  assert.deepEqual(states, ['running', 'failed']);
});

test('lists the newest first, and damaged records apart', async (t) => {
  const place = storage(t);
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) {
    const run = await createRun(place, request);
    run.finish('finished');
    ids.unshift(run.record.id);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  mkdirSync(join(place, 'runs', '20200101-000000-000-aaaaaa'));
  writeFileSync(join(place, 'runs', ids[1], 'run.json'), '{');
  const { runs, damaged } = await listRuns(place);
  assert.deepEqual(
    runs.map(({ record }) => record.id),
    [ids[0], ids[2]],
  );
  assert.deepEqual(damaged, [ids[1], '20200101-000000-000-aaaaaa']);
  await assert.rejects(readRun(place, ids[1]), CorruptionError);
  await assert.rejects(readRun(place, '../artifacts'), InputError);
});

test('has one process at a time, and can be taken up again after it ended', async (t) => {
  const place = storage(t);
  const run = await createRun(place, request);
  const { id } = run.record;
  await assert.rejects(resumeRun(place, id), new RegExp(`executed by process ${process.pid}`));
  run.finish('interrupted');
  const again = await resumeRun(place, id);
  assert.equal((await readRun(place, id)).state, 'running');
  again.finish('finished');
  assert.equal((await readRun(place, id)).state, 'finished');
  assert.deepEqual(
    lastRunEvents(place, id, 9).map(({ sequence }) => sequence),
    [0, 1, 2, 3],
  );
});

test('refers to what it planned and what its stages made, and is live while it runs', async (t) => {
  const place = storage(t);
  const run = await createRun(place, request);
  run.append({ type: 'plan', fingerprints: ['a', 'b'], stages: [] });
  const stage = { fingerprint: 'c', kind: 'tokenizer', label: 'tokenizer' };
  run.append({ type: 'stage', event: { ...stage, state: 'reused' } });
  const { id } = run.record;
  assert.deepEqual(await runReferences(place), [
    { id, live: true, isSuperfluous: false, fingerprints: ['a', 'b', 'c'] },
  ]);
  run.finish('finished');
  assert.equal((await runReferences(place))[0].live, false);
});

test('a run whose last word could not be written lets go, and another last word goes nowhere', async (t) => {
  const place = storage(t);
  const run = await createRun(place, request);
  const { id } = run.record;
  rmSync(join(place, 'runs', id, 'status.json'));
  mkdirSync(join(place, 'runs', id, 'status.json'));
  assert.throws(() => run.finish('finished'), { code: 'EISDIR' });
  // The system gives the number of the closed log to the next file.
  const path = join(place, 'innocent.txt');
  const innocent = openSync(path, 'w+');
  t.after(() => closeSync(innocent));
  writeSync(innocent, 'what it holds');
  run.finish('failed', 'The disk is full.');
  assert.throws(() => run.append({ type: 'plan', fingerprints: [], stages: [] }), GraphError);
  assert.equal(readFileSync(path, 'utf8'), 'what it holds');
  assert.equal(runOwner(place, id), undefined);
});

test('thins out progress but keeps the first and the last, and shows it in the status', async (t) => {
  const place = storage(t);
  let nowMs = 0;
  t.mock.method(performance, 'now', () => nowMs);
  const run = await createRun(place, request);
  const stage = { fingerprint: 'c', kind: 'train', label: 'train', state: 'progress' as const };
  for (let i = 0; i <= 1000; i++) {
    nowMs += 3;
    run.append({
      type: 'stage',
      event: { ...stage, fraction: i / 1000, message: `step ${i}`, metrics: { loss: 1 } },
    });
  }
  run.finish('finished');
  const { events } = readEvents(eventsPath(place, run.record.id));
  const logged = events.flatMap(({ event }) =>
    event.type === 'stage' && event.event.state === 'progress' ? [event.event.message] : [],
  );
  assert.equal(logged[0], 'step 0');
  assert.equal(logged.at(-1), 'step 1000');
  assert.equal(logged.length, 7, 'one in half a second, and the last');
});

test('a run of a folder that was moved or copied belongs to the experiment file that lies beside it now', async (t) => {
  const folder = storage(t);
  const [first, second] = [join(folder, 'first'), join(folder, 'second')];
  const storageIn = (place: string) => join(place, '.parlance', 'storage');
  const experimentFile = join(first, 'parlance.json');
  const run = await createRun(storageIn(first), { ...request, experimentFile });
  run.finish('interrupted');
  const file = async (place: string) => (await readRun(place, run.record.id)).record.experimentFile;
  writeFileSync(experimentFile, '{}');
  cpSync(first, second, { recursive: true });
  assert.equal(await file(storageIn(second)), join(second, 'parlance.json'));
  assert.equal(await file(storageIn(first)), experimentFile);
  // A storage that the user chose says nothing of where the file is.
  cpSync(storageIn(first), join(second, 'storage'), { recursive: true });
  assert.equal(await file(join(second, 'storage')), experimentFile);
  rmSync(join(second, 'parlance.json'));
  assert.equal(await file(storageIn(second)), experimentFile);
});

test('a heartbeat that a power failure left unreadable hides no run: its log says how it ended', async (t) => {
  const place = storage(t);
  const done = await createRun(place, request);
  const { id } = done.record;
  done.finish('finished');
  const killed = await createRun(place, request);
  killed.append({ type: 'plan', fingerprints: [], stages: [] });
  const states = async () => {
    const { runs, damaged } = await listRuns(place);
    assert.deepEqual(damaged, []);
    return new Map(runs.map(({ record, state }) => [record.id, state]));
  };
  for (const torn of ['', '\0\0\0\0', '{"state":']) {
    for (const run of [id, killed.record.id]) writeFileSync(join(place, 'runs', run, 'status.json'), torn);
    assert.deepEqual([...(await states()).values()].sort(), ['finished', 'running']);
  }
  const again = await resumeRun(place, id);
  again.finish('interrupted');
  assert.equal((await states()).get(id), 'interrupted');
  killed.finish('finished');
});
