import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { withAbsolutePaths } from '../../../src/experiments/proposal/proposed-file.ts';
import { trainTokenizer } from '../../../src/tokenizer/train.ts';
import { program } from '../../support/programs.ts';
import { modelVariants, saveRandomModel } from '../../support/random-models.ts';
import { enters, talk } from '../../support/terminal-talk.ts';

async function textFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-init-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const [name, count, words] of [
    ['notes', 4, 'The wind fills the sail.'],
    ['generic', 3, 'Boil the soup and salt it.'],
  ] as const) {
    await mkdir(join(folder, name));
    for (let i = 0; i < count; i++) {
      const text = Array.from({ length: 400 }, (_, line) => `${words} ${line * (i + 1)}\n`).join('');
      await writeFile(join(folder, name, `${i}.md`), text);
    }
  }
  return folder;
}

/** The program with a pipe as standard input. */
function parlance(
  args: readonly string[],
  cli = program('cli'),
): { readonly code: number | null; readonly stdout: string; readonly stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    input: '',
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

test('init --yes writes an experiment that plan takes, names both next commands, and touches none that is there', async (t) => {
  const folder = await textFolder(t);
  const file = join(folder, 'parlance.json');
  const made = parlance(['init', folder, '--yes']);
  assert.equal(made.code, 0, made.stderr);
  assert.ok(made.stdout.includes(`parlance plan ${file}`) && made.stdout.includes(`parlance run ${file}`));
  const text = await readFile(file, 'utf8');
  assert.deepEqual(JSON.parse(text).domains, [
    { name: basename(folder), sources: [{ path: '.', exclude: ['/generic/'] }] },
  ]);
  assert.deepEqual(JSON.parse(text).generic, { sources: [{ path: 'generic' }] });
  const planned = parlance(['plan', folder, '--no-measure', '--json']);
  assert.equal(planned.code, 0, planned.stderr);
  assert.match(planned.stdout, /"type":"plan"/);

  await writeFile(file, text.replace('"tiny"', '"small"'));
  const again = parlance(['init', folder, '--yes']);
  assert.equal(again.code, 2);
  assert.match(again.stderr, /parlance\.json is there, and it is not touched\.\nhint: .*--force/);
  assert.match(await readFile(file, 'utf8'), /"small"/);

  const replaced = parlance(['init', folder, '--yes', '--force', '--json']);
  assert.equal(replaced.code, 0, replaced.stderr);
  const told = JSON.parse(replaced.stdout);
  assert.deepEqual([told.type, told.file, told.experiment], ['experiment', file, JSON.parse(text)]);
  assert.equal(await readFile(file, 'utf8'), text);
});

test('where nobody can answer, init does not wait: it says what to give, and writes nothing', async (t) => {
  const folder = await textFolder(t);
  for (const options of [[], ['--json'], ['--force']]) {
    const { code, stderr } = parlance(['init', folder, ...options]);
    assert.equal(code, 2);
    assert.match(stderr, /nobody is there to answer[\s\S]*hint: Give --yes/);
  }
  assert.deepEqual((await readdir(folder)).sort(), ['generic', 'notes']);
});

test('a folder without text, with too little, and one that is not there are refused', async (t) => {
  const folder = await textFolder(t);
  await rm(join(folder, 'notes'), { recursive: true });
  const few = parlance(['init', folder, '--yes']);
  assert.equal(few.code, 2);
  await rm(join(folder, 'generic'), { recursive: true });
  const none = parlance(['init', folder, '--yes']);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /has no text files\.\nhint: Put your text into it/);
  const absent = parlance(['init', join(folder, 'absent'), '--yes']);
  assert.equal(absent.code, 2, absent.stderr);
  assert.deepEqual(await readdir(folder), []);
});

test('where there is no generic text, that which comes along is proposed, copied with its licences, and told', async (t) => {
  const folder = await textFolder(t);
  await rm(join(folder, 'generic'), { recursive: true });
  const alone = parlance(['init', folder, '--yes']);
  assert.equal(alone.code, 0, alone.stderr);
  assert.equal('generic' in JSON.parse(await readFile(join(folder, 'parlance.json'), 'utf8')), false);

  // As it is installed: the program in dist, the sample beside it.
  const installation = await mkdtemp(join(tmpdir(), 'parlance-installed-'));
  t.after(() => rm(installation, { recursive: true, force: true }));
  await cp(join(program('cli'), '..', '..'), installation, { recursive: true, verbatimSymlinks: true });
  const sample = join(installation, 'dist', 'sample', 'workspace');
  await mkdir(join(sample, 'generic'), { recursive: true });
  await writeFile(join(sample, 'generic', 'novel.txt'), 'Call me Ishmael.\n'.repeat(1000));
  await writeFile(join(sample, 'LICENSES.md'), 'public domain\n');
  const made = parlance(['init', folder, '--yes', '--force'], join(installation, 'dist', 'cli.mjs'));
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stdout, /The text that comes with Parlance is in generic\//);
  assert.deepEqual(JSON.parse(await readFile(join(folder, 'parlance.json'), 'utf8')).generic, {
    sources: [{ path: 'generic' }],
  });
  assert.deepEqual((await readdir(folder)).sort(), ['.parlance', 'generic', 'notes', 'parlance.json']);
  assert.match(await readFile(join(folder, 'generic', 'novel.txt'), 'utf8'), /Ishmael/);
  assert.equal(await readFile(join(folder, '.parlance', 'LICENSES-generic.md'), 'utf8'), 'public domain\n');
});

test('a model folder that was chosen is what plan predicts the work of, also for the file as the editor plans it', async (t) => {
  const folder = await textFolder(t);
  await rm(join(folder, 'generic'), { recursive: true });
  const text = await readFile(join(folder, 'notes', '0.md'), 'utf8');
  const tokenizer = await trainTokenizer([text], { vocabularySize: 300 });
  await saveRandomModel(join(folder, 'models', 'mine'), modelVariants.plain, tokenizer);
  const { file, shown, error } = await talk(folder, ['1', '2', ...enters(6)]);
  assert.equal(error, undefined, shown);
  assert.match(shown, /mine +\d+k parameters/);
  const experiment = JSON.parse(await readFile(file, 'utf8'));
  assert.deepEqual(experiment.models, { small: { from: 'models/mine' } });
  assert.deepEqual(experiment.methods, ['slm-nopt', 'slm', 'slm-lora']);

  /** Memory holds what the program itself takes too, which is never twice the same. */
  const workOf = (path: string) => {
    const { code, stdout, stderr } = parlance(['plan', path, '--no-measure', '--json']);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout.split('\n').find((line) => line.includes('"type":"plan"')) ?? '').flops;
  };
  const work = workOf(file);
  const draft = await textFolder(t);
  const moved = withAbsolutePaths(experiment, (path) => resolve(folder, path));
  await writeFile(join(draft, 'parlance.json'), JSON.stringify(moved));
  assert.deepEqual(workOf(draft), work);
  const fromScratch = (models: object) =>
    writeFile(file, JSON.stringify({ ...experiment, models, methods: ['slm-nopt'] }));
  await fromScratch(experiment.models);
  const ofItsShape = workOf(file);
  await fromScratch({});
  assert.notDeepEqual(workOf(file), ofItsShape, 'the preset has another shape');
});
