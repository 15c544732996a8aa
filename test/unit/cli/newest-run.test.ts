/** Which run `report` and `export` tell of. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { newestRun } from '../../../src/cli/newest-run.ts';
import { createRun } from '../../../src/experiments/runs/run-writer.ts';
import type { RunRequest } from '../../../src/experiments/runs/runs.ts';

const request: RunRequest = {
  title: 'letters',
  configuration: {},
  seeds: [1],
  versions: { parlance: '0', node: '20', engine: 'x', platform: 'linux', processor: 'x', threads: 1 },
  methods: ['slm-nopt'],
  engine: 'auto',
};

/** A folder with these experiment files. */
function folderWith(t: TestContext, ...names: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'parlance-newest-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'docs'));
  writeFileSync(join(folder, 'docs', 'a.md'), 'A few words.');
  const asked = { domains: [{ name: 'docs', sources: [{ path: 'docs' }] }], methods: ['slm-nopt'] };
  for (const name of names) writeFileSync(join(folder, name), JSON.stringify(asked));
  return folder;
}

let number = 0;
async function ran(folder: string, asked: Partial<RunRequest>): Promise<string> {
  const id = `20260101-000000-${100 + number++}-abcdef`;
  const run = await createRun(join(folder, '.parlance', 'storage'), { ...request, ...asked }, { id });
  run.finish('finished');
  return id;
}

test('the newest run of an experiment file is none of another file of its folder', async (t) => {
  const folder = folderWith(t, 'a.json', 'b.json', 'c.json');
  const own = await ran(folder, { experimentFile: join(folder, 'b.json') });
  await ran(folder, { experimentFile: join(folder, 'a.json') });
  assert.equal((await newestRun(join(folder, 'b.json'), {})).record.id, own);
  await assert.rejects(newestRun(join(folder, 'c.json'), {}), /no run of .*c\.json in /);
  const imported = await ran(folder, { imported: true });
  assert.equal((await newestRun(join(folder, 'b.json'), {})).record.id, imported);
});

test('an experiment file is the same by another way to it', async (t) => {
  const folder = folderWith(t, 'parlance.json');
  const id = await ran(folder, { experimentFile: join(folder, 'parlance.json') });
  const link = `${folder}-link`;
  symlinkSync(folder, link);
  t.after(() => rmSync(link));
  const storage = join(folder, '.parlance', 'storage');
  assert.equal((await newestRun(link, { storage })).record.id, id);
});
