import assert from 'node:assert/strict';
import { existsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CleanWhat, clean, measureStorage, type RunReference } from '../../../src/pipeline/clean.ts';
import { fingerprint } from '../../../src/pipeline/stage.ts';
import { gate } from '../../support/waiting.ts';
import { type Bench, bench, stage } from './fixtures.ts';

const base = stage('base');
const top = stage('top', { inputs: { base } });
const alone = stage('alone');
const begun = stage('begun', { run: () => Promise.reject(new Error('stop')) });

async function filled({ run }: Bench): Promise<void> {
  await run(top);
  await run(alone);
  await assert.rejects(run(begun));
}

const runOfTop = (live: boolean): RunReference[] => [
  { id: 'r1', live, isSuperfluous: false, fingerprints: [fingerprint(top)] },
];

async function cleaned(
  { store }: Bench,
  what: CleanWhat,
  runs: RunReference[],
  dryRun = false,
): Promise<string[]> {
  const removed = await clean(store, { what, runs, dryRun });
  return removed.map(({ path, label }) => `${path.split('/')[0]} ${label}`).sort();
}

test('measures artifacts, work, quarantine and runs, and tells which runs refer to what', async (t) => {
  const b = bench(t);
  await filled(b);
  const use = await measureStorage(b.store, runOfTop(false));
  const users = Object.fromEntries(use.artifacts.map((one) => [one.label, one.runs]));
  assert.deepEqual(users, { base: ['r1'], top: ['r1'], alone: [] });
  assert.deepEqual(
    use.work.map(({ label }) => label),
    ['begun'],
  );
  const sum = [...use.artifacts, ...use.work].reduce((total, { bytes }) => total + bytes, 0);
  assert.equal(use.totalBytes, sum);
  assert.ok(use.artifacts.every(({ bytes, inUse }) => bytes > 100 && !inUse));
});

test('unreferenced keeps what runs refer to, with everything that it was made from', async (t) => {
  const b = bench(t);
  await filled(b);
  assert.deepEqual(await cleaned(b, 'unreferenced', runOfTop(false)), ['artifacts alone', 'work begun']);
  assert.equal((await b.store.list()).length, 2);
});

test('a dry run lists the same and removes nothing', async (t) => {
  const b = bench(t);
  await filled(b);
  const told = await cleaned(b, 'all', [], true);
  assert.equal((await b.store.list()).length, 3);
  assert.deepEqual(await cleaned(b, 'all', []), told);
  assert.deepEqual([await b.store.list(), await b.store.listWork()], [[], []]);
});

test('all keeps what a live run refers to', async (t) => {
  const b = bench(t);
  await filled(b);
  assert.deepEqual(await cleaned(b, 'all', runOfTop(true)), ['artifacts alone', 'work begun']);
});

test('work and quarantine remove only those', async (t) => {
  const b = bench(t);
  await filled(b);
  truncateSync(join(b.store.artifactFolder(fingerprint(alone)), 'label.txt'), 1);
  await b.run(alone);
  assert.deepEqual(await cleaned(b, 'work', []), ['work begun']);
  assert.deepEqual(await cleaned(b, 'quarantine', []), ['quarantine ']);
  assert.equal((await b.store.list()).length, 3);
});

test('never removes a running stage or what it reads', async (t) => {
  const b = bench(t);
  await filled(b);
  const [begun, cleaning] = [gate(), gate()];
  let sawInput = false;
  const reader = stage('reader', {
    inputs: { base },
    run: async (context) => {
      writeFileSync(join(context.directory, 'half'), '');
      begun.open();
      await cleaning.opened;
      sawInput = existsSync(context.input('base')) && existsSync(join(context.directory, 'half'));
    },
  });
  const running = b.run(reader);
  await begun.opened;
  assert.deepEqual(await cleaned(b, 'all', []), ['artifacts alone', 'artifacts top', 'work begun']);
  cleaning.open();
  await running;
  assert.equal(sawInput, true);
});
