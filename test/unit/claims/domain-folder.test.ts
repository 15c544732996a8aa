import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type DomainText, domainFolder, spread } from '../../claims/domain-folder.ts';

const files = (count: number, bytes: number) =>
  Array.from({ length: count }, (_, i) => ({ name: `${i}`.padStart(3, '0'), bytes }));

test('a sample is spread over the names, in their order, and reaches the size asked for', () => {
  for (const [count, wanted] of [
    [100, 1000],
    [116, 2200],
    [59, 500],
  ]) {
    const all = files(count, 100);
    const places = spread(all, wanted).map((file) => all.indexOf(file));
    assert.equal(places.length, wanted / 100);
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
    // No part of the list is passed over: gaps are at most three times the mean one.
    const gaps = [...places, count].map((place, i) => place - (places[i - 1] ?? 0));
    assert.ok(Math.max(...gaps) <= (3 * count) / places.length, `${places}`);
  }
});

test('of fewer files than asked for all are taken', () => {
  assert.deepEqual(spread(files(3, 10), 1000), files(3, 10));
});

test('the sample and the whole hold out the same files, and validate on as much text', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'parlance-domain-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  for (const part of ['train', 'test']) {
    await mkdir(join(root, part));
    for (const { name } of files(20, 0))
      await writeFile(join(root, part, `${name}{a,b}#.txt`), 'a'.repeat(50_000));
  }
  const { sample, whole } = await domainFolder(root);
  assert.equal(sample.split?.validation, 0.1);
  assert.ok(Math.abs((whole.split?.validation ?? 0) - 0.05) < 1e-9);
  assert.deepEqual(sample.sources[1], whole.sources[1]);
  const named = ({ sources }: DomainText) =>
    JSON.stringify(sources[0]).match(/\\\\\{a,b\\\\\}\\\\#\.txt/g)?.length;
  assert.deepEqual([named(sample), named(whole)], [10, 20]);
});
