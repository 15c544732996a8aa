import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { admit, type Computing } from '../../../src/host/admission.ts';
import { type MemoryFacts, usableMemory } from '../../../src/host/machine-memory.ts';
import { Queue } from '../../../src/host/queue.ts';
import { thisProcess } from '../../../src/pipeline/owner.ts';
import { until } from '../../support/waiting.ts';

const GB = 1e9;
const claim = (title: string, needBytes = GB) => ({ title, needBytes, source: 'predicted' as const });
const computing = (title: string, needBytes: number, heldBytes: number): Computing => ({
  ...claim(title, needBytes),
  heldBytes,
});
const machine = { availableBytes: 8 * GB, totalBytes: 16 * GB, cores: 8 };
const nobody = { computing: [], ahead: [], behind: [] };

test('the first of those that wait goes on, and shares the cores with those that may compute beside it', () => {
  assert.deepEqual(admit(claim('a'), nobody, 1, machine), { isAdmitted: true, threads: 8 });
  const others = { computing: [computing('b', GB, GB)], ahead: [], behind: [claim('c'), claim('d')] };
  assert.deepEqual(admit(claim('a'), others, 4, machine), { isAdmitted: true, threads: 2 });
  assert.deepEqual(admit(claim('a'), { ...others, behind: [] }, 64, { ...machine, cores: 1 }), {
    isAdmitted: true,
    threads: 1,
  });
});

test('says why it waits: its turn, how many compute, or memory with the amounts', () => {
  const why = (...given: Parameters<typeof admit>) => {
    const result = admit(...given);
    assert.ok(!result.isAdmitted);
    return result.why;
  };
  assert.match(
    why(claim('a'), { ...nobody, ahead: [claim('b'), claim('c')] }, 2, machine),
    /behind b and 1 more/,
  );
  const busy = { ...nobody, computing: [computing('b', GB, GB)] };
  assert.match(why(claim('a'), busy, 1, machine), /waits for b to end or pause: 1 of 1 compute/);
  assert.match(why(claim('a', 9.1 * GB), nobody, 1, machine), /needs 9\.1 GB as predicted, 8 GB free/);
});

test('memory that a computing run will still take is not free', () => {
  const others = { ...nobody, computing: [computing('b', 6 * GB, 1 * GB)] };
  const result = admit(claim('a', 4 * GB), others, 2, machine);
  assert.ok(!result.isAdmitted);
  assert.match(result.why, /until b ends: needs 4 GB as predicted, 3 GB free/);
  assert.ok(admit(claim('a', 3 * GB), others, 2, machine).isAdmitted);
});

test('what would never fit waits for those that compute, and then starts with a warning', () => {
  const result = admit(claim('a', 17 * GB), nobody, 1, machine);
  assert.ok(result.isAdmitted);
  assert.match(result.warning ?? '', /needs 17 GB as predicted, of 16 GB in all/);
  const busy = { ...nobody, computing: [computing('b', GB, GB)] };
  assert.ok(!admit(claim('a', 17 * GB), busy, 2, machine).isAdmitted);
  assert.ok(!admit(claim('a', 15 * GB), nobody, 1, machine).isAdmitted);
});

test('memory that the system gives back when asked counts as free', () => {
  const facts = { totalBytes: 16 * GB, limitBytes: 2 ** 64, freeBytes: GB, cacheBytes: 3 * GB };
  const available = (change: Partial<MemoryFacts>, heldBytes = 0) =>
    usableMemory({ ...facts, platform: 'linux', ...change }, heldBytes).availableBytes;
  assert.equal(available({}), GB);
  assert.equal(available({ limitBytes: 0 }), GB);
  assert.equal(available({ limitBytes: 8 * GB }), 4 * GB);
  assert.equal(available({ platform: 'darwin' }), 12 * GB);
  assert.equal(available({ platform: 'darwin' }, 2 * GB), 10 * GB);
});

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'parlance-queue-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const forever = new AbortController().signal;

test('at most as many compute as are allowed, in the order of their coming', async (t) => {
  const place = folder(t);
  const queue = new Queue(place, 1);
  const first = await queue.turn(claim('a', 1), forever, () => undefined);
  const order: string[] = [];
  const reasons: string[] = [];
  const enter = async (title: string) => {
    const turn = await queue.turn(claim(title, 1), forever, (why) => reasons.push(why));
    order.push(title);
    turn?.release();
  };
  const second = enter('b');
  await until('b waits', () => reasons.length === 1);
  const third = enter('c');
  await until('c waits', () => reasons.length === 2);
  assert.deepEqual(order, []);
  first?.release();
  await Promise.all([second, third]);
  assert.deepEqual(order, ['b', 'c']);
  assert.match(reasons[0], /waits for a/);
  assert.deepEqual(
    readdirSync(join(place, hostname())).filter((name) => name.endsWith('.json')),
    [],
  );
});

test('the ticket of a dead process counts for nothing, nor does a damaged one; both are swept', async (t) => {
  const place = folder(t);
  const dead = spawn(process.execPath, ['-e', '']);
  await once(dead, 'exit');
  mkdirSync(join(place, hostname()), { recursive: true });
  const owner = { ...thisProcess(), pid: dead.pid, started: 'then', instance: 'other' };
  writeFileSync(
    join(place, hostname(), '1.json'),
    JSON.stringify({ ...claim('dead'), owner, state: 'computing', heldBytes: 0 }),
  );
  writeFileSync(join(place, hostname(), '2.json'), '{');
  const turn = await new Queue(place, 1).turn(claim('a', 1), forever, () => undefined);
  assert.ok(turn !== undefined);
  const left = readdirSync(join(place, hostname()));
  assert.ok(!left.includes('1.json') && !left.includes('2.json'));
  turn.release();
});

test('a wait that is ended leaves no ticket', async (t) => {
  const place = folder(t);
  const queue = new Queue(place, 1);
  const first = await queue.turn(claim('a', 1), forever, () => undefined);
  const ending = new AbortController();
  const waiting = queue.turn(claim('b', 1), ending.signal, () => ending.abort());
  assert.equal(await waiting, undefined);
  first?.release();
  assert.deepEqual(
    readdirSync(join(place, hostname())).filter((name) => name.endsWith('.json')),
    [],
  );
});

test('a run of another machine that has the same home folder takes no place of this one', async (t) => {
  const place = folder(t);
  const owner = { ...thisProcess(), host: 'another', instance: 'other' };
  const ticket = JSON.stringify({ ...claim('b'), owner, state: 'computing', heldBytes: 0 });
  for (const there of ['', 'another']) {
    mkdirSync(join(place, there), { recursive: true });
    writeFileSync(join(place, there, '1.json'), ticket);
  }
  const ending = new AbortController();
  const turn = await new Queue(place, 1).turn(claim('a', 1), ending.signal, () => ending.abort());
  assert.ok(turn !== undefined);
  turn.release();
});

test('a run that computes keeps its place over a sleep of the machine, where its process cannot be asked', async (t) => {
  const place = folder(t);
  const path = join(place, hostname(), '1.json');
  mkdirSync(dirname(path), { recursive: true });
  const owner = { ...thisProcess(), host: 'renamed', instance: 'other' };
  writeFileSync(path, JSON.stringify({ ...claim('b'), owner, state: 'computing', heldBytes: 0 }));
  const ending = new AbortController();
  let looks = 0;
  const now = Date.now.bind(Date);
  t.mock.method(Date, 'now', () => now() + (looks > 0 ? 36_000_000 : 0));
  const turn = new Queue(place, 1).turn(claim('a', 1), ending.signal, () => looks++);
  await until('it waits', () => looks > 0);
  const own = join(place, hostname(), '2.json');
  const before = statSync(own).mtimeMs;
  await until('it has looked again', () => statSync(own).mtimeMs > before);
  ending.abort();
  assert.equal(await turn, undefined);
  assert.ok(existsSync(path));
});
