import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LabelRules } from '../../../src/corpus/labels/label-rules.ts';
import type { FileFormat } from '../../../src/corpus/reading/file-types.ts';
import { CorpusTable } from '../../../src/corpus/watching/corpus-table.ts';
import { TextTable } from '../../../src/corpus/watching/texts.ts';
import { PathOrder } from '../../../src/indexer/path-order.ts';

const specification = {
  name: 'notes',
  role: 'domain' as const,
  sources: [{ path: '/w' }],
  split: { validation: 0.1, heldout: 0.1 },
};

test('the next file without a label is one that the editor can show; the others are counted all the same', () => {
  const table = new CorpusTable(specification, new LabelRules([], specification, '/w'), new TextTable());
  const put = (name: string, format: FileFormat, size = 10, isBinary = false): void => {
    const stamp = { mtimeMs: 1, ctimeMs: 1.5, ino: 7, size };
    const found = { source: 0, path: name, absolute: `/w/${name}`, format, ...stamp };
    const file = table.update(0, found.absolute, found);
    const skipped = [{ reason: 'binary' as const, count: 1, lines: [] }];
    if (file !== undefined && isBinary)
      table.fill(file, { rows: [], standings: [], leftOut: [], skipped, lost: [] });
  };
  put('a.md', 'prose');
  put('b.parquet', 'parquet');
  put('c.jsonl.gz', 'jsonl.gz');
  put('d.txt', 'prose', 60 * 1024 * 1024);
  put('e.txt', 'prose', 10, true);
  put('f.jsonl', 'jsonl');
  const paths = new PathOrder({ root: '/w', followers: [{ table }] });
  const next = (after?: string) => paths.nextUnlabelled(after && `/w/${after}`);
  assert.deepEqual(
    [next(), next('a.md'), next('f.jsonl'), next('d.txt')],
    ['/w/a.md', '/w/f.jsonl', '/w/a.md', '/w/f.jsonl'],
  );
  assert.equal(paths.now().unlabelled.length, 6);
});
