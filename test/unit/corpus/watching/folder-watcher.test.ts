import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { FolderWatcher } from '../../../../src/corpus/watching/folder-watcher.ts';
import { until } from '../../../support/waiting.ts';
import { makeFolder } from '../temporary-corpus.ts';

test('folders with the names of temporary files are watched as others are', async (t) => {
  const root = await makeFolder(t, {});
  for (const name of ['plain', 'drafts~', '.notes.swp', 'a  b', 'ünï']) {
    const folder = join(root, name);
    await mkdir(folder);
    const seen: string[] = [];
    const watcher = new FolderWatcher({ onChange: (path) => seen.push(path), onLimit: () => {} });
    t.after(() => watcher.close());
    watcher.add(folder);
    let content = '';
    await until(`a change in ${name}`, async () => {
      content += 'x';
      await writeFile(join(folder, 'x.md'), content);
      return seen.includes(join(folder, 'x.md'));
    });
    assert.equal(watcher.isPartial, false);
  }
});

test('of a folder that cannot be watched it is known', { skip: process.platform === 'win32' }, async (t) => {
  const watcher = new FolderWatcher({ onChange: () => {}, onLimit: () => {} });
  t.after(() => watcher.close());
  watcher.add(await makeFolder(t, {}));
  assert.equal(watcher.isPartial, false);
  watcher.add(join(await makeFolder(t, { 'back\\slash/a.md': 'x' }), 'back\\slash'));
  assert.equal(watcher.isPartial, true);
});
