/** `parlance eval`: the figure of the report for the same model and files, and what it says of other text. */
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  type EvaluationResult,
  readDocumentEvaluations,
  readEvaluation,
} from '../../../src/methods/stages/evaluation-files.ts';
import { finishedWorkspace, jsonLines, parlance, start } from './micro.ts';

interface Measured {
  readonly workspace: string;
  /** Of the model and of its evaluation. */
  readonly model: string;
  readonly evaluation: string;
  readonly result: EvaluationResult;
}

/** A fine-tuned model, and what the run measured of it. */
async function measuredModel(t: TestContext): Promise<Measured> {
  const workspace = await finishedWorkspace(t);
  const artifacts = join(workspace, '.parlance', 'storage', 'artifacts');
  const manifestOf = async (id: string): Promise<{ kind: string; inputs: Record<string, string> }> =>
    JSON.parse(await readFile(join(artifacts, id, 'artifact.json'), 'utf8'));
  for (const id of await readdir(artifacts)) {
    const { kind, inputs } = await manifestOf(id);
    if (kind !== 'evaluate' || inputs.model === undefined) continue;
    if ((await manifestOf(inputs.model)).kind !== 'fine-tune') continue;
    const evaluation = join(artifacts, id);
    const result = await readEvaluation(evaluation);
    return { workspace, model: join(artifacts, inputs.model), evaluation, result };
  }
  throw new Error('no model was measured');
}

const near = (a: unknown, b: number) =>
  assert.ok(typeof a === 'number' && Math.abs(a - b) <= 1e-6 * Math.abs(b), `${a} is not ${b}`);

test('on the held-out files it gives the figures of the run, in total and of each document', async (t) => {
  const { workspace, model, evaluation, result } = await measuredModel(t);
  const heldOut = await readDocumentEvaluations(evaluation);
  assert.ok(heldOut.length > 1);
  const paths = heldOut.map(({ source }) => join(workspace, 'domain', source));
  const { code, stdout, stderr } = await parlance('eval', model, ...paths, '--json');
  assert.equal(code, 0, stderr);
  const lines = jsonLines(stdout);
  const total = lines.at(-1);
  assert.equal(total?.type, 'evaluation');
  assert.deepEqual([total?.tokens, total?.bytes], [result.tokens, result.bytes]);
  near(total?.perplexity, result.perplexity);
  near(total?.bitsPerByte, result.bitsPerByte);
  const documents = lines.filter(({ type }) => type === 'document');
  assert.deepEqual(
    documents.map(({ source }) => source),
    paths,
  );
  for (const [i, { tokens, bytes, negativeLogLikelihood }] of heldOut.entries()) {
    assert.deepEqual([documents[i].tokens, documents[i].bytes], [tokens, bytes]);
    near(documents[i].perplexity, Math.exp(negativeLogLikelihood / tokens));
    assert.equal(documents[i].windows, Math.ceil(tokens / 32));
  }
});

test('the table has a row a document and the total, and says how long texts were cut and what was left out', async (t) => {
  const { workspace, model, result } = await measuredModel(t);
  await writeFile(join(workspace, 'domain', 'none.txt'), ' \n');
  const { stdout } = await parlance('eval', model, join(workspace, 'domain'));
  const [total] = stdout.match(/^All \d+ documents .*$/m) ?? [];
  assert.match(total ?? '', /^All \d+ documents +[\d,]+ +[\d,]+ +[\d,]+ +[\d.,]+ +\d\.\d{4}$/);
  assert.match(stdout, /reads 32 tokens\s+at a time: \d+ documents longer than that were cut into windows/);
  assert.match(stdout, /1 left out: nothing but white space\./);
  assert.ok(result.tokens > 0);
});

test('standard input is cleaned as a file is', async (t) => {
  const { workspace, model } = await measuredModel(t);
  const file = join(workspace, 'windows.txt');
  const text = '\ufeffinstall the package\r\nand run it\r\n';
  await writeFile(file, text);
  const [named] = jsonLines((await parlance('eval', model, file, '--json')).stdout);
  const [given] = jsonLines((await start(['eval', model, '-', '--json'], {}, text).ended).stdout);
  assert.deepEqual({ ...given, source: file }, named);
  assert.equal(given.source, 'standard input');
  assert.equal(given.bytes, 31, 'without the mark and with one sign a line end');
});

test('no text, no such file and no model are refused', async (t) => {
  const { workspace, model } = await measuredModel(t);
  await writeFile(join(workspace, 'none.txt'), ' \n');
  const none = await parlance('eval', model, join(workspace, 'none.txt'));
  assert.equal(none.code, 2);
  assert.match(
    none.stderr,
    /There is no text in .*none\.txt .* Left out: nothing but white space: 1 \(.*none\.txt\)\./,
  );
  assert.match((await parlance('eval', model, 'nowhere.txt')).stderr, /nowhere\.txt cannot be read/);
  assert.match((await parlance('eval', workspace, 'nowhere.txt')).stderr, /There is no whole model in/);
});

test('long texts show their progress, and Ctrl-C ends it', async (t) => {
  const { workspace, model } = await measuredModel(t);
  const file = join(workspace, 'long.txt');
  const line = 'install the package and then run it again with another name\n';
  await writeFile(file, line.repeat(400_000));
  const { child, ended, shows } = start(['eval', model, file, '--json']);
  await shows(/"type":"progress"/);
  child.kill('SIGINT');
  const { code, stderr, stdout } = await ended;
  assert.equal(code, 130);
  assert.match(stderr, /Stopped; the evaluation is not finished/);
  assert.doesNotMatch(stdout, /"type":"evaluation"/);
});
