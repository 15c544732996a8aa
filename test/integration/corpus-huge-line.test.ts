/** A line of a gigabyte must not be loaded whole. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { indexCorpus } from '../../src/corpus/documents/indexing.ts';
import { sentences } from '../unit/corpus/temporary-corpus.ts';

const mebibyte = 1024 * 1024;

test('a line of one gigabyte is skipped in little memory, and what follows is read', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-huge-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const filler = Buffer.alloc(16 * mebibyte, 'x');
  const after = Array.from({ length: 3 }, (_, i) => JSON.stringify({ text: sentences(i, 50) })).join('\n');
  await mkdir(join(folder, 'corpus'));
  const rows = await open(join(folder, 'corpus/rows.jsonl'), 'w');
  for (let i = 0; i < 64; i++) await rows.write(filler);
  await rows.write(`\n${after}\n`);
  await rows.close();
  // The fault shows in the first mebibytes, so the rest may be a hole that takes no disk.
  const text = await open(join(folder, 'corpus/text.txt'), 'w');
  await text.write(filler);
  await text.truncate(1024 * mebibyte);
  await text.close();
  let peak = 0;
  const base = process.memoryUsage().rss;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 20);
  const store = await indexCorpus(
    {
      name: 'huge',
      role: 'domain',
      sources: [{ path: join(folder, 'corpus') }],
      split: { validation: 0.1, heldout: 0.1 },
    },
    { directory: join(folder, 'store'), signal: new AbortController().signal },
  );
  clearInterval(timer);
  assert.deepEqual(
    new Map(store.report.skipped.map(({ reason, examples }) => [reason, examples])),
    new Map([
      ['too-large', [{ path: 'rows.jsonl', line: 1 }]],
      ['long-line', [{ path: 'text.txt', line: 1 }]],
    ]),
  );
  assert.equal(store.count, 3);
  assert.ok(
    peak - base < 300 * mebibyte,
    `resident memory grew by ${Math.round((peak - base) / mebibyte)} MiB`,
  );
});
