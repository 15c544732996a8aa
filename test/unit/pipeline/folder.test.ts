/** Folders that are made whole or not at all. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../../src/pipeline/folder.ts';

test('what a killed process left of the same folder is removed, what another one is making is not', async (t) => {
  const parent = await mkdtemp(join(tmpdir(), 'parlance-'));
  t.after(() => rm(parent, { recursive: true, force: true }));
  const { pid: dead } = spawnSync(process.execPath, ['--version']);
  const others = [`.model.${process.ppid}.tmp`, '.model.notes.tmp', `.other.${dead}.tmp`];
  for (const name of [`.model.${dead}.tmp`, ...others]) await mkdir(join(parent, name));
  await makeFolder(join(parent, 'model'), (folder) => writeFile(join(folder, 'a'), 'a'));
  assert.deepEqual((await readdir(parent)).sort(), [...others, 'model'].sort());
});
