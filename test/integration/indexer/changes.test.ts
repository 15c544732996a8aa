/** What changes on disk is seen by the editor within a second, through a real process. */
import assert from 'node:assert/strict';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildIndexer, experiment, type Followed, filesOf, follow, textOf } from './followed-folder.ts';

let built: Awaited<ReturnType<typeof buildIndexer>>;
before(async () => {
  built = await buildIndexer();
});
after(() => built.remove());

const starting = { 'parlance.json': experiment(), 'books/a.txt': textOf(1), 'books/b.txt': textOf(2) };
const bytesOf = (followed: Followed) =>
  followed.summaries.at(-1)?.corpora.find(({ name }) => name === 'notes')?.labels['in-domain']?.bytes ?? 0;

test('edits, new files, renames, deletes and atomic saves are seen', async (t) => {
  const followed = await follow(t, built.program, {
    ...starting,
    'one.md': textOf(3),
    'deep/two.md': textOf(4),
    'three.md': textOf(5),
  });
  const { until, folder } = followed;
  await until((summary) => summary.state === 'ready' && filesOf(summary) === 3);
  await sleep(400);
  const before = bytesOf(followed);
  await followed.write('one.md', `${textOf(3)}more`);
  await until(() => bytesOf(followed) === before + 4);
  await followed.write('deep/four.md', textOf(6));
  await until((summary) => filesOf(summary) === 4);
  await rename(join(folder, 'deep'), join(folder, 'deeper'));
  await followed.write('deeper/five.md', textOf(7));
  await until((summary) => filesOf(summary) === 5);
  await rm(join(folder, 'three.md'));
  await until((summary) => filesOf(summary) === 4);
  const now = bytesOf(followed);
  await writeFile(join(folder, 'one.md.tmp'), textOf(3));
  await rename(join(folder, 'one.md.tmp'), join(folder, 'one.md'));
  await until(() => bytesOf(followed) === now - 4);
  await rm(join(folder, 'deeper'), { recursive: true });
  await until((summary) => filesOf(summary) === 1);
});

test('a folder that is deleted and made again is watched again, and so is one for labels that comes late', async (t) => {
  const followed = await follow(t, built.program, {
    ...starting,
    'one.md': textOf(3),
    'deep/two.md': textOf(4),
  });
  const { until, folder } = followed;
  await until((summary) => summary.state === 'ready' && filesOf(summary) === 2);
  await sleep(400);
  await rm(join(folder, 'deep'), { recursive: true });
  await until((summary) => filesOf(summary) === 1);
  await mkdir(join(folder, 'deep'));
  await sleep(1200);
  await followed.write('deep/three.md', textOf(5));
  await until((summary) => filesOf(summary) === 2);
  for (const label of ['held-out', 'in-domain', 'held-out']) {
    const labels = JSON.stringify({ version: 1, labels: [{ path: 'one.md', label }] });
    await followed.write('.parlance/labels.json', labels);
    await until((summary) => filesOf(summary, 'held-out') === Number(label === 'held-out'));
    await sleep(700);
  }
});

test('a new folder with files in folders in it is seen, and what .gitignore names is not', async (t) => {
  const followed = await follow(t, built.program, {
    ...starting,
    '.gitignore': 'out/\n',
    'one.md': textOf(3),
    'out/made.md': textOf(4),
    'node_modules/package/readme.md': textOf(5),
  });
  const { until, folder } = followed;
  await until((summary) => summary.state === 'ready' && filesOf(summary) === 1);
  await mkdir(join(folder, 'a', 'b', 'c'), { recursive: true });
  for (let i = 0; i < 5; i++) await followed.write(`a/b/c/${i}.md`, textOf(10 + i));
  await until((summary) => filesOf(summary) === 6);
  await followed.write('.gitignore', 'a/\n');
  await until((summary) => filesOf(summary) === 2);
});

test('a storm of 10,000 files ends in the right totals with at most four summaries a second', async (t) => {
  const followed = await follow(t, built.program, { ...starting, 'one.md': textOf(3) });
  const { until, folder, summaries } = followed;
  await until((summary) => summary.state === 'ready' && filesOf(summary) === 1);
  await sleep(500);
  const first = summaries.length;
  const startedMs = performance.now();
  for (let i = 0; i < 100; i++) {
    await mkdir(join(folder, `storm${i}`));
    const names = Array.from({ length: 100 }, (_, j) => join(folder, `storm${i}`, `${j}.md`));
    await Promise.all(names.map((name, j) => writeFile(name, textOf(i * 100 + j))));
  }
  await until((summary) => filesOf(summary) === 10_001);
  const tookSeconds = (performance.now() - startedMs) / 1000;
  assert.ok(
    summaries.length - first <= 4 * tookSeconds + 2,
    `${summaries.length - first} in ${tookSeconds} s`,
  );
  for (let i = 0; i < 100; i++) await rm(join(folder, `storm${i}`), { recursive: true });
  await until((summary) => filesOf(summary) === 1);
});

test('broken labels keep the labels before and say so; mended ones hold at once', async (t) => {
  const labels = (label: string) =>
    JSON.stringify({ version: 1, labels: [{ path: 'one.md', label }] }, undefined, 1);
  const followed = await follow(t, built.program, {
    ...starting,
    'one.md': textOf(3),
    'two.md': textOf(4),
    'four.md': textOf(5),
    '.parlance/labels.json': labels('held-out'),
  });
  const { until, client, file, folder } = followed;
  const ready = await until((summary) => summary.state === 'ready' && filesOf(summary, 'held-out') === 1);
  // The two books are of the generic corpus: nobody has to label them.
  assert.equal(ready.unlabelledFiles, 2);
  await followed.write('.parlance/labels.json', '{ "version": 1, "labels": [ {');
  const isBroken = ({ kind }: { kind: string }) => kind === 'labels file';
  const broken = await until((summary) => summary.corpora[1]?.warnings.some(isBroken));
  assert.match(broken.corpora[1].warnings.find(isBroken)?.message ?? '', /line 1/);
  assert.equal(filesOf(broken, 'held-out'), 1);
  await followed.write('.parlance/labels.json', labels('excluded'));
  const mended = await until((summary) => filesOf(summary, 'held-out') === 0);
  assert.equal(mended.corpora[1].labels.excluded?.files, 1);
  assert.ok(!mended.corpora[1].warnings.some(isBroken));
  const next = await client.nextUnlabelled(file, join(folder, 'four.md'));
  assert.equal(next, join(folder, 'two.md'));
  await followed.write(
    '.parlance/labels.json',
    JSON.stringify({ version: 1, labels: [{ glob: '*.md', label: 'in-domain' }] }),
  );
  // An answer right after labelling knows the label, whether or not the watcher has told of it.
  assert.equal(await client.nextUnlabelled(file, join(folder, 'four.md')), undefined);
});

test('a broken experiment file is told and what was known stays; mended it is followed again', async (t) => {
  const followed = await follow(t, built.program, { ...starting, 'one.md': textOf(3) });
  const { until } = followed;
  await until((summary) => summary.state === 'ready' && filesOf(summary) === 1);
  await followed.write('parlance.json', '{');
  const failed = await until((summary) => summary.state === 'failed');
  assert.match(failed.message, /not valid JSON/);
  assert.equal(filesOf(failed), 1);
  await followed.write('parlance.json', experiment({ path: '.', include: ['*.md', '*.txt'] }));
  await until((summary) => summary.state === 'ready' && filesOf(summary) === 3);
});
