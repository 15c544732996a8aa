import assert from 'node:assert/strict';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { test } from 'node:test';
import { isRemote } from '../../../../src/corpus/watching/remote-files.ts';

test('a file system of other machines is known by its type', {
  skip: process.platform !== 'linux',
}, async (t) => {
  const types = new Map([
    ['/nfs', 0x6969],
    ['/mnt/c', 0x01021997],
    ['/home', 0xef53],
  ]);
  t.mock.method(fs.promises, 'statfs', async (path: string) => {
    const type = types.get(path);
    if (type === undefined) throw new Error('not there');
    return { type };
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const found = await Promise.all(['/nfs', '/mnt/c', '/home', '/gone'].map((path) => isRemote(path)));
  assert.deepEqual(found, [true, true, false, false]);
});
