/** What a run is refused for before it trains, and how `plan`, `corpus` and the report tell of it. */
import assert from 'node:assert/strict';
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { anchorPassage } from '../../../src/corpus/labels/passages.ts';
import { makeWorkspace, microExperiment, parlance } from './micro.ts';

const least = {
  ...microExperiment,
  methods: ['slm-nopt'],
  specialization: { ...microExperiment.specialization, domainTokens: [2048] },
};

async function label(folder: string, labels: readonly object[]): Promise<void> {
  await mkdir(join(folder, '.parlance'), { recursive: true });
  await writeFile(join(folder, '.parlance', 'labels.json'), JSON.stringify({ version: 1, labels }));
}

async function refuses(folder: string, message: RegExp): Promise<void> {
  const { code, stdout, stderr } = await parlance('run', folder);
  assert.equal(code, 2, stderr);
  assert.match(stderr, message);
  assert.match(stderr, /^hint: /m);
  assert.doesNotMatch(stdout, /^started {3}(train|pretrain)/m);
}

const plan = async (folder: string) => (await parlance('plan', folder, '--no-measure')).stdout;

async function heldOutFile(t: TestContext): Promise<string> {
  const folder = await makeWorkspace(t, least);
  await label(folder, [
    { path: 'domain/npm-restart.md', label: 'held-out' },
    { path: 'domain/npm-root.md', label: 'in-domain', domain: 'docs' },
  ]);
  return folder;
}

test('a run is refused while a held-out file has another name, unless it is told to go on; all say it', async (t) => {
  const folder = await heldOutFile(t);
  await mkdir(join(folder, 'domain', 'moved'));
  await rename(join(folder, 'domain', 'npm-restart.md'), join(folder, 'domain', 'moved', 'npm-restart.md'));
  const told =
    /held-out domain\/npm-restart\.md: there is no such file; perhaps it is domain\/moved\/npm-restart\.md now/;
  await refuses(folder, told);
  const planned = await plan(folder);
  assert.match(planned, told);
  assert.match(planned, /A run would be refused: A label that keeps text out of training/);
  assert.match((await parlance('corpus', folder)).stdout, told);
  const { code, stdout, stderr } = await parlance('run', folder, '--ignore-lost-labels');
  assert.equal(code, 0, stderr);
  assert.match(stdout, told);
  const report = /^Report: (.*)report\.html$/m.exec(stdout)?.[1] ?? '';
  const markdown = await readFile(join(report, 'report.md'), 'utf8');
  assert.match(markdown, /held\\?-out domain\/npm\\?-restart\\?\.md: there is no such file/);
  assert.match(markdown, /parlance run .* --ignore-lost-labels/);
});

test('a label that does not keep text out of training is told of and stops nothing', async (t) => {
  const folder = await makeWorkspace(t, least);
  await label(folder, [{ path: 'domain/gone.md', label: 'in-domain' }]);
  assert.match(await plan(folder), /^Label that names nothing: in-domain domain\/gone\.md/m);
  const { code, stdout } = await parlance('run', folder);
  assert.equal(code, 0);
  assert.match(stdout, /^Label that names nothing: in-domain domain\/gone\.md/m);
});

test('a run is refused when a passage that was held out is no longer in its file', async (t) => {
  const folder = await makeWorkspace(t, least);
  const file = join(folder, 'domain', 'npm-restart.md');
  const text = await readFile(file, 'utf8');
  const passage = anchorPassage(text, 400, 700);
  await label(folder, [{ path: 'domain/npm-restart.md', label: 'held-out', passage }]);
  await writeFile(file, `${text.slice(0, 450)}something else${text.slice(460)}`);
  await refuses(folder, /held-out .*npm-restart\.md \(“.*”\): its text is no longer in its place/);
  assert.match(await plan(folder), /A run would be refused: A label that keeps text out of training/);
});

test('a generic source that holds the domain is refused before anything is read, and plan says so', async (t) => {
  const folder = await makeWorkspace(t, { ...least, generic: { sources: [{ path: '.' }] } });
  const message = /All \d+ files of docs are files of the generic corpus too \(.*domain/;
  await refuses(folder, message);
  assert.match(await plan(folder), message);
});

test('copies of all held-out text in the generic corpus end a run before training', async (t) => {
  const folder = await makeWorkspace(t, least);
  await cp(join(folder, 'domain'), join(folder, 'generic', 'copies'), { recursive: true });
  await refuses(folder, /held-out .*docs .*generic corpus.*nothing (is left|would be left) to measure on/);
  assert.match(await plan(folder), /A run would be refused: .*generic corpus/);
});

test('what a corpus leaves out is told by the run, the plan and the report', async (t) => {
  const folder = await makeWorkspace(t, least);
  await writeFile(join(folder, 'domain', 'picture.md'), Uint8Array.of(0, 1, 2, 3));
  await writeFile(join(folder, 'domain', 'chart.svg'), '<svg/>');
  assert.match(await plan(folder), /^Not read yet: generic, docs\./m);
  const { code, stdout } = await parlance('run', folder);
  assert.equal(code, 0);
  const planned = await plan(folder);
  for (const told of [
    /^Left out of docs: binary data .*: 1 \(picture\.md\)$/m,
    /^Left out of docs: not a type of file that holds text: 1 \(chart\.svg\)$/m,
  ]) {
    assert.match(stdout, told);
    assert.match(planned, told);
  }
  const report = /^Report: (.*)report\.html$/m.exec(stdout)?.[1] ?? '';
  assert.match(
    await readFile(join(report, 'report.md'), 'utf8'),
    /To know about the text[\s\S]*Left out of docs: binary data[\s\S]*Left out of docs: not a type of file/,
  );
});

test('a domain whose labels leave a split empty is refused with counts', async (t) => {
  const domains = [{ ...least.domains[0], split: { validation: 0.2, heldout: 0 } }];
  const folder = await makeWorkspace(t, { ...least, domains });
  await writeFile(join(folder, 'elsewhere.md'), 'held out, but in no source');
  await label(folder, [{ path: 'elsewhere.md', label: 'held-out' }]);
  await refuses(folder, /The documents of docs are \d+ for training, \d+ for validation, 0 held out/);
  await rm(join(folder, '.parlance', 'labels.json'));
  await refuses(folder, /domains\.0\.split\.heldout must be above 0/);
});

test('a generic corpus with fewer windows than clusters is refused before training', async (t) => {
  const selection = { clusters: 5000 };
  const folder = await makeWorkspace(t, { ...least, methods: ['slm-nopt', 'slm-is'], selection });
  await refuses(
    folder,
    /The generic corpus has [\d,]+ windows of up to 32 tokens for training: too few for 5000 clusters/,
  );
  const planned = await parlance('plan', folder, '--no-measure');
  assert.match(planned.stdout, /A run would be refused: The generic corpus has [\d,]+ windows/);
});
