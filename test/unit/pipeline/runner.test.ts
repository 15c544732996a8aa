import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { CorruptionError, InputError, InterruptedError, ResourceError } from '../../../src/common/errors.ts';
import { writeFileAtomic } from '../../../src/common/files.ts';
import { lockOwner } from '../../../src/pipeline/lock.ts';
import { collectCost, plan } from '../../../src/pipeline/plan.ts';
import { runStage } from '../../../src/pipeline/runner.ts';
import { fingerprint } from '../../../src/pipeline/stage.ts';
import { gate, until } from '../../support/waiting.ts';
import { bench, cost, stage } from './fixtures.ts';

test('computes inputs first, each once, and reuses the result without a look at the inputs', async (t) => {
  const { store, told, run } = bench(t);
  const base = stage('base');
  const top = stage('top', {
    inputs: { left: stage('left', { inputs: { base } }), right: stage('right', { inputs: { base } }) },
  });
  await run(top);
  const order = ['base', 'left', 'right', 'top'].flatMap((label) => [
    `${label} started`,
    `${label} finished`,
  ]);
  assert.deepEqual(told, order);
  told.length = 0;
  await rm(store.artifactFolder(fingerprint(base)), { recursive: true });
  await run(top);
  assert.deepEqual(told, ['top reused']);
});

test('gives a stage the folders of its inputs by role, and says which roles there are', async (t) => {
  const { run } = bench(t);
  const words = stage('words');
  const copy = stage('copy', {
    inputs: { words },
    run: async (context) => {
      const text = readFileSync(join(context.input('words'), 'label.txt'), 'utf8');
      writeFileSync(join(context.directory, 'copy.txt'), text);
    },
  });
  const artifact = await run(copy);
  assert.equal(readFileSync(join(artifact.directory, 'copy.txt'), 'utf8'), 'words');
  const wrong = stage('wrong', { inputs: { words }, run: async (context) => void context.input('tokens') });
  await assert.rejects(run(wrong), /asked for the input "tokens" and has words/);
});

test('two tasks of one process that need the same stage compute it once', async (t) => {
  const { told, options } = bench(t);
  const isWaitedFor = () => told.includes('slow waiting');
  const slow = stage('slow', { run: () => until('the other task waits', isWaitedFor).then(() => undefined) });
  const [one, two] = await Promise.all([runStage(slow, options), runStage(slow, options)]);
  assert.equal(one.directory, two.directory);
  assert.deepEqual(told.sort(), ['slow finished', 'slow reused', 'slow started', 'slow waiting']);
});

test('a failed stage tells why, keeps its work and resumes; all attempts are booked', async (t) => {
  const { store, told, events, run } = bench(t);
  const once = stage('once', {
    run: async (context) => {
      const mark = join(context.scratch, 'tried');
      const first = !existsSync(mark);
      writeFileSync(mark, '');
      context.book(cost(5));
      if (first) throw new InputError('The file a.txt is odd.', 'Mend it.');
    },
  });
  await assert.rejects(run(once), InputError);
  const failed = events.at(-1);
  assert.ok(failed?.state === 'failed');
  assert.deepEqual([failed.message, failed.hint], ['The file a.txt is odd.', 'Mend it.']);
  assert.equal((await plan([once], store))[0].state, 'to resume');
  assert.equal(lockOwner(store.lockFolder(fingerprint(once))), undefined);
  const artifact = await run(once);
  assert.deepEqual(told, ['once started', 'once failed', 'once started', 'once finished']);
  assert.ok(events.some((event) => event.state === 'started' && event.resumed));
  assert.equal(artifact.manifest.cost.flops, 10);
  assert.equal(artifact.manifest.cost.tokens, 2);
  assert.deepEqual(artifact.manifest.files, []);
  assert.equal(existsSync(store.workFolder(artifact.fingerprint)), false);
});

test('a stopped stage is interrupted, not failed, and keeps its work', async (t) => {
  const stop = new AbortController();
  const { store, told, run } = bench(t, stop.signal);
  const endless = stage('endless', {
    run: async (context) => {
      writeFileSync(join(context.scratch, 'checkpoint'), '1');
      setImmediate(() => stop.abort());
      await once(context.signal, 'abort');
      context.signal.throwIfAborted();
    },
  });
  await assert.rejects(run(endless), InterruptedError);
  assert.deepEqual(told, ['endless started', 'endless interrupted']);
  const scratch = join(store.workFolder(fingerprint(endless)), 'scratch');
  assert.deepEqual(readdirSync(scratch), ['checkpoint']);
});

test('a stage whose storage was moved away ends with the reason, and makes nothing of the storage again', async (t) => {
  const { store, run } = bench(t);
  const moving = stage('moving', {
    run: async (context) => {
      renameSync(store.storage, `${store.storage} moved`);
      await writeFileAtomic(join(context.directory, 'weights'), 'made');
    },
  });
  await assert.rejects(run(moving), /is not there: nothing was written/);
  // The next one of the run, too.
  await assert.rejects(run(stage('next')), /is not there: nothing was written/);
  assert.ok(!existsSync(store.storage));
});

test('a stopped stage whose checkpoint a full disk does not take has failed', async (t) => {
  const stop = new AbortController();
  const { told, run } = bench(t, stop.signal);
  const full = stage('full', {
    run: async () => {
      stop.abort();
      throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    },
  });
  await assert.rejects(run(full), ResourceError);
  assert.deepEqual(told, ['full started', 'full failed']);
});

test('a truncated artifact is moved aside, told about and computed anew, also when it is an input', async (t) => {
  const { store, told, events, run } = bench(t);
  const base = stage('base');
  const first = await run(base);
  truncateSync(join(first.directory, 'label.txt'), 2);
  told.length = 0;
  await run(stage('top', { inputs: { base } }));
  assert.deepEqual(told, [
    'base quarantined',
    'base started',
    'base finished',
    'top started',
    'top finished',
  ]);
  const moved = events.find((event) => event.state === 'quarantined');
  assert.ok(moved?.state === 'quarantined');
  assert.match(moved.message, /label\.txt has 2 bytes instead of 4/);
  assert.equal(readFileSync(join(moved.movedTo, 'label.txt'), 'utf8'), 'ba');
  assert.ok(await store.verify(first.fingerprint));
});

test('unfinished work whose record is damaged is moved aside and begun anew', async (t) => {
  const { store, told, run } = bench(t);
  const odd = stage('odd');
  const failing = stage('odd', { run: () => Promise.reject(new Error('no')) });
  await assert.rejects(run(failing), /no/);
  writeFileSync(join(store.workFolder(fingerprint(odd)), 'cost.json'), '{"flo');
  told.length = 0;
  await run(odd);
  assert.deepEqual(told, ['odd quarantined', 'odd started', 'odd finished']);
});

test('what only a stage that reads it finds damaged is moved aside and computed anew, and nothing is said to have failed', async (t) => {
  const { store, told, run } = bench(t);
  const large = 'x'.repeat(3_000_000);
  const base = stage('base', {
    run: async ({ directory }) => writeFileSync(join(directory, 'large.txt'), large),
  });
  const path = join((await run(base)).directory, 'large.txt');
  writeFileSync(path, `y${large.slice(1)}`);
  const top = stage('top', {
    inputs: { base },
    run: async (context) => {
      if (readFileSync(join(context.input('base'), 'large.txt'), 'utf8') !== large) throw damaged('input');
      if (existsSync(join(context.scratch, 'odd'))) throw damaged('work');
      writeFileSync(join(context.directory, 'label.txt'), 'top');
    },
  });
  told.length = 0;
  assert.ok(await run(top));
  assert.deepEqual(told, [
    'base reused',
    'top started',
    'base quarantined',
    'base started',
    'base finished',
    'top started',
    'top finished',
  ]);
  const begun = stage('begun', { run: () => Promise.reject(new Error('stopped')) });
  await assert.rejects(run(begun));
  writeFileSync(join(store.workFolder(fingerprint(begun)), 'scratch', 'odd'), '');
  told.length = 0;
  await run({
    ...begun,
    inputs: {},
    run: async ({ scratch }) => {
      if (existsSync(join(scratch, 'odd'))) throw damaged('work');
    },
  });
  assert.deepEqual(told, ['begun started', 'begun quarantined', 'begun started', 'begun finished']);
  const always = stage('always', { run: () => Promise.reject(damaged('something')) });
  await assert.rejects(run(always), /something is damaged/);
});

const damaged = (what: string) => new CorruptionError(`${what} is damaged`, '');

test('an input that is cleaned away while its stage waits is computed again', async (t) => {
  const { store, told, options, run } = bench(t);
  const ending = gate();
  const base = stage('base');
  const top = stage('top', {
    inputs: { base },
    run: async (context) => void readdirSync(context.input('base')),
  });
  await run(base);
  told.length = 0;
  const other = stage('top', {
    inputs: { base },
    run: () => ending.opened.then(() => Promise.reject(new Error('ended'))),
  });
  const failing = assert.rejects(runStage(other, options), /ended/);
  await until('it computes', () => told.includes('top started'));
  const waiting = run(top);
  await until('the other waits', () => told.includes('top waiting'));
  await rm(store.artifactFolder(fingerprint(base)), { recursive: true });
  ending.open();
  await failing;
  await waiting;
  const rest = told.slice(told.indexOf('top failed') + 1);
  assert.deepEqual(rest, ['base started', 'base finished', 'top started', 'top finished']);
});

test('sums costs by booking with each stage once, also after inputs were cleaned away', async (t) => {
  const { store, run } = bench(t);
  const base = stage('base');
  const tune = stage('tune', { inputs: { base }, booking: 'specialization' });
  const top = stage('top', { inputs: { tune }, booking: 'specialization' });
  await assert.rejects(collectCost(top, store), InputError);
  await run(top);
  await rm(store.artifactFolder(fingerprint(base)), { recursive: true });
  const sums = await collectCost(top, store);
  assert.equal(sums.generic.flops, 1);
  assert.equal(sums.specialization.flops, 2);
  assert.equal(sums.specialization.tokens, 2);
  assert.ok(sums.specialization.seconds > 0, 'the checksums are booked');
  assert.deepEqual(
    sums.entries.map(({ label }) => label),
    ['base', 'tune', 'top'],
  );
});

test('plans in the order of execution and says what is cached and what is not needed', async (t) => {
  const { store, run } = bench(t);
  const base = stage('base');
  const middle = stage('middle', { inputs: { base } });
  const top = stage('top', { inputs: { middle, base } });
  const states = async () =>
    (await plan([top, middle], store)).map((one) => `${one.stage.label} ${one.state}`);
  assert.deepEqual(await states(), ['base to compute', 'middle to compute', 'top to compute']);
  await run(middle);
  assert.deepEqual(await states(), ['base cached', 'middle cached', 'top to compute']);
  await run(top);
  await rm(store.artifactFolder(fingerprint(base)), { recursive: true });
  assert.deepEqual(await states(), ['base not needed', 'middle cached', 'top cached']);
});
