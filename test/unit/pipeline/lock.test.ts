import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { InterruptedError } from '../../../src/common/errors.ts';
import { LifeWatch } from '../../../src/pipeline/heartbeat.ts';
import { acquireLock, lockOwner, tryLock } from '../../../src/pipeline/lock.ts';
import { liveness, type ProcessIdentity, thisProcess } from '../../../src/pipeline/owner.ts';

const root = mkdtempSync(join(tmpdir(), 'parlance-lock-'));
after(() => rmSync(root, { recursive: true, force: true }));
const signal = new AbortController().signal;
const ignore = () => undefined;

/** A lock as another process left it. */
function foreign(name: string, change: Partial<ProcessIdentity>): string {
  const folder = join(root, name);
  mkdirSync(folder);
  const owner = { ...thisProcess(), instance: 'another', since: '2026-01-01T00:00:00.000Z', ...change };
  writeFileSync(join(folder, '1'), JSON.stringify(owner));
  return folder;
}

test('is held until it is released, and then free', () => {
  const folder = join(root, 'simple');
  const lock = tryLock(folder);
  assert.ok(lock);
  assert.equal(lock.isHeld(), true);
  assert.equal(tryLock(folder), undefined);
  assert.equal(lockOwner(folder)?.pid, process.pid);
  lock.release();
  assert.equal(lockOwner(folder), undefined);
  const next = tryLock(folder);
  assert.ok(next);
  assert.equal(next.isHeld(), true);
  assert.equal(lock.isHeld(), false);
  next.release();
});

test('a number of this process that an earlier one left is not taken for a live owner', () => {
  const folder = foreign('reused', {});
  const lock = tryLock(folder);
  assert.ok(lock, 'the lock of a dead process is free');
  lock.release();
});

test('the same number started at another time is another process', {
  skip: process.platform !== 'linux',
}, () => {
  const parent = { ...thisProcess(), pid: process.ppid, instance: 'parent', started: 'boot/1' };
  assert.equal(liveness(parent), 'dead');
});

test('the owner on another host keeps its lock while its heartbeat goes on, and loses it when that stands still', async () => {
  const folder = foreign('host', { host: 'elsewhere' });
  const owners: string[] = [];
  const beating = setInterval(() => utimesSync(join(folder, '1'), new Date(), new Date()), 50);
  const waiting = acquireLock(folder, {
    signal,
    onWaiting: ({ host }) => owners.push(host),
    // More than one look adds, however late it comes: two looks without a beat between them are not to be had.
    heartbeatLimitMs: 1200,
  });
  const early = await Promise.race([waiting, sleep(1800)]);
  assert.equal(early, undefined);
  clearInterval(beating);
  const lock = await waiting;
  assert.ok(lock.isHeld());
  assert.deepEqual(owners, ['elsewhere']);
  lock.release();
});

test('an old heartbeat alone does not cost the owner its lock: it is watched first', async () => {
  const folder = foreign('asleep', { host: 'elsewhere' });
  utimesSync(join(folder, '1'), new Date(0), new Date(0));
  const stop = AbortSignal.timeout(300);
  await assert.rejects(acquireLock(folder, { signal: stop, onWaiting: ignore }), InterruptedError);
});

test('an owner that was seen living is not taken for dead because the machine has slept, but when its heart stands still', (t) => {
  const folder = foreign('slept', { host: 'elsewhere' });
  let [clockMs, nowMs] = [Date.now(), 0];
  t.mock.method(Date, 'now', () => clockMs);
  t.mock.method(performance, 'now', () => nowMs);
  const watch = new LifeWatch();
  assert.ok(lockOwner(folder, watch));
  clockMs += 36_000_000;
  nowMs += 36_000_000;
  assert.ok(lockOwner(folder, watch));
  assert.equal(lockOwner(folder), undefined, 'whoever looks for the first time has only the clock');
  let looks = 0;
  for (; lockOwner(folder, watch) !== undefined; looks++) {
    clockMs += 1000;
    nowMs += 1000;
  }
  assert.ok(looks > 100 && looks <= 120, `${looks} looks`);
});

test('a lock whose writer died over it is taken once it was watched', async () => {
  const folder = join(root, 'empty');
  mkdirSync(folder);
  writeFileSync(join(folder, '7'), '');
  assert.equal(tryLock(folder), undefined);
  const lock = await acquireLock(folder, { signal, onWaiting: ignore, heartbeatLimitMs: 150 });
  assert.ok(lock.isHeld());
  lock.release();
});
