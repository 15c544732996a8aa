import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { LabelEntry } from '../../../../src/corpus/labels/labels.ts';
import { findLostLabels, lostLabelInWords } from '../../../../src/corpus/labels/lost-labels.ts';
import { listFiles } from '../../../../src/corpus/sources/sources.ts';
import { makeFolder } from '../temporary-corpus.ts';

const composed = 'caf\u00e9.md';
const decomposed = 'cafe\u0301.md';

async function lostIn(
  t: TestContext,
  files: readonly string[],
  entries: readonly LabelEntry[],
  otherDomains: readonly string[] = [],
) {
  const root = await makeFolder(t, Object.fromEntries(files.map((file) => [file, 'text'])));
  const listed = (await listFiles([{ path: join(root, 'texts') }])).files;
  const lost = await findLostLabels(entries, {
    root,
    files: listed,
    domains: ['law'],
    otherDomains: new Set(otherDomains),
  });
  return lost.map(({ entry, likely }) => [entry.path ?? entry.glob, ...likely]);
}

const heldOut = (path: string) => ({ path, label: 'held-out' as const });

test('a label whose file is there is not lost, also where no corpus reads the file', async (t) => {
  const files = ['texts/a.md', 'elsewhere/b.md', 'texts/data.bin'];
  assert.deepEqual(
    await lostIn(t, files, ['texts/a.md', 'elsewhere/b.md', 'texts/data.bin'].map(heldOut)),
    [],
  );
});

test('the entry of a file that names a folder is lost: it says nothing of the files in it', async (t) => {
  assert.deepEqual(await lostIn(t, ['texts/exams/a.md'], [heldOut('texts/exams')]), [['texts/exams']]);
});

test('a renamed or moved file is lost, and a file of its name elsewhere is told', async (t) => {
  assert.deepEqual(
    await lostIn(
      t,
      ['texts/new/exam.md', 'texts/other.md'],
      [heldOut('texts/exam.md'), heldOut('texts/gone.md')],
    ),
    [['texts/exam.md', 'texts/new/exam.md'], ['texts/gone.md']],
  );
});

test('another spelling of a name is another file: of Unicode forms, and of letters', async (t) => {
  assert.deepEqual(await lostIn(t, [`texts/${decomposed}`], [heldOut(`texts/${composed}`)]), [
    [`texts/${composed}`, `texts/${decomposed}`],
  ]);
  assert.deepEqual(await lostIn(t, [`texts/${composed}`], [heldOut(`texts/${decomposed}`)]), [
    [`texts/${decomposed}`, `texts/${composed}`],
  ]);
  assert.deepEqual(await lostIn(t, ['texts/Exams/A.md'], [heldOut('texts/exams/a.md')]), [
    ['texts/exams/a.md', 'texts/Exams/A.md'],
  ]);
});

test('a pattern is lost when its folder is gone, or when it was to hold text out and finds none', async (t) => {
  const glob = (pattern: string, label: LabelEntry['label']) => ({ glob: pattern, label });
  const files = ['texts/Exams/a.md', 'texts/drafts.md'];
  const entries = [
    glob('texts/exams/**', 'excluded'),
    glob('texts/exams/**', 'held-out'),
    glob('**/*.exam.md', 'held-out'),
    glob('**/*.tmp', 'excluded'),
    glob('texts/*.tmp', 'excluded'),
    glob('texts/**/*.md', 'held-out'),
  ];
  assert.deepEqual(await lostIn(t, files, entries), [
    ['texts/exams/**', 'texts/Exams'],
    ['texts/exams/**', 'texts/Exams'],
    ['**/*.exam.md'],
  ]);
});

test('a label of a domain that no experiment has is lost, and the domain that may be meant is told', async (t) => {
  const entry = { path: 'texts/a.md', label: 'excluded' as const, domain: 'Legal' };
  assert.deepEqual(await lostIn(t, ['texts/a.md'], [entry]), [['texts/a.md', 'law']]);
  assert.deepEqual(await lostIn(t, ['texts/a.md'], [entry], ['Legal']), []);
  assert.deepEqual(await lostIn(t, ['texts/a.md'], [{ ...entry, domain: 'law' }]), []);
});

/** The entry and the reason of each label that keeps text out and is lost; `links` are made before the corpus is listed. */
async function lostByLinks(
  t: TestContext,
  files: readonly string[],
  links: Readonly<Record<string, string>>,
  entries: readonly LabelEntry[],
) {
  const root = await makeFolder(t, Object.fromEntries(files.map((file) => [file, 'text'])));
  for (const [link, target] of Object.entries(links)) await symlink(target, join(root, link));
  const listed = (await listFiles([{ path: join(root, 'texts') }])).files;
  const scope = { root, files: listed, domains: ['law'], otherDomains: new Set<string>() };
  return (await findLostLabels(entries, scope)).map(({ reason }) => reason);
}

test('a label of a file that is read under another name, through a link, is lost until that name has one too', async (t) => {
  const files = ['texts/zeta/exam.md', 'texts/alpha/a.md', 'data/other.md'];
  const links = { 'texts/alpha/ref': '../zeta', 'texts/data': '../data', 'texts/one.md': 'alpha/a.md' };
  const lost = (...entries: LabelEntry[]) => lostByLinks(t, files, links, entries);
  const readAs = (file: string, name: string) =>
    `${file} is read as ${name}, through a link, and has no such label there`;
  const exam = readAs('texts/zeta/exam.md', 'texts/alpha/ref/exam.md');
  assert.deepEqual(await lost(heldOut('texts/zeta/exam.md')), [exam]);
  assert.deepEqual(await lost({ glob: 'texts/zeta/**', label: 'excluded' }), [exam]);
  assert.deepEqual(await lost(heldOut('data/other.md')), [readAs('data/other.md', 'texts/data/other.md')]);
  assert.deepEqual(await lost(heldOut('texts/alpha/a.md')), [readAs('texts/alpha/a.md', 'texts/one.md')]);
  assert.deepEqual(await lost(heldOut('texts/one.md')), [readAs('texts/one.md', 'texts/alpha/a.md')]);
  const passage = { quote: 'text', prefix: '', suffix: '', offset: 0 };
  assert.deepEqual(await lost({ ...heldOut('texts/zeta/exam.md'), passage }), [exam]);
  assert.deepEqual(await lost(heldOut('texts/zeta/exam.md'), heldOut('texts/alpha/ref/exam.md')), []);
  assert.deepEqual(await lost({ glob: '**/exam.md', label: 'excluded' }), []);
  assert.deepEqual(await lost({ path: 'data/other.md', label: 'in-domain' }), []);
});

test('a lost label is told with what it was, why, and what it may be now', () => {
  const entry: LabelEntry = {
    path: 'a.md',
    label: 'held-out',
    domain: 'law',
    passage: { quote: 'Once upon', prefix: '', suffix: '', offset: 0 },
  };
  assert.equal(
    lostLabelInWords({
      entry,
      kind: 'file',
      name: 'a.md',
      reason: 'there is no such file',
      likely: ['b/a.md'],
    }),
    'held-out a.md (“Once upon”) of law: there is no such file; perhaps it is b/a.md now',
  );
});
