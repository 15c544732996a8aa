import assert from 'node:assert/strict';
import { mkdir, realpath, rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { LabelRules } from '../../../../src/corpus/labels/label-rules.ts';
import { parseLabels } from '../../../../src/corpus/labels/labels.ts';
import { isUnchanged } from '../../../../src/corpus/sources/found-file.ts';
import { expandBraces, pathMatcher } from '../../../../src/corpus/sources/globs.ts';
import { listFiles } from '../../../../src/corpus/sources/sources.ts';
import type { CorpusSource } from '../../../../src/corpus/sources/specification.ts';
import { labelsText, makeFolder } from '../temporary-corpus.ts';

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

test('a pattern may begin with ./, as on a command line', async (t) => {
  const folder = await makeFolder(t, {
    'a.md': '',
    'c/a.md': '',
    'c/b.md': '',
    '.h/x.md': '',
  });
  assert.deepEqual(await paths({ path: folder, exclude: ['./c/**'] }), ['a.md']);
  assert.deepEqual(await paths({ path: folder, exclude: ['./{a.md,c/b.md}'] }), ['c/a.md']);
  assert.deepEqual(await paths({ path: folder, include: ['./c/*.md', '!./c/a.md'] }), ['c/b.md']);
  assert.deepEqual(await paths({ path: folder, include: ['./.h/*.md'] }), ['.h/x.md']);
  assert.deepEqual((await listFiles([{ path: folder, include: ['./a.md'] }])).notRead, []);
});

test('of a source that is a link to a file it is known which file that is', async (t) => {
  const [folder, elsewhere] = [await makeFolder(t, {}), await makeFolder(t, { 'b.txt': 'b' })];
  const link = join(folder, 'a.txt');
  await symlink(join(elsewhere, 'b.txt'), link);
  const [{ path, real }] = (await listFiles([{ path: link }])).files;
  assert.deepEqual([path, real], ['a.txt', await realpath(join(elsewhere, 'b.txt'))]);
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

const onPosix = { skip: process.platform === 'win32' && 'a backslash parts folders here' };

test(
  'a backslash in a name is a sign of it: patterns, labels and rules tell it from a path',
  onPosix,
  async (t) => {
    const folder = await makeFolder(t, {
      '.git/HEAD': '',
      '.gitignore': 'docs/drop.md\n',
      'docs/a.md': 'x',
      'docs\\a.md': 'x',
      'docs\\drop.md': 'x',
      '\\notes.md': 'x',
      '\\/b.md': 'x',
    });
    const all = ['\\/b.md', '\\notes.md', 'docs/a.md', 'docs\\a.md', 'docs\\drop.md'];
    assert.deepEqual(await paths({ path: folder }), all);
    assert.deepEqual(await paths({ path: folder, include: ['docs/'] }), ['docs/a.md']);
    const entry = parseLabels(labelsText([{ path: 'docs\\a.md', label: 'held-out' }]), 'labels.json');
    const rules = new LabelRules(entry, { name: 'demo', role: 'domain' }, folder);
    const labelled = all.filter(
      (path) => rules.file(join(folder, path), { path: folder }).label === 'held-out',
    );
    assert.deepEqual(labelled, ['docs\\a.md']);
  },
);

test('what an include pattern names is read though git ignores it; other ignored text is told', async (t) => {
  const folder = await makeFolder(t, {
    '.git/HEAD': '',
    '.gitignore': '/rows.jsonl\n/raw/\nbuild/\n*.tmp.md\n',
    'seed.jsonl': '',
    'rows.jsonl': '',
    'raw/inner/.gitignore': '/own.md\n',
    'raw/inner/a.md': '',
    'raw/inner/own.md': '',
    'raw/other.md': '',
    'build/c.md': '',
    'draft.tmp.md': '',
    'draft.tmp.bin': '',
    '.notes/d.md': '',
  });
  const include = ['{seed,rows}.jsonl', 'raw/inner/*.md', '.notes/d.md', 'draft*'];
  const { files, notRead } = await listFiles([{ path: folder, include }]);
  assert.deepEqual(
    files.map(({ path }) => path),
    ['.notes/d.md', 'draft.tmp.bin', 'raw/inner/a.md', 'rows.jsonl', 'seed.jsonl'],
  );
  assert.deepEqual(notRead, [
    { path: 'build/', reason: 'ignored-folder' },
    { path: 'draft.tmp.md', reason: 'ignored' },
    { path: 'raw/inner/own.md', reason: 'ignored' },
  ]);
  const whole = await listFiles([{ path: folder }]);
  assert.deepEqual(
    whole.notRead.map(({ path }) => path),
    ['build/', 'draft.tmp.bin', 'draft.tmp.md', 'raw/', 'rows.jsonl'],
  );
  const elsewhere = await listFiles([{ path: folder, include: ['docs/*.md', '/seed.jsonl', '/gone.jsonl'] }]);
  assert.deepEqual(elsewhere.notRead, [
    { path: 'docs/*.md', reason: 'no-match' },
    { path: '/gone.jsonl', reason: 'no-match' },
  ]);
});

test('a link to a folder above the source adds nothing and is told', async (t) => {
  const folder = await makeFolder(t, { 'domain/a.md': 'x', 'generic/b.md': 'x', 'c.md': 'x' });
  await symlink('..', join(folder, 'domain/up'));
  await symlink('/', join(folder, 'domain/root'));
  const { files, notRead } = await listFiles([{ path: join(folder, 'domain') }]);
  assert.deepEqual(
    files.map(({ path }) => path),
    ['a.md'],
  );
  assert.deepEqual(notRead, [
    { path: 'root', reason: 'link-above' },
    { path: 'up', reason: 'link-above' },
  ]);
});

test('a link of git-annex to what was not fetched is a pointer', async (t) => {
  const folder = await makeFolder(t, { 'a.md': 'x' });
  await symlink('.git/annex/objects/0x/1y/SHA256E-s9--ab.md/SHA256E-s9--ab.md', join(folder, 'b.md'));
  assert.deepEqual((await listFiles([{ path: folder }])).notRead, [{ path: 'b.md', reason: 'pointer' }]);
});

test('a file counts as unchanged only where the file system can tell', () => {
  const stamp = { size: 1, mtimeMs: 2, ctimeMs: 3.25, ino: 4 };
  assert.ok(isUnchanged(stamp, { ...stamp }));
  for (const change of [{ size: 9 }, { mtimeMs: 9 }, { ctimeMs: 9.25 }, { ino: 9 }])
    assert.ok(!isUnchanged(stamp, { ...stamp, ...change }), JSON.stringify(change));
  for (const coarse of [
    { ...stamp, ino: 0 },
    { ...stamp, ctimeMs: 0 },
    { ...stamp, ctimeMs: 5000 },
  ])
    assert.ok(!isUnchanged(coarse, coarse), JSON.stringify(coarse));
});

test('braces expand, also nested', () => {
  assert.deepEqual(expandBraces('*.{md,txt}'), ['*.md', '*.txt']);
  assert.deepEqual(new Set(expandBraces('{a,b{1,2}}/x')), new Set(['a/x', 'b1/x', 'b2/x']));
  assert.deepEqual(
    expandBraces('\\{a,b\\}{c,,d\\,e}{f}'),
    ['c', '', 'd\\,e'].map((one) => `\\{a,b\\}${one}{f}`),
  );
  assert.ok(pathMatcher(['docs/**'])('docs/a/b.md'));
  assert.ok(!pathMatcher(['docs/**'])('src/docs.md'));
});
