import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { jobOptions, jobScript, NOT_SHARED, probeScript } from '../../../../src/cluster/slurm/script.ts';

const folder = mkdtempSync(join(tmpdir(), "parlance's script "));
after(() => rmSync(folder, { recursive: true, force: true }));

const settings = { threads: 3, setup: ['greeting=hello'] };
const job = { stages: [], needs: [], seconds: 1000, bytes: 2e9 };

test('each task of an array computes its own stages, whatever is in the paths', () => {
  const show = join(folder, 'show.mjs');
  writeFileSync(show, 'console.log(JSON.stringify(process.argv.slice(2)))');
  const place = { storage: join(folder, 'a $(b)'), program: [process.execPath, show], logs: folder };
  const tasks = [
    { fingerprints: ['aa', 'bb'], events: join(folder, 'one.jsonl') },
    { fingerprints: ['cc'], events: join(folder, 'two.jsonl') },
  ];
  const script = jobScript(tasks, settings, place);
  const run = (task?: string) => {
    const env = { PATH: process.env.PATH, ...(task && { SLURM_ARRAY_TASK_ID: task }) };
    return JSON.parse(execFileSync('/bin/sh', ['-c', script], { env, encoding: 'utf8' }));
  };
  const common = ['stage', '--storage', place.storage, '--threads', '3', '--events'];
  assert.deepEqual(run(), [...common, tasks[0].events, 'aa', 'bb']);
  assert.deepEqual(run('1'), [...common, tasks[1].events, 'cc']);
});

test('the first job tells whether the storage is the same one', () => {
  const path = join(folder, 'marker');
  writeFileSync(path, 'mine');
  const exitOf = (marker: { path: string; content: string }) =>
    spawnSync('/bin/sh', ['-c', probeScript(marker)]).status;
  assert.equal(exitOf({ path, content: 'mine' }), 0);
  assert.equal(exitOf({ path, content: 'another' }), NOT_SHARED);
  assert.equal(exitOf({ path: join(folder, 'nowhere'), content: 'mine' }), NOT_SHARED);
});

test('time and memory are asked for with a margin, unless the user set them', () => {
  const place = { storage: folder, program: [], logs: folder };
  const asked = { jobs: [job, { ...job, seconds: 2000 }], after: ['5', '6_1'], comment: 'c' };
  const options = jobOptions(asked, { ...settings, concurrent: 4, gres: 'gpu:1' }, place);
  for (const one of [
    '--time=100',
    '--mem=2600M',
    '--gres=gpu:1',
    '--array=0-1%4',
    '--dependency=afterok:5:6_1',
    '--requeue',
    '--signal=B:USR1@120',
  ])
    assert.ok(options.includes(one), `${one} in ${options.join(' ')}`);
  const own = jobOptions({ ...asked, jobs: [job] }, { ...settings, time: '2-0', memory: '9G' }, place);
  assert.ok(own.includes('--time=2-0') && own.includes('--mem=9G'));
  assert.ok(!own.some((one) => one.startsWith('--array')));
});
