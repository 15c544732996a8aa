import assert from 'node:assert/strict';
import { mkdir, rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { expandBraces, pathMatcher } from '../../../src/corpus/globs.ts';
import { listFiles } from '../../../src/corpus/sources.ts';
import type { CorpusSource } from '../../../src/corpus/specification.ts';
import { makeFolder } from './temporary-corpus.ts';

const paths = async (source: CorpusSource) => (await listFiles([source])).files.map((file) => file.path);

test('nested .gitignore files hold as in git, also those above the source', async (t) => {
  const folder = await makeFolder(t, {
    '.git/HEAD': '',
    '.gitignore': '*.md\nbuild/\n',
    'docs/.gitignore': '!keep.md\n/own.txt\n',
    'docs/keep.md': 'x',
    'docs/other.md': 'x',
    'docs/own.txt': 'x',
    'docs/sub/own.txt': 'x',
    'docs/build/a.txt': 'x',
    'top.md': 'x',
    'top.txt': 'x',
  });
  assert.deepEqual(await paths({ path: folder }), ['docs/keep.md', 'docs/sub/own.txt', 'top.txt']);
  assert.deepEqual(await paths({ path: join(folder, 'docs') }), ['keep.md', 'sub/own.txt']);
});

test('include and exclude patterns choose files; an included unknown type counts as text', async (t) => {
  const folder = await makeFolder(t, {
    'a.md': '',
    'b.txt': '',
    'c/d.log': '',
    'c/e.md': '',
    'node_modules/x.md': '',
    '.h/x.md': '',
  });
  assert.deepEqual(await paths({ path: folder }), ['a.md', 'b.txt', 'c/e.md']);
  assert.deepEqual(await paths({ path: folder, include: ['**/*.{md,log}'], exclude: ['a.md'] }), [
    'c/d.log',
    'c/e.md',
  ]);
  assert.deepEqual(await paths({ path: folder, exclude: ['c/'] }), ['a.md', 'b.txt']);
});

test('loops of links end, a linked folder is read once, and dangling links are reported', async (t) => {
  const folder = await makeFolder(t, { 'real/a.txt': 'x', 'b.txt': 'x' });
  await symlink('..', join(folder, 'real/up'));
  await symlink('real', join(folder, 'again'));
  await symlink('nowhere', join(folder, 'gone.txt'));
  await mkdir(join(folder, 'folder.txt'));
  const { files, notRead } = await listFiles([{ path: folder }]);
  assert.deepEqual(
    files.map((file) => file.path),
    ['b.txt', 'real/a.txt'],
  );
  assert.deepEqual(notRead, [{ path: 'gone.txt', reason: 'unreadable' }]);
});

test('a linked file outside the source is read', async (t) => {
  const folder = await makeFolder(t, { 'in/a.txt': 'x', 'out/b.txt': 'x' });
  await symlink(join(folder, 'out/b.txt'), join(folder, 'in/b.txt'));
  assert.deepEqual(await paths({ path: join(folder, 'in') }), ['a.txt', 'b.txt']);
});

test('the order of files does not depend on how the folder came to be', async (t) => {
  const folder = await makeFolder(t, { 'z.txt': '', 'b.txt': '', 'a/c.txt': '', 'a.txt': '' });
  await rename(join(folder, 'z.txt'), join(folder, 'A.txt'));
  assert.deepEqual(await paths({ path: folder }), ['A.txt', 'a.txt', 'a/c.txt', 'b.txt']);
});

test('braces expand, also nested', () => {
  assert.deepEqual(expandBraces('*.{md,txt}'), ['*.md', '*.txt']);
  assert.deepEqual(new Set(expandBraces('{a,b{1,2}}/x')), new Set(['a/x', 'b1/x', 'b2/x']));
  assert.ok(pathMatcher(['docs/**'])('docs/a/b.md'));
  assert.ok(!pathMatcher(['docs/**'])('src/docs.md'));
});
