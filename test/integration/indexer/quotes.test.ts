/** A held-out passage that also stands inside a training file is named, through a real process. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { anchorPassage } from '../../../src/corpus/labels/passages.ts';
import type { IndexSummary } from '../../../src/indexer/workspace-index.ts';
import { buildIndexer, experiment, follow, textOf } from './followed-folder.ts';

let built: Awaited<ReturnType<typeof buildIndexer>>;
before(async () => {
  built = await buildIndexer();
});
after(() => built.remove());

const quoteOf = (number: number) => textOf(number).trim();
const passageText = quoteOf(50);
const own = `${textOf(1)}\n${passageText}\n\n${textOf(2)}`;
const anchor = anchorPassage(own, own.indexOf(passageText), own.indexOf(passageText) + passageText.length);
const labelled = JSON.stringify({
  version: 1,
  labels: [{ path: 'a.md', label: 'held-out', passage: anchor }],
});
const files = {
  'parlance.json': experiment(),
  'books/a.txt': textOf(3),
  'a.md': own,
  'b.md': `${textOf(4)} ${passageText.split(' ').slice(0, 58).join('\n')} ${textOf(5)}`,
  'c.md': textOf(6),
};
const told = (summary: IndexSummary) =>
  summary.corpora[1]?.warnings.filter(({ kind }) => kind === 'contamination') ?? [];

test('the quote is named with both files and its share from the first scan on, and forgotten when it goes', async (t) => {
  const followed = await follow(t, built.program, { ...files, '.parlance/labels.json': labelled });
  const { until, folder } = followed;
  const [warning, ...others] = told(await until((summary) => told(summary).length > 0));
  assert.deepEqual(others, []);
  assert.match(warning.message, /^A held-out passage of a\.md also stands in b\.md \(9\d % of it\)\.$/);
  // The editor shows it at the passage: by the path of its file.
  assert.deepEqual(warning.files, [join(folder, 'a.md'), join(folder, 'b.md')]);
  await followed.write('books/more.txt', `${textOf(7)} ${passageText} ${textOf(8)}`);
  const more = await until((summary) => /more/.test(told(summary)[0]?.message ?? ''));
  assert.match(
    told(more)[0].message,
    /also stands in books\/more\.txt \(100 % of it\), and in 1 more file\.$/,
  );
  await rm(join(folder, 'books', 'more.txt'));
  await followed.write('b.md', textOf(4));
  await until((summary) => told(summary).length === 0);
});

test('a passage labelled later is looked for in what was read before, and no more when its label is gone', async (t) => {
  const followed = await follow(t, built.program, files);
  const { until } = followed;
  await until(({ state }) => state === 'ready');
  await followed.write('.parlance/labels.json', labelled);
  await until((summary) => /a\.md also stands in b\.md/.test(told(summary)[0]?.message ?? ''));
  await followed.write('.parlance/labels.json', JSON.stringify({ version: 1, labels: [] }));
  await until((summary) => told(summary).length === 0);
});

test('a file held out as a whole is looked for, and files that stand in it', async (t) => {
  const label = (path: string) => JSON.stringify({ version: 1, labels: [{ path, label: 'held-out' }] });
  const followed = await follow(t, built.program, {
    ...files,
    'long.md': `${textOf(20)} ${textOf(6)} ${textOf(21)} ${textOf(22)}`,
  });
  const { until } = followed;
  await until(({ state }) => state === 'ready');
  await followed.write('.parlance/labels.json', label('c.md'));
  await until((summary) =>
    /^Held-out text of c\.md also stands in long\.md/.test(told(summary)[0]?.message ?? ''),
  );
  await followed.write('.parlance/labels.json', label('long.md'));
  await until((summary) =>
    /^Held-out text of long\.md also stands in c\.md \(2\d % of it\)/.test(told(summary)[0]?.message ?? ''),
  );
});
