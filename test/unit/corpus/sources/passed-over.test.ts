/** What git ignores and what is no text are told as they are now, beside a report that was stored before. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { withPassedOver } from '../../../../src/corpus/sources/passed-over.ts';
import { indexFolder, makeFolder, sentences } from '../temporary-corpus.ts';

test('what came after the corpus was indexed and is passed over is told, and gone sources are no failure', async (t) => {
  const files = Object.fromEntries(Array.from({ length: 4 }, (_, i) => [`${i}.md`, sentences(i, 20)]));
  const folder = await makeFolder(t, { ...files, '.git/HEAD': '', '.gitignore': 'more.md\n' });
  const { report } = await indexFolder(t, folder);
  await writeFile(join(folder, 'more.md'), sentences(9, 20));
  await writeFile(join(folder, 'picture.png'), Buffer.from([1, 2, 3]));
  assert.deepEqual(report.skipped, []);
  const now = await withPassedOver(report, { sources: [{ path: folder }] });
  assert.deepEqual(
    now.skipped.map(({ reason, count, examples }) => ({ reason, count, examples })),
    [
      { reason: 'ignored', count: 1, examples: [{ path: 'more.md' }] },
      { reason: 'unsupported', count: 1, examples: [{ path: 'picture.png' }] },
    ],
  );
  assert.deepEqual(await withPassedOver(report, { sources: [{ path: join(folder, 'gone') }] }), report);
});
