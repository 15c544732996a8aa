import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IndexedFile, IndexSummary } from '../../../../src/indexer/workspace-index.ts';
import { corpusRows, fileRows, filesOfId, PAGE_FILES } from '../../../../src/ui/sidebar/corpus-nodes.ts';
import { childrenOf } from '../../../../src/ui/sidebar/nodes.ts';
import { t } from '../fixtures.ts';

const experimentFile = '/w/parlance.json';
const totals = { files: 3, passages: 1, bytes: 4000, tokens: 1234, source: 'estimated' } as const;
const summary: IndexSummary = {
  experimentFile,
  state: 'ready',
  message: '',
  unlabelledFiles: 2,
  files: 5,
  corpora: [
    { name: 'generic', role: 'generic', labels: {}, explicitHeldout: false, warnings: [] },
    {
      name: 'mail',
      role: 'domain',
      labels: { 'held-out': { ...totals, source: 'counted' }, 'in-domain': totals },
      explicitHeldout: true,
      warnings: [
        {
          kind: 'contamination',
          message: 'A held-out passage stands in 9 training files.',
          hint: 'Label them.',
          files: ['/w/a.txt'],
          count: 9,
        },
      ],
    },
  ],
};
const rows = (changes: Partial<IndexSummary> = {}) =>
  corpusRows([{ file: experimentFile, name: 'w', summary: { ...summary, ...changes } }], t);
const filesOf = { experimentFile, corpus: 'mail', label: 'in-domain' } as const;
const file = (i: number): IndexedFile => ({
  path: `/w/text/${i}.txt`,
  bytes: 10,
  size: { tokens: 5, source: 'counted' },
  label: 'in-domain',
  labelled: i % 2 === 0,
  passages: 0,
});

test('domains come before the generic corpus, then what is not labelled', () => {
  assert.deepEqual(
    rows().map(({ label }) => label),
    ['mail', 'generic', 'Not labelled yet'],
  );
});

test('tokens that were not counted are said to be about so many', () => {
  const [mail] = rows();
  const [warning, inDomain, heldOut] = childrenOf(mail);
  assert.equal(warning.icon?.name, 'warning');
  assert.equal(inDomain.description, '3 files · 1 passage · about 1.2k tokens');
  assert.equal(heldOut.description, '3 files · 1 passage · 1.2k tokens');
});

test('a warning says what to do and names the files below it, and how many it leaves out', () => {
  const [warning] = childrenOf(rows()[0]);
  assert.deepEqual(
    [warning.label, warning.description],
    ['Held-out text elsewhere', 'A held-out passage stands in 9 training files.'],
  );
  assert.match(warning.tooltip ?? '', /Label them/);
  const below = childrenOf(warning);
  assert.equal(below[0].file, '/w/a.txt');
  assert.equal(below[1].label, 'and 8 more');
});

test('files of a label are asked for when it is opened, and again when their text changes', () => {
  const row = (bytes: number) =>
    childrenOf(
      rows({
        corpora: [{ ...summary.corpora[1], warnings: [], labels: { 'in-domain': { ...totals, bytes } } }],
      })[0],
    )[0];
  assert.equal(row(1).children, 'on demand');
  assert.deepEqual(filesOfId(row(1).id), filesOf);
  assert.notEqual(row(1).version, row(2).version);
});

test('files come in pages; a row asks for more and says how many are left', () => {
  const page = Array.from({ length: PAGE_FILES }, (_, i) => file(i));
  const shown = fileRows(filesOf, { files: page, total: PAGE_FILES + 350 }, t);
  assert.equal(shown.length, PAGE_FILES + 1);
  const more = shown[PAGE_FILES];
  assert.equal(more.label, `Show ${PAGE_FILES} more`);
  assert.equal(more.description, '350 not shown');
  assert.deepEqual(filesOfId(String(more.command?.arguments[0])), filesOf);
  assert.equal(fileRows(filesOf, { files: page, total: PAGE_FILES }, t).length, PAGE_FILES);
});

test('a file is shown by its name, then its folder, and says whether a label speaks of it', () => {
  const [labelled, other] = fileRows(filesOf, { files: [file(0), file(1)], total: 2 }, t);
  assert.deepEqual([labelled.label, labelled.description], ['0.txt', 'text · 5 tokens']);
  assert.deepEqual([labelled.context, other.context], ['file labelled', 'file']);
});

test('while the files are looked at, and when that failed, a row says so', () => {
  assert.equal(
    corpusRows([{ file: experimentFile, name: 'w', summary: undefined }], t)[0].icon?.name,
    'loading~spin',
  );
  assert.equal(rows({ state: 'failed', message: 'No such folder.' })[0].description, 'No such folder.');
});

test('a file that cannot be used can be opened from its row; of one that is gone the row says that', () => {
  const row = (message: string, isMissing: boolean) =>
    corpusRows(
      [{ file: experimentFile, name: 'w', problem: { message, isMissing }, summary: undefined }],
      t,
    )[0];
  const broken = row('It is no JSON.', false);
  assert.deepEqual(
    [broken.label, broken.description, broken.file],
    ['parlance.json cannot be used', 'It is no JSON.', experimentFile],
  );
  const gone = row('It is gone.', true);
  assert.deepEqual(
    [gone.label, gone.description, gone.file],
    ['parlance.json is missing', 'It is gone.', undefined],
  );
});
