/** What is asked of a run whose process is not of this machine. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputError } from '../../../src/common/errors.ts';
import { createRun } from '../../../src/experiments/runs/run-writer.ts';
import { lockPath, type RunRequest, readRun, runFolder } from '../../../src/experiments/runs/runs.ts';
import { Supervisor } from '../../../src/host/supervisor.ts';
import { thisProcess } from '../../../src/pipeline/owner.ts';

const request: RunRequest = {
  title: 'letters',
  configuration: {},
  seeds: [1],
  versions: { parlance: '0', node: '20', engine: 'x', platform: 'linux', processor: 'x', threads: 1 },
  experimentFile: '/letters/parlance.json',
  methods: ['slm'],
  engine: 'auto',
};

test('a run of another machine is not steered here, and no process of this one is ended for it', async (t) => {
  const storage = mkdtempSync(join(tmpdir(), 'parlance-elsewhere-'));
  t.after(() => rmSync(storage, { recursive: true, force: true }));
  const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  t.after(() => bystander.kill('SIGKILL'));
  const run = await createRun(storage, request);
  run.finish('interrupted');
  const { id } = run.record;
  const pid = bystander.pid ?? 0;
  const folder = runFolder(storage, id);
  for (const place of [{ host: 'node-b' }, { namespace: 'pid:[1]' }]) {
    const owner = { ...thisProcess(), pid, instance: 'other', since: new Date().toISOString(), ...place };
    writeFileSync(join(lockPath(folder), '9'), JSON.stringify(owner));
    writeFileSync(join(folder, 'host.json'), JSON.stringify({ socket: join(folder, 's'), secret: 'x', pid }));
    const supervisor = new Supervisor({ program: '', queueFolder: storage, parallel: () => 1 });
    for (const command of ['cancel', 'pause'] as const) {
      await assert.rejects(supervisor.command(storage, id, command), (error) => {
        assert.ok(error instanceof InputError);
        assert.match(error.message, new RegExp(`carried out on ${owner.host} `));
        return true;
      });
    }
    assert.deepEqual([bystander.exitCode, bystander.signalCode], [null, null]);
  }
  assert.equal((await readRun(storage, id)).status?.state, 'interrupted');
});
