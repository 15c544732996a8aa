import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { CorruptionError } from '../../../../src/common/errors.ts';
import {
  EventLogWriter,
  followEvents,
  lastEvents,
  type RunEvent,
  readEvents,
} from '../../../../src/experiments/runs/events.ts';

const root = mkdtempSync(join(tmpdir(), 'parlance-events-'));
after(() => rmSync(root, { recursive: true, force: true }));

const planned = (text: string): RunEvent => ({ type: 'plan', fingerprints: [text], stages: [] });

function writeLog(path: string, texts: readonly string[]): void {
  const log = new EventLogWriter(path);
  for (const text of texts) log.append(planned(text));
  log.close();
}

test('reads back what was appended, with numbers and times, over several openings', () => {
  const path = join(root, 'plain.jsonl');
  writeLog(path, ['a', 'b']);
  writeLog(path, ['c']);
  const { events } = readEvents(path);
  assert.deepEqual(
    events.map(({ sequence }) => sequence),
    [0, 1, 2],
  );
  assert.deepEqual(
    events.map(({ event }) => event),
    ['a', 'b', 'c'].map(planned),
  );
  assert.ok(events.every(({ time }) => !Number.isNaN(Date.parse(time))));
});

test('wherever a kill tears the log off, whole lines are read, the rest is cut away and numbers go on', () => {
  const path = join(root, 'torn.jsonl');
  writeLog(path, ['a', 'bé', 'c']);
  const whole = readFileSync(path);
  fc.assert(
    fc.property(fc.nat(whole.length), (cut) => {
      writeFileSync(path, whole.subarray(0, cut));
      const kept = readEvents(path).events.length;
      assert.equal(kept, whole.subarray(0, cut).toString('latin1').split('\n').length - 1);
      writeLog(path, ['next']);
      const { events } = readEvents(path);
      assert.deepEqual(
        events.map(({ sequence }) => sequence),
        [...Array(kept + 1).keys()],
      );
      assert.deepEqual(events.at(-1)?.event, planned('next'));
    }),
  );
});

test('a damaged line in the middle is reported with the file, not skipped', () => {
  const path = join(root, 'damaged.jsonl');
  writeLog(path, ['a', 'b']);
  writeFileSync(path, readFileSync(path, 'utf8').replace('"plan"', '"plam"'));
  assert.throws(
    () => readEvents(path),
    (error) => error instanceof CorruptionError && error.message.includes(path),
  );
});

test('reading goes on from an offset, and a line that is half there waits for its end', () => {
  const path = join(root, 'offset.jsonl');
  assert.deepEqual(readEvents(path), { events: [], offset: 0 });
  writeLog(path, ['a']);
  const first = readEvents(path);
  const line = readFileSync(path, 'utf8').replace('"sequence":0', '"sequence":1');
  appendFileSync(path, line.slice(0, 20));
  assert.deepEqual(readEvents(path, first.offset), { events: [], offset: first.offset });
  appendFileSync(path, line.slice(20));
  assert.deepEqual(
    readEvents(path, first.offset).events.map(({ sequence }) => sequence),
    [1],
  );
});

test('follows a log that begins later, until it is stopped', async () => {
  const path = join(root, 'followed.jsonl');
  const stop = new AbortController();
  const seen: number[] = [];
  setTimeout(() => writeLog(path, ['a', 'b']), 50);
  setTimeout(() => writeLog(path, ['c']), 400);
  for await (const { sequence } of followEvents(path, stop.signal)) {
    seen.push(sequence);
    if (sequence === 2) stop.abort();
  }
  assert.deepEqual(seen, [0, 1, 2]);
});

test('gives the last events of a long log', () => {
  const path = join(root, 'long.jsonl');
  assert.deepEqual(lastEvents(path, 3), []);
  writeLog(
    path,
    Array.from({ length: 3000 }, (_, i) => `event ${i} ${'x'.repeat(50)}`),
  );
  assert.deepEqual(
    lastEvents(path, 3).map(({ sequence }) => sequence),
    [2997, 2998, 2999],
  );
  assert.deepEqual(lastEvents(path, 2000), readEvents(path).events.slice(-2000));
  assert.equal(lastEvents(path, 5000).length, 3000);
});
