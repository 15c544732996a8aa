/** The table of a corpus's files: what must be read, what counts, and that nothing stays behind. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CorpusFile } from '../../../../src/corpus/documents/corpus-file.ts';
import { LabelRules } from '../../../../src/corpus/labels/label-rules.ts';
import type { LabelEntry } from '../../../../src/corpus/labels/labels.ts';
import type { FoundFile } from '../../../../src/corpus/sources/found-file.ts';
import { contentHash } from '../../../../src/corpus/watching/contents.ts';
import { CorpusTable } from '../../../../src/corpus/watching/corpus-table.ts';
import { Likeness } from '../../../../src/corpus/watching/likeness.ts';
import { TextTable } from '../../../../src/corpus/watching/texts.ts';

const specification = {
  name: 'notes',
  role: 'domain' as const,
  sources: [{ path: '/w' }],
  split: { validation: 0.1, heldout: 0.1 },
};
const rulesOf = (entries: readonly LabelEntry[]) => new LabelRules(entries, specification, '/w');

function found(name: string, mtimeMs = 1, ctimeMs = 1.5): FoundFile {
  return {
    source: 0,
    path: name,
    absolute: `/w/${name}`,
    format: 'prose',
    size: 10,
    mtimeMs,
    ctimeMs,
    ino: 7,
  };
}

function made(entries: readonly LabelEntry[] = []) {
  const texts = new TextTable();
  const table = new CorpusTable(specification, rulesOf(entries), texts);
  const fill = (file: CorpusFile | undefined, text: string) => {
    assert.ok(file !== undefined);
    const bytes = Buffer.from(text);
    const rows = [texts.add(contentHash(bytes), bytes)];
    table.fill(file, { rows, standings: [0], leftOut: [], skipped: [], lost: [] });
  };
  const put = (name: string, text: string) => fill(table.update(0, `/w/${name}`, found(name)), text);
  return { texts, table, fill, put };
}

const words = (from: number) => Array.from({ length: 80 }, (_, i) => `word${from + i}`).join(' ');

test('a file is read again only when its size, time or kind changed', () => {
  const { table, put } = made();
  put('a.md', 'first');
  assert.equal(table.update(0, '/w/a.md', found('a.md')), undefined);
  assert.ok(table.update(0, '/w/a.md', found('a.md', 2)) !== undefined);
  put('b.md', 'second');
  assert.ok(
    table.update(0, '/w/b.md', found('b.md', 1, 2.5)) !== undefined,
    'changed, and given the old time',
  );
});

test('copies count once, under the label of the first, and the copy counts when the first goes', () => {
  const { table, put, texts } = made([{ path: 'b.md', label: 'held-out' }]);
  put('a.md', 'the same');
  put('b.md', 'the same');
  const bytes = (label: 'in-domain' | 'held-out') => table.totals().labels.get(label)?.bytes;
  assert.deepEqual([bytes('in-domain'), bytes('held-out')], [8, 0]);
  assert.equal(table.totals().copies.count, 1);
  assert.ok(table.totals().explicitHeldout);
  assert.equal(texts.count, 1);
  table.update(0, '/w/a.md', undefined);
  assert.equal(bytes('held-out'), 8);
  table.update(0, '/w/b.md', undefined);
  assert.equal(texts.count, 0);
});

test('a new label takes effect without reading; a file that was left out must be read', () => {
  const { table, put } = made();
  put('a.md', 'text');
  assert.deepEqual(table.relabel(rulesOf([{ path: 'a.md', label: 'held-out' }])), []);
  assert.equal(table.totals().labels.get('held-out')?.bytes, 4);
  assert.deepEqual(table.relabel(rulesOf([{ path: 'a.md', label: 'excluded' }])), []);
  assert.equal(table.totals().labels.get('excluded')?.files, 1);
  assert.equal(table.relabel(rulesOf([]), new Set(['/w/a.md'])).length, 1);
});

test('what was read of a file that changed meanwhile is let go', () => {
  const { table, fill, texts } = made();
  const old = table.update(0, '/w/a.md', found('a.md'));
  const fresh = table.update(0, '/w/a.md', found('a.md', 2));
  fill(fresh, 'new');
  fill(old, 'old text');
  assert.equal(table.totals().labels.get('in-domain')?.bytes, 3);
  assert.equal(texts.count, 1);
});

test('near-copies and copies of held-out text are found when they come later, and forgotten when they go', async () => {
  const { table, put, texts } = made([{ path: 'held.md', label: 'held-out' }]);
  const likeness = new Likeness(texts);
  put('held.md', words(0));
  put('other.md', words(1000));
  await likeness.review([table]);
  assert.deepEqual(likeness.contamination('notes'), []);
  assert.deepEqual(likeness.duplicates('notes'), { count: 0, files: [] });
  put('near.md', `${words(1000)} end`);
  put('same.md', words(0));
  await likeness.review([table]);
  assert.deepEqual(likeness.duplicates('notes'), { count: 1, files: ['/w/other.md'] });
  assert.deepEqual(likeness.contamination('notes'), [
    { heldout: ['/w/held.md'], others: ['/w/same.md'], count: 1 },
  ]);
  for (const name of ['near.md', 'same.md']) table.update(0, `/w/${name}`, undefined);
  put('unlike.md', words(2000));
  await likeness.review([table]);
  assert.deepEqual(likeness.contamination('notes'), []);
  assert.equal(likeness.duplicates('notes').count, 0);
});

test('the sketches and counts of texts survive the growth of their table, and a freed row is used again', () => {
  const texts = new TextTable();
  const rows = Array.from({ length: 3000 }, (_, i) => {
    const text = Buffer.from(words(i));
    const row = texts.add(contentHash(text), text);
    texts.setTokens(row, i);
    return row;
  });
  assert.equal(texts.tokensOf(rows[7]), 7);
  assert.equal(texts.bytesOf(rows[7]), words(7).length);
  texts.release(rows[7]);
  assert.equal(texts.hashOf(rows[7]), '');
  const text = Buffer.from('another');
  assert.equal(texts.add(contentHash(text), text), rows[7]);
  assert.equal(texts.tokensOf(rows[7]), undefined);
});
