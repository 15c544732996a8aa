/** The assembled sample: what the manifest promises of it, checked on the text itself. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readExperiment } from '../../src/experiments/config/configuration.ts';
import { prepareExperiment } from '../../src/experiments/execution/prepare.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** A folder of its own, so that everything is made afresh by the present readers. */
const assembled = await mkdtemp(join(tmpdir(), 'parlance-sample-'));
const workspace = join(assembled, 'npm-docs');

interface Document {
  readonly id: string;
  readonly text: string;
}

interface Source {
  readonly name: string;
  readonly package: string;
  readonly licence: string;
  readonly licenceSource: string;
  readonly sha256: string;
}

const manifest: { generic: Source[]; domain: Source } = JSON.parse(
  await readFile(join(root, 'samples', 'manifest.json'), 'utf8'),
);

const script = join(root, 'samples', 'assemble.mjs');

async function assemble(): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [script, assembled]);
  return stdout;
}

function strictUtf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}

const corpusFile = (name: string): string => join(assembled, 'generic', `${name}.jsonl`);

async function corpus(name: string): Promise<Document[]> {
  const lines = strictUtf8(await readFile(corpusFile(name))).split('\n');
  assert.equal(lines.pop(), '', 'the last line is whole');
  return lines.map((line) => JSON.parse(line));
}

async function workspaceTexts(): Promise<Document[]> {
  const names = await readdir(workspace, { recursive: true });
  const paths = names.filter((name) => name.endsWith('.md')).sort();
  return Promise.all(
    paths.map(async (id) => ({ id, text: strictUtf8(await readFile(join(workspace, id))) })),
  );
}

before(assemble);
after(() => rm(assembled, { recursive: true }));

test('every generic corpus has the hash of the manifest and whole, non-empty documents', async () => {
  for (const { name, sha256 } of manifest.generic) {
    const bytes = await readFile(corpusFile(name));
    assert.equal(createHash('sha256').update(bytes).digest('hex'), sha256, name);
    const documents = await corpus(name);
    assert.ok(documents.every(({ id, text }) => id !== '' && text.trim() !== ''));
    assert.equal(new Set(documents.map(({ id }) => id)).size, documents.length, `${name}: ids are unique`);
  }
});

test('the generic folder holds nothing but the corpora of the manifest', async () => {
  const expected = manifest.generic.map(({ name }) => `${name}.jsonl`).sort();
  assert.deepEqual((await readdir(join(assembled, 'generic'))).sort(), expected);
});

test('mail has no header lines and no replacement characters', async () => {
  const header =
    /^(?:Received|Return-Path|Message-Id|Delivered-To|MIME-Version|Content-Type|X-Mailer|From|To|Cc|Subject):/im;
  const documents = await corpus('mail');
  assert.ok(documents.length > 3000);
  const wrong = documents.filter(({ text }) => header.test(text) || text.includes('\ufffd'));
  assert.deepEqual(
    wrong.map(({ id }) => id),
    [],
  );
});

test('the workspace holds the pages of npm without their front matter', async () => {
  const pages = await workspaceTexts();
  assert.equal(pages.length, 91);
  assert.deepEqual(
    pages.filter(({ text }) => text.startsWith('---')).map(({ id }) => id),
    [],
  );
});

test('no passage of the domain is in the generic corpora', async () => {
  const generic = new Set<string>();
  for (const { name } of manifest.generic) {
    for (const { text } of await corpus(name)) for (const line of text.split('\n')) generic.add(line.trim());
  }
  const pages = await workspaceTexts();
  const lines = pages.flatMap(({ text }) => text.split('\n')).map((line) => line.trim());
  const shared = lines.filter((line) => line.length >= 40 && generic.has(line));
  assert.deepEqual(shared, []);
});

test('every part names its licence, where that is stated, and a package that the lockfile pins', async () => {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  for (const source of [...manifest.generic, manifest.domain]) {
    assert.ok(source.licence !== '' && source.licenceSource !== '', source.name);
    assert.ok(`node_modules/${source.package}` in lock.packages, source.name);
  }
});

test('a second run makes nothing; a damaged or missing part is made again and results are left alone', async () => {
  assert.match(await assemble(), /as assembled before/);
  const novel = corpusFile('novel');
  const before = await stat(novel);
  await rm(corpusFile('factbook'));
  await appendFile(join(workspace, 'commands', 'npm-ci.md'), 'damage');
  const result = join(workspace, 'result-of-a-run.txt');
  await writeFile(result, 'kept');
  try {
    assert.match(await assemble(), /2 parts assembled/);
    assert.equal(await readFile(result, 'utf8'), 'kept');
    assert.equal((await stat(novel)).mtimeMs, before.mtimeMs, 'an intact part is not written again');
    assert.match(await assemble(), /as assembled before/);
  } finally {
    await rm(result);
  }
});

test('the results that come with the sample are those of its experiment and text, and of the stages as they are', async () => {
  const folder = join(assembled, 'workspace');
  const storage = join(folder, '.parlance', 'storage');
  const prepared = await prepareExperiment(await readExperiment(folder), {
    storage,
    threads: 1,
    version: '',
    command: '',
    signal: new AbortController().signal,
    engine: 'onnxruntime:cpu',
  });
  const first = prepared.stages.points.filter(
    ({ point }) => point.seed === prepared.experiment.plan.seeds[0],
  );
  await prepared.dispose();
  assert.ok(first.length > 0);
  const stale = first
    .filter(({ imported }) => imported === undefined)
    .map(({ evaluation }) => evaluation.label);
  assert.deepEqual(stale, [], 'record again with: npm run sample:record');
});
