/** Which models stay in memory, without a clock. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FilesOnDisk } from '../../../../src/inference/files-on-disk.ts';
import type { LanguageModel } from '../../../../src/inference/language-model.ts';
import { ModelPool } from '../../../../src/inference/process/model-pool.ts';
import { gate, until } from '../../../support/waiting.ts';

const IDLE_MS = 5;

function pool({ fails }: { readonly fails?: string } = {}) {
  const opened: string[] = [];
  const disposed: string[] = [];
  const waiting = new Set<() => void>();
  const files = new Map<string, FilesOnDisk>();
  const models = new ModelPool({
    open: async (folder) => {
      if (folder === fails) throw new Error('no model');
      opened.push(folder);
      files.delete(folder);
      const onDisk = async () => files.get(folder) ?? 'same';
      return { folder, onDisk, dispose: async () => void disposed.push(folder) } as LanguageModel;
    },
    most: 2,
    idleMs: IDLE_MS,
    later: (ms, call) => {
      assert.equal(ms, IDLE_MS);
      waiting.add(call);
      return () => waiting.delete(call);
    },
  });
  const use = (folder: string) => models.use(folder, async (model) => model.folder);
  const idle = async () => {
    for (const call of [...waiting]) call();
    await Promise.resolve();
  };
  return { models, opened, disposed, waiting, files, use, idle };
}

test('a model is loaded once, and leaves memory after it was idle', async () => {
  const { models, opened, disposed, waiting, use, idle } = pool();
  assert.equal(await use('a'), 'a');
  assert.equal(await use('a'), 'a');
  assert.deepEqual(opened, ['a']);
  assert.equal(waiting.size, 1);
  await idle();
  assert.deepEqual(disposed, ['a']);
  assert.deepEqual(models.folders, []);
  await use('a');
  assert.deepEqual(opened, ['a', 'a']);
});

test('of three the least recently used goes before the third is loaded', async () => {
  const { models, disposed, use } = pool();
  for (const folder of ['a', 'b', 'a', 'c']) await use(folder);
  assert.deepEqual(disposed, ['b']);
  assert.deepEqual(models.folders, ['a', 'c']);
});

test('a model in use stays, also when it is one too many and when time passes', async () => {
  const { models, disposed, use, idle } = pool();
  const finish: (() => void)[] = [];
  const working = ['a', 'b'].map((folder) =>
    models.use(folder, () => new Promise<void>((resolve) => finish.push(resolve))),
  );
  await use('c');
  await idle();
  assert.deepEqual(disposed, ['c']);
  assert.deepEqual(models.folders, ['a', 'b']);
  for (const end of finish) end();
  await Promise.all(working);
  assert.deepEqual(models.folders, ['a', 'b']);
});

test('what could not be loaded is tried anew, and takes no place', async () => {
  const { models, use } = pool({ fails: 'b' });
  await use('a');
  await assert.rejects(use('b'), /no model/);
  assert.deepEqual(models.folders, ['a']);
  await assert.rejects(use('b'), /no model/);
});

test('a model whose files were replaced or removed is loaded anew, and the old one goes with its last user', async () => {
  const { models, opened, disposed, waiting, files, use } = pool();
  await use('a');
  files.set('a', 'replaced');
  await use('a');
  assert.deepEqual([opened, disposed], [['a', 'a'], ['a']]);
  const door = gate();
  const working = models.use('a', () => door.opened);
  await until('it is used', () => waiting.size === 0);
  files.set('a', 'gone');
  await use('a');
  assert.deepEqual([opened.length, disposed.length], [3, 1]);
  door.open();
  await working;
  assert.equal(disposed.length, 2);
  assert.deepEqual(models.folders, ['a']);
});
