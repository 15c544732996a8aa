/** A system that gives no watches (inotify's limit): files are looked through from time to time, and it says so. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { ExperimentIndex } from '../../../src/indexer/experiment-index.ts';
import type { IndexSummary } from '../../../src/indexer/workspace-index.ts';
import { until } from '../../support/waiting.ts';
import { experiment, filesOf, textOf } from './followed-folder.ts';

test('without watches a change is seen by looking through all files, and a warning says what to do', async (t) => {
  let refused = 0;
  t.mock.method(fs, 'watch', () => {
    refused++;
    const message = 'ENOSPC: System limit for number of file watchers reached';
    throw Object.assign(new Error(message), { code: 'ENOSPC', syscall: 'watch' });
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const folder = await mkdtemp(join(tmpdir(), 'parlance-limit-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const write = async (path: string, content: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  };
  await write('parlance.json', experiment());
  await write('books/a.txt', textOf(1));
  await write('one.md', textOf(2));
  let latest: IndexSummary | undefined;
  const index = new ExperimentIndex(join(folder, 'parlance.json'), true, (summary) => {
    latest = summary;
  });
  t.after(() => index.close());
  const seen = (wanted: (summary: IndexSummary) => boolean) =>
    until('it is told', () => latest !== undefined && wanted(latest));
  const isTold = ({ corpora }: IndexSummary) => corpora[1]?.warnings.some(({ kind }) => kind === 'watching');
  await seen((summary) => summary.state === 'ready' && filesOf(summary) === 1 && isTold(summary));
  assert.ok(refused > 0);
  const warning = latest?.corpora[1].warnings.find(({ kind }) => kind === 'watching');
  assert.match(warning?.message ?? '', /looked through every 5 seconds/);
  assert.match(warning?.hint ?? '', /max_user_watches/);
  await write('deep/two.md', textOf(3));
  await seen((summary) => filesOf(summary) === 2);
  await rm(join(folder, 'one.md'));
  await seen((summary) => filesOf(summary) === 1);
});
