import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCheckpoint, writeCheckpoint } from '../../../src/training/checkpoint.ts';
import {
  finishedWorkspace,
  jsonLines,
  longerExperiment,
  makeWorkspace,
  microExperiment,
  outcomes,
  parlance,
  start,
  TRAINING,
} from './micro.ts';

test('a malformed experiment file ends with 2 and names file, path, value and what is allowed', async (t) => {
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ ...microExperiment, seeds: ['one'] }, /parlance\.json[\s\S]*seeds\.0 must be a number \(got "one"\)/],
    [
      { ...microExperiment, methods: ['slm-x'] },
      /methods\.0 must be one of "slm-nopt", "slm", .*\(got "slm-x"\)/,
    ],
    [{ ...microExperiment, contxt: 32 }, /there is no setting "contxt"/],
    [{ ...microExperiment, domains: [{ sources: [{ path: 'domain' }] }] }, /domains\.0\.name is missing/],
    [{ ...microExperiment, pretraining: { tokens: [2048, 1024] } }, /pretraining\.tokens must rise/],
  ];
  for (const [experiment, message] of cases) {
    const { code, stderr } = await parlance('run', await makeWorkspace(t, experiment));
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
    assert.match(stderr, /^hint: /m);
  }
});

test('an experiment file that cannot be read ends with 2 and is named', async (t) => {
  const folder = await makeWorkspace(t);
  await rm(join(folder, 'parlance.json'));
  await mkdir(join(folder, 'parlance.json'));
  const { code, stderr } = await parlance('run', folder);
  assert.equal(code, 2, stderr);
  assert.match(stderr, /^error: .*parlance\.json could not be read \(EISDIR\)/);
});

test('a folder of reports that cannot be made ends with 4 before anything is computed', async (t) => {
  const folder = await makeWorkspace(t);
  await mkdir(join(folder, '.parlance'));
  await writeFile(join(folder, '.parlance', 'reports'), '');
  const { code, stdout, stderr } = await parlance('run', folder);
  assert.equal(code, 4, stderr);
  assert.match(stderr, /^error: The folder .*reports cannot be made: a file is in its place/);
  assert.doesNotMatch(stdout, /finished/);
});

test('a missing file, corpus or text ends with 2 and says what is missing', async (t) => {
  const absent = await parlance('run', '/nowhere/parlance.json');
  assert.equal(absent.code, 2);
  assert.match(absent.stderr, /^error: There is no experiment file \/nowhere\/parlance\.json/);

  const noGeneric = await makeWorkspace(t);
  await rm(join(noGeneric, 'generic'), { recursive: true });
  const missing = await parlance('run', noGeneric);
  assert.equal(missing.code, 2, missing.stderr);
  assert.match(missing.stderr, /generic/);

  const empty = await makeWorkspace(t);
  await rm(join(empty, 'domain'), { recursive: true });
  await mkdir(join(empty, 'domain'));
  for (const command of ['run', 'plan', 'corpus']) {
    const nothing = await parlance(command, empty);
    assert.equal(nothing.code, 2, nothing.stderr);
    assert.match(nothing.stderr, /^error: No text was found for corpus docs in .*domain\./);
    assert.doesNotMatch(nothing.stdout, /finished/);
  }
});

test('a run says which files it left out and why', async (t) => {
  const folder = await makeWorkspace(t);
  await writeFile(join(folder, 'domain', 'picture.md'), Uint8Array.of(0, 1, 2, 3));
  const running = start(['run', folder]);
  await running.shows(/^Left out of docs: binary data .*: 1 \(picture\.md\)$/m);
  running.child.kill('SIGKILL');
  await running.ended;
});

test('a domain of one file ends with 2: nothing can be held out', async (t) => {
  const folder = await makeWorkspace(t);
  await rm(join(folder, 'domain'), { recursive: true });
  await mkdir(join(folder, 'domain'));
  await writeFile(join(folder, 'domain', 'only.md'), 'One document cannot be split.\n'.repeat(50));
  const { code, stderr } = await parlance('run', folder);
  assert.equal(code, 2, stderr);
  assert.match(stderr, /^hint: /m);
});

test('a truncated model in the store is moved aside, said so, and computed again to the same bits', async (t) => {
  const folder = await finishedWorkspace(t);
  const storage = join(folder, '.parlance', 'storage');
  const before = await outcomes(storage);
  const [model] = Object.keys(before).filter((path) => path.endsWith('safetensors'));
  const id = model.split('/')[0];
  await truncate(join(storage, 'artifacts', model), 100);
  for (const path of Object.keys(before).filter((one) => one.endsWith('evaluation.json'))) {
    await rm(join(storage, 'artifacts', path.split('/')[0]), { recursive: true });
  }
  const { code, stdout } = await parlance('run', folder);
  assert.equal(code, 0);
  assert.match(stdout, new RegExp(`^damaged .*${id}.*Moved to .*quarantine`, 'm'));
  assert.deepEqual(await outcomes(storage), before);
});

test('a damaged description of any artifact costs its computation, never the experiment', async (t) => {
  const folder = await finishedWorkspace(t);
  const storage = join(folder, '.parlance', 'storage');
  const before = await outcomes(storage);
  for (const id of await readdir(join(storage, 'artifacts'))) {
    const description = join(storage, 'artifacts', id, 'artifact.json');
    if (/"kind": *"(evaluate|pretrain-trunk)"/.test(await readFile(description, 'utf8'))) continue;
    await writeFile(description, '{');
  }
  const { code, stdout, stderr } = await parlance('run', folder);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^damaged .*artifact\.json cannot be read/m);
  assert.deepEqual(await outcomes(storage), before);
});

test('a loss that is no number ends with 5, keeps the checkpoint and says what to lower', async (t) => {
  const folder = await makeWorkspace(t, longerExperiment);
  const running = start(['run', folder, '--json']);
  await running.shows(TRAINING);
  running.child.kill('SIGINT');
  assert.equal((await running.ended).code, 130);
  const work = join(folder, '.parlance', 'storage', 'work');
  const checkpoint = join(work, (await readdir(work))[0], 'scratch', 'checkpoint.safetensors');
  await resumeFromNaN(checkpoint);
  const { code, stderr } = await parlance('run', folder);
  assert.equal(code, 5, stderr);
  assert.match(
    stderr,
    /^error: The loss at step \d+ is NaN: training has diverged. The checkpoint of step \d+ is kept/,
  );
  assert.match(stderr, /^hint: Lower the learning rate/m);
  assert.ok((await stat(checkpoint)).size > 0);
});

test('a learning rate that makes the model worse than guessing ends with 5 and says what to lower', async (t) => {
  const folder = await makeWorkspace(t, { ...microExperiment, methods: ['slm'], training: { rate: 100 } });
  const { code, stderr } = await parlance('run', folder);
  assert.equal(code, 5, stderr);
  assert.match(
    stderr,
    /^error: The loss at step \d+ is [\d.]+, worse than the 5\.70 of guessing: training has diverged/,
  );
  assert.match(stderr, /^hint: Lower the learning rate/m);
  await writeFile(join(folder, 'parlance.json'), JSON.stringify({ ...microExperiment, methods: ['slm'] }));
  assert.equal((await parlance('run', folder)).code, 0);
});

/**
 * Weights as a training whose numbers overflowed has them; no rate that the experiment file allows does that to models
 * as small as these.
 */
async function resumeFromNaN(path: string): Promise<void> {
  const { progress, state } = await readCheckpoint(path);
  for (const { data } of Object.values(state)) data.fill(Number.NaN);
  await writeCheckpoint(path, progress, { names: Object.keys(state), read: async (name) => state[name] });
}

test('a checkpoint that is truncated or altered is moved aside, said so, and the training ends with the same bits', async (t) => {
  const folder = await finishedWorkspace(t, longerExperiment);
  const expected = await outcomes(join(folder, '.parlance', 'storage'));
  const storage = join(folder, 'another storage');
  const damages: readonly ((path: string) => Promise<void>)[] = [
    (path) => truncate(path, 500),
    async (path) => {
      const bytes = await readFile(path);
      bytes[Math.floor(bytes.length / 2)] ^= 1;
      await writeFile(path, bytes);
    },
  ];
  for (const [i, damage] of damages.entries()) {
    const running = start(['run', folder, '--storage', storage, '--json']);
    await running.shows(TRAINING);
    running.child.kill('SIGINT');
    const { code, stdout } = await running.ended;
    assert.equal(code, 130);
    assert.equal(/"state":"quarantined"/.test(stdout), i > 0, 'the damage before this one is told');
    const work = join(storage, 'work');
    await damage(join(work, (await readdir(work))[0], 'scratch', 'checkpoint.safetensors'));
  }
  const { code, stdout, stderr } = await parlance('run', folder, '--storage', storage);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^damaged .*checkpoint\.safetensors/m);
  assert.deepEqual(await outcomes(storage), expected);
});

const isRoot = process.getuid?.() === 0 && process.platform === 'linux';

test('a full disk ends with 4, and with room the same command goes on', { skip: !isRoot }, async (t) => {
  const folder = await makeWorkspace(t);
  const disk = await mkdtemp(join(tmpdir(), 'parlance-full-'));
  t.after(() => {
    spawnSync('umount', [disk]);
    return rm(disk, { recursive: true, force: true });
  });
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
  if (mount.status !== 0) return t.skip('this machine does not allow to mount');
  const full = await parlance('run', folder, '--storage', disk);
  assert.equal(full.code, 4, full.stderr + full.stdout);
  assert.match(full.stderr, /^error: .*\nhint: /);
  spawnSync('mount', ['-o', 'remount,size=64m', disk]);
  const enough = await parlance('run', folder, '--storage', disk);
  assert.equal(enough.code, 0, enough.stderr);
});

test('unknown commands and options end with 2 and show the help', async () => {
  for (const args of [
    ['frobnicate'],
    ['run', '--frob'],
    ['run', '--threads', 'many'],
    ['run', '--preset', 'huge'],
  ]) {
    const { code, stderr } = await parlance(...args);
    assert.equal(code, 2);
    assert.match(stderr, /Usage: parlance/);
  }
});

test('clean shows sizes, asks when nobody can answer, and removes what --all says', async (t) => {
  const folder = await finishedWorkspace(t);
  const artifacts = join(folder, '.parlance', 'storage', 'artifacts');
  const count = (await readdir(artifacts)).length;
  assert.ok(count > 15, `${count} artifacts`);
  assert.match((await parlance('clean', folder)).stdout, new RegExp(`artifacts +${count} folders`));
  assert.equal((await parlance('clean', folder, '--all')).code, 2);
  const dry = jsonLines((await parlance('clean', folder, '--all', '--dry-run', '--json')).stdout);
  assert.equal(Array.isArray(dry[0].removed) && dry[0].removed.length, count);
  assert.equal((await readdir(artifacts)).length, count);
  assert.equal((await parlance('clean', folder, '--all', '--yes')).code, 0);
  assert.equal((await readdir(artifacts)).length, 0);
});
