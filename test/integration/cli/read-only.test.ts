import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { program } from '../../support/programs.ts';
import { makeFolder } from '../../unit/corpus/temporary-corpus.ts';
import { makeWorkspace, microExperiment } from './micro.ts';

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/** The command line as a user who may read the workspace and not write it: root may write everything. */
function parlance(...args: readonly string[]) {
  const who = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const options = { encoding: 'utf8' as const, ...who };
  return spawnSync(process.execPath, [program('cli'), ...args], options);
}

test('a workspace that may only be read runs with a storage elsewhere, as its refusal says', async (t) => {
  if (process.platform === 'win32') return t.skip('permissions are of another kind there');
  // Hooks run in their order: it must be writable again before it is removed.
  t.after(() => chmod(workspace, 0o755));
  const workspace = await makeWorkspace(t, { ...microExperiment, methods: ['slm-nopt'] });
  await chmod(workspace, 0o555);
  const elsewhere = await makeFolder(t, {});
  await mkdir(join(elsewhere, 'storage'));
  for (const folder of [elsewhere, join(elsewhere, 'storage')]) await chmod(folder, 0o777);

  const refused = parlance('run', workspace);
  assert.equal(refused.status, 4, refused.stderr);
  assert.match(refused.stderr, /could not be written: no permission/);
  assert.match(refused.stderr, /^hint: .*--storage <folder>/m);

  const storage = join(elsewhere, 'storage');
  const { status, stdout, stderr } = parlance('run', workspace, '--storage', storage);
  assert.equal(status, 0, stderr);
  const [run] = await readdir(join(storage, 'reports'));
  assert.ok(stdout.includes(`Report: ${join(storage, 'reports', run, 'report.html')}`), stdout);
  assert.equal(parlance('report', workspace, '--storage', storage).status, 0);
});
