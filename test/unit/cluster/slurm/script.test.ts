import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  jobOptions,
  jobScript,
  NOT_SHARED,
  probeScript,
  SETUP_FAILED,
} from '../../../../src/cluster/slurm/script.ts';

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

/** As Slurm starts it: by its first line. */
function started(setup: readonly string[]) {
  const path = join(folder, 'job');
  const program = ['/bin/echo', 'computes'];
  const place = { storage: folder, program, logs: folder };
  writeFileSync(
    path,
    jobScript([{ fingerprints: ['aa'], events: 'e' }], { threads: 1, setup: [...setup] }, place),
  );
  chmodSync(path, 0o755);
  const { status, stdout, stderr } = spawnSync(path, {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: folder },
  });
  return { status, stdout, stderr };
}

test('lines of setup are for all that follows, and the first that fails ends the job, named', () => {
  const fine = started(['greeting="it\'s me" # a comment', 'if true; then\n  echo "$greeting"\nfi']);
  assert.equal(fine.status, 0, fine.stderr);
  assert.match(fine.stdout, /it's me\n.*computes/s);
  const { status, stdout, stderr } = started(['true', 'cd /nowhere/at/all', 'echo never']);
  assert.equal(status, SETUP_FAILED);
  assert.match(stderr, /execution\.slurm\.setup: line 2 failed: cd \/nowhere\/at\/all/);
  assert.doesNotMatch(stdout, /never|computes/);
});

const bash = { skip: existsSync('/bin/bash') ? false : 'there is no bash' };
test('lines of setup are read by a login shell of bash, which knows what the profile defines', bash, () => {
  writeFileSync(join(folder, '.bash_profile'), 'module() { [[ $1 = load ]] && echo "loaded $2"; }\n');
  const { status, stdout, stderr } = started(['module load nodejs/20']);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /loaded nodejs\/20\n/);
});

test('a percent sign in the path of the storage is no pattern of Slurm’s', () => {
  const place = { storage: folder, program: [], logs: '/scratch/100%j/logs' };
  const options = jobOptions({ jobs: [job], after: [], comment: 'c' }, settings, place);
  assert.ok(options.includes('--output=/scratch/100%%j/logs/%j.log'), options.join(' '));
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
