/** Records of killed runs: which go once a later run has done the same, and which stay. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runReferences, tidyKilledRuns } from '../../../../src/experiments/runs/run-references.ts';
import { createRun, type RunWriter } from '../../../../src/experiments/runs/run-writer.ts';
import {
  eventsPath,
  listRuns,
  lockPath,
  type RunRequest,
  runFolder,
} from '../../../../src/experiments/runs/runs.ts';
import { clean } from '../../../../src/pipeline/clean.ts';
import { type ProcessIdentity, thisProcess } from '../../../../src/pipeline/owner.ts';
import { fingerprint } from '../../../../src/pipeline/stage.ts';
import { syntheticResults } from '../../../fixtures/results.ts';
import { type Bench, bench, stage } from '../../pipeline/fixtures.ts';

const request: RunRequest = {
  title: 'letters',
  configuration: { methods: ['slm'] },
  seeds: [1],
  versions: { parlance: '0', node: '20', engine: 'x', platform: 'linux', processor: 'x', threads: 1 },
  experimentFile: '/letters/parlance.json',
  methods: ['slm'],
  engine: 'auto',
};
const [base, top] = [stage('base'), stage('top')];
const all = [fingerprint(base), fingerprint(top)];
const [measurement] = syntheticResults().measurements;

let number = 0;
function begin({ store }: Bench, asked: Partial<RunRequest> = {}): Promise<RunWriter> {
  return createRun(
    store.storage,
    { ...request, ...asked },
    { id: `20260101-000000-${100 + number++}-abcdef` },
  );
}

/** As another process that was killed left it. */
function kill(
  { store }: Bench,
  { record: { id } }: RunWriter,
  change: Partial<ProcessIdentity> = {},
): string {
  const owner = { ...thisProcess(), instance: 'killed', since: '2026-01-01T00:00:00.000Z', ...change };
  writeFileSync(join(lockPath(runFolder(store.storage, id)), '1'), JSON.stringify(owner));
  return id;
}

async function finishedLater(b: Bench, planned = all): Promise<string> {
  await b.run(base);
  await b.run(top);
  const run = await begin(b);
  run.append({ type: 'plan', fingerprints: planned, stages: [] });
  run.finish('finished');
  return run.record.id;
}

const left = ({ store }: Bench) => readdirSync(join(store.storage, 'runs')).sort();

test('a hundred killed attempts are gone once a later run has done all of it, with their locks', async (t) => {
  const b = bench(t);
  for (let attempt = 0; attempt < 100; attempt++) {
    const run = await begin(b);
    if (attempt % 3 > 0) run.append({ type: 'plan', fingerprints: all, stages: [] });
    if (attempt % 3 > 1)
      run.append({
        type: 'stage',
        event: { fingerprint: all[0], kind: 'test', label: 'base', state: 'started', resumed: false },
      });
    kill(b, run);
  }
  const last = await finishedLater(b);
  await tidyKilledRuns(b.store.storage);
  assert.deepEqual(left(b), [last]);
  assert.deepEqual(readdirSync(b.store.quarantineFolder), []);
});

test('what a user would miss stays: a live run, one that may be elsewhere, one that ended in words or was asked for more', async (t) => {
  const b = bench(t);
  const kept: string[] = [];
  const live = await begin(b);
  kept.push(live.record.id);
  const elsewhere = kill(b, await begin(b), { host: 'elsewhere' });
  // It was put to sleep: its heart stands still.
  utimesSync(join(lockPath(runFolder(b.store.storage, elsewhere)), '1'), new Date(0), new Date(0));
  kept.push(elsewhere);
  const told = await begin(b);
  told.append({ type: 'state', state: 'failed', message: 'The loss is not a number.', hint: '' });
  kept.push(kill(b, told));
  kept.push(kill(b, await begin(b, { methods: ['slm', 'llm'] })));
  kept.push(kill(b, await begin(b, { configuration: { methods: ['slm'], context: 32 } })));
  kept.push(await finishedLater(b));
  await tidyKilledRuns(b.store.storage);
  assert.deepEqual(left(b), kept);
  live.finish('finished');
});

test('a killed run stays while a stage of it is unfinished, or a measurement is its own', async (t) => {
  const b = bench(t);
  const unfinished = await begin(b);
  const planned = [...all, 'f'.repeat(64)];
  unfinished.append({ type: 'plan', fingerprints: planned, stages: [] });
  const alone = await begin(b);
  alone.append({ type: 'measurement', measurement });
  const kept = [kill(b, unfinished), kill(b, alone), await finishedLater(b, planned)];
  await tidyKilledRuns(b.store.storage);
  assert.deepEqual(left(b), kept);
});

test('a killed run that alone refers to finished work stays: clean must not take that work away', async (t) => {
  const b = bench(t);
  await b.run(base);
  const run = await begin(b);
  run.append({ type: 'plan', fingerprints: [all[0]], stages: [] });
  const id = kill(b, run);
  await begin(b).then((other) => other.finish('interrupted'));
  await tidyKilledRuns(b.store.storage);
  const runs = await runReferences(b.store.storage);
  await clean(b.store, { what: 'unreferenced', runs, dryRun: false });
  assert.ok(left(b).includes(id));
  assert.ok(existsSync(b.store.artifactFolder(all[0])));
});

test('clean says which records of killed runs it would remove, and removes those', async (t) => {
  const b = bench(t);
  const id = kill(b, await begin(b));
  await finishedLater(b);
  const runs = await runReferences(b.store.storage);
  for (const dryRun of [true, false]) {
    assert.equal(left(b).length, 2);
    const removed = await clean(b.store, { what: 'unreferenced', runs, dryRun });
    assert.deepEqual(
      removed.map(({ path, label }) => [path, label]),
      [[`runs/${id}`, 'record of a killed run']],
    );
  }
  assert.equal(left(b).length, 1);
});

test('a stray file among the records of runs is none of them, and what cannot be read ends no run', async (t) => {
  const b = bench(t);
  const storage = b.store.storage;
  const id = kill(b, await begin(b));
  const last = await finishedLater(b);
  writeFileSync(join(storage, 'runs', '.DS_Store'), '');
  assert.deepEqual(
    (await runReferences(storage)).map((run) => run.id),
    [id, last],
  );
  assert.deepEqual(await listRuns(storage).then(({ damaged }) => damaged), []);
  rmSync(eventsPath(storage, last));
  mkdirSync(eventsPath(storage, last));
  await assert.rejects(runReferences(storage), { code: 'EISDIR' });
  await tidyKilledRuns(storage);
  assert.deepEqual(left(b), ['.DS_Store', id, last]);
});
