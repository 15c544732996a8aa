import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FilePoll } from '../../../src/common/file-poll.ts';
import { until } from '../../support/waiting.ts';

function polled(t: TestContext): { file: string; other: string; told: () => number; poll: FilePoll } {
  const folder = mkdtempSync(join(tmpdir(), 'parlance-poll-'));
  const [file, other] = ['a.json', 'b.json'].map((name) => join(folder, name));
  let changes = 0;
  const poll = new FilePoll(
    () => [file, other],
    () => changes++,
    2,
  );
  t.after(() => {
    poll.dispose();
    rmSync(folder, { recursive: true, force: true });
  });
  return { file, other, told: () => changes, poll };
}

test('a file that comes, changes or goes is told once each', async (t) => {
  const { file, told, poll } = polled(t);
  await poll.note();
  writeFileSync(file, '1');
  await until('it came', () => told() === 1);
  writeFileSync(file, '12');
  await until('it changed', () => told() === 2);
  rmSync(file);
  await until('it went', () => told() === 3);
});

test('what was noted after it changed is not told, and nothing is before it was noted at all', async (t) => {
  const { file, other, told, poll } = polled(t);
  writeFileSync(file, '1');
  await poll.note();
  writeFileSync(other, '1');
  await until('the other came', () => told() === 1);
  await poll.note();
  writeFileSync(other, '22');
  await until('the other changed', () => told() === 2);
  assert.equal(told(), 2);
});

test('after its end nothing is told', async (t) => {
  const { file, told, poll } = polled(t);
  await poll.note();
  poll.dispose();
  writeFileSync(file, '1');
  for (let turn = 0; turn < 20; turn++) await new Promise((done) => setTimeout(done, 2));
  assert.equal(told(), 0);
});
