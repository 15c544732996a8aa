/** A walk that is asked again for what changed: it knows what a new one would know. */
import assert from 'node:assert/strict';
import { mkdir, rm, symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { SourceWalk } from '../../../../src/corpus/sources/source-walk.ts';
import { makeFolder } from '../temporary-corpus.ts';

const notReadOf = (walk: SourceWalk) => [...walk.notRead.values()].map(({ path }) => path);

test('what git no longer ignores is no more told to be ignored', async (t) => {
  const root = await makeFolder(t, { '.git/HEAD': '', '.gitignore': 'a.txt\n', 'a.txt': 'a', 'b.txt': 'b' });
  const walk = new SourceWalk(0, { path: root, include: ['*.txt'] });
  await walk.start();
  assert.deepEqual(notReadOf(walk), ['a.txt']);
  await unlink(join(root, '.gitignore'));
  await walk.visit(join(root, '.gitignore'));
  assert.deepEqual([walk.files.size, notReadOf(walk)], [2, []]);
});

test('what was not read of a folder, and links that led out of it, are forgotten with it', async (t) => {
  const root = await makeFolder(t, { 'a.txt': 'a' });
  const elsewhere = await makeFolder(t, { 'b.txt': 'b' });
  const walk = new SourceWalk(0, { path: root }, { within: root });
  await walk.start();
  await mkdir(join(root, 'd', 'inner'), { recursive: true });
  await symlink(elsewhere, join(root, 'd', 'inner', 'out'));
  await symlink(join(root, 'nothing.txt'), join(root, 'd', 'nothing.txt'));
  await walk.visit(join(root, 'd'));
  assert.deepEqual([notReadOf(walk), walk.outside.size], [['d/nothing.txt'], 1]);
  await rm(join(root, 'd'), { recursive: true });
  await walk.visit(join(root, 'd'));
  assert.deepEqual([notReadOf(walk), walk.outside.size], [[], 0]);
});

test('a walk knows whether it met links to files, which change without a notice', async (t) => {
  const elsewhere = await makeFolder(t, { 'b.txt': 'b' });
  const root = await makeFolder(t, { 'a.txt': 'a' });
  const walk = new SourceWalk(0, { path: root });
  await walk.start();
  assert.equal(walk.hasLinkedFiles, false);
  await symlink(join(elsewhere, 'b.txt'), join(root, 'b.txt'));
  await walk.visit(join(root, 'b.txt'));
  assert.equal(walk.hasLinkedFiles, true);
  const file = new SourceWalk(0, { path: join(root, 'b.txt') });
  await file.start();
  assert.equal(file.hasLinkedFiles, true);
  await unlink(join(root, 'b.txt'));
  await walk.start();
  assert.equal(walk.hasLinkedFiles, false);
});
