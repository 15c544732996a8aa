import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, test } from 'node:test';
import { acquireLock, lockOwner, tryLock } from '../../../src/pipeline/lock.ts';
import { liveness, thisProcess } from '../../../src/pipeline/owner.ts';
import { until } from '../../support/waiting.ts';
import { startScript } from './processes.ts';

const root = mkdtempSync(join(tmpdir(), 'parlance-lock-'));
after(() => rmSync(root, { recursive: true, force: true }));
const script = new URL('lock.child.ts', import.meta.url);

test('never has two owners, with five processes of which two are killed while they hold it', async () => {
  const [folder, inside] = [join(root, 'stress'), join(root, 'inside')];
  const plans = [
    [400, 0],
    [400, 0],
    [400, 0],
    [400, 50],
    [400, 90],
  ];
  const children = plans.map((plan) => startScript(script, [folder, inside, ...plan.map(String)]));
  const ends = await Promise.all(children.map((child) => child.ended));
  assert.deepEqual(ends, [0, 0, 0, 'SIGKILL', 'SIGKILL']);
  const entries = children.map((child) => child.lines.length);
  assert.deepEqual(entries, [400, 400, 400, 50, 90]);
});

test('is taken over at once from a killed owner, and waited for with its number while that one lives', async () => {
  const folder = join(root, 'killed');
  const child = startScript(new URL('hold.child.ts', import.meta.url), [folder]);
  await child.until('held');
  assert.equal(tryLock(folder), undefined);
  assert.equal(lockOwner(folder)?.pid, child.process.pid);
  const pids: number[] = [];
  const waiting = acquireLock(folder, {
    signal: new AbortController().signal,
    onWaiting: ({ pid }) => pids.push(pid),
    // Its death must be seen, not guessed from its silence.
    heartbeatLimitMs: Number.POSITIVE_INFINITY,
  });
  child.process.kill('SIGKILL');
  await child.ended;
  const lock = await waiting;
  assert.deepEqual(pids, [child.process.pid]);
  assert.equal(lockOwner(folder)?.pid, process.pid);
  lock.release();
});

test('a stopped owner that still exists keeps the lock', { skip: process.platform !== 'linux' }, async () => {
  const folder = join(root, 'stopped');
  const child = startScript(new URL('hold.child.ts', import.meta.url), [folder]);
  await child.until('held');
  child.process.kill('SIGSTOP');
  const giveUp = AbortSignal.timeout(600);
  await assert.rejects(
    acquireLock(folder, { signal: giveUp, onWaiting: () => undefined, heartbeatLimitMs: 200 }),
    /Stopped while waiting/,
  );
  child.process.kill('SIGKILL');
  await child.ended;
});

test('a process that ended but was not collected counts as dead', {
  skip: process.platform !== 'linux',
}, async (t) => {
  const parent = spawn('sh', ['-c', 'cat <&3 & echo $!; exec sleep 3600'], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  t.after(() => parent.kill('SIGKILL'));
  const [fromShell, toChild] = [parent.stdio[1], parent.stdio[3]];
  assert.ok(fromShell !== null && toChild instanceof Writable);
  const [output] = await once(fromShell, 'data');
  const pid = Number(String(output));
  // A shell collects its children, `sleep` does not: the child may end once there is no shell any more.
  await until('the shell is another program', () =>
    readFileSync(`/proc/${parent.pid}/comm`, 'utf8').startsWith('sleep'),
  );
  toChild.end();
  const fields = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  await until('it has ended', () => fields()[0] === 'Z');
  const startTicks = fields()[19];
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const zombie = { ...thisProcess(), pid, instance: 'another', started: `${boot}/${startTicks}` };
  assert.equal(process.kill(zombie.pid, 0), true);
  assert.equal(liveness(zombie), 'dead');
});
