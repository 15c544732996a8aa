/** `parlance export` of models that a run made: what is written, what its card says, and what is refused. */
import assert from 'node:assert/strict';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import * as z from 'zod';
import { formatBits, formatPerplexity } from '../../../src/common/format.ts';
import { GgufFile } from '../../../src/formats/gguf/read.ts';
import { finishedWorkspace, jsonLines, microExperiment, parlance } from './micro.ts';

const seeds = { ...microExperiment, seeds: [1, 2] };
const reportSchema = z.object({
  answers: z.array(z.object({ method: z.string() })),
  measurements: z.array(
    z.object({
      method: z.string(),
      phase: z.string(),
      seed: z.number(),
      perplexity: z.number(),
      bitsPerByte: z.number(),
      validationPerplexity: z.number(),
      requestedDomainTokens: z.union([z.number(), z.string()]).optional(),
    }),
  ),
});

async function reportOf(workspace: string) {
  const reports = join(workspace, '.parlance', 'reports');
  const [run] = await readdir(reports);
  return reportSchema.parse(JSON.parse(await readFile(join(reports, run, 'report.json'), 'utf8')));
}

const exported = (workspace: string, format: string, to: string, ...more: readonly string[]) =>
  parlance('export', '--experiment', workspace, '--format', format, '--to', join(workspace, to), ...more);

async function artifacts(workspace: string, kind: string): Promise<readonly string[]> {
  const folder = join(workspace, '.parlance', 'storage', 'artifacts');
  const found: string[] = [];
  for (const name of await readdir(folder)) {
    const manifest: { kind: string } = JSON.parse(
      await readFile(join(folder, name, 'artifact.json'), 'utf8'),
    );
    if (manifest.kind === kind) found.push(join(folder, name));
  }
  return found;
}

async function untouched(t: TestContext): Promise<string> {
  return finishedWorkspace(t, seeds);
}

test('the model that the answer names is exported, the seed that validation prefers, and its card has its figures', async (t) => {
  const workspace = await untouched(t);
  const { code, stderr, stdout } = await exported(workspace, 'hf', 'out', '--licence', 'CC-BY-4.0 *as is*');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Exported .+README\.md there says how to run it\.\n$/s);
  assert.deepEqual((await readdir(join(workspace, 'out'))).sort(), [
    'README.md',
    'config.json',
    'generation_config.json',
    'model.safetensors',
    'tokenizer.json',
    'tokenizer_config.json',
  ]);
  const { answers, measurements } = await reportOf(workspace);
  const own = measurements.filter(
    ({ method, phase, requestedDomainTokens }) =>
      method === answers[0].method && phase === 'after fine-tuning' && requestedDomainTokens === 'all',
  );
  assert.equal(own.length, 2);
  const [best] = own.sort((a, b) => a.validationPerplexity - b.validationPerplexity);
  const card = await readFile(join(workspace, 'out', 'README.md'), 'utf8');
  assert.match(card, new RegExp(`^# ${best.method} for docs, seed ${best.seed}\n`));
  assert.ok(card.includes(`| Perplexity | ${formatPerplexity(best.perplexity)} |`), card);
  assert.ok(card.includes(`| Bits per byte | ${formatBits(best.bitsPerByte)} |`), card);
  assert.match(card, /Seeds 1, 2, each/);
  assert.match(card, /## Licence\n\nCC-BY-4\.0 \\\*as is\\\*\n/);
  assert.match(card, /\*\*Budgets\*\*/);
  assert.match(card, /generic, [0-9a-f]{12}/);
  assert.doesNotMatch(card, /undefined|NaN|\[object/);
});

test('the weights of an exported folder are bit for bit those of the artifact', async (t) => {
  const workspace = await untouched(t);
  const [model] = await artifacts(workspace, 'fine-tune');
  assert.equal((await exported(workspace, 'hf', 'out', model)).code, 0);
  const weights = (folder: string) => readFile(join(folder, 'model.safetensors'));
  assert.deepEqual(await weights(join(workspace, 'out')), await weights(model));
});

test('as GGUF it is one file and the card; the figures are said to be of float32 where it is rounded', async (t) => {
  const workspace = await untouched(t);
  const { code, stdout, stderr } = await exported(workspace, 'gguf', 'out', '--type', 'q8_0', '--json');
  assert.equal(code, 0, stderr);
  const [line] = jsonLines(stdout);
  assert.equal(line.type, 'exported');
  assert.equal(line.weights, 'q8_0');
  assert.deepEqual((await readdir(join(workspace, 'out'))).sort(), ['README.md', 'model.gguf']);
  const file = await GgufFile.open(join(workspace, 'out', 'model.gguf'));
  assert.deepEqual(file.metadata.get('general.name'), { type: 'string', value: line.title });
  await file.close();
  const card = await readFile(join(workspace, 'out', 'README.md'), 'utf8');
  assert.match(card, /with the rounded ones of this folder nothing was measured/);
  assert.match(card, /llama-completion -m folder\/model\.gguf/);
  assert.match(card, /## Licence\n\nNot stated\./);
});

test('as ONNX it is the graph with what transformers.js reads beside it', async (t) => {
  const workspace = await untouched(t);
  const { code, stderr } = await exported(workspace, 'onnx', 'out');
  assert.equal(code, 0, stderr);
  assert.deepEqual((await readdir(join(workspace, 'out'), { recursive: true })).sort(), [
    'README.md',
    'config.json',
    'generation_config.json',
    'onnx',
    join('onnx', 'model.onnx'),
    'tokenizer.json',
    'tokenizer_config.json',
  ]);
  const card = await readFile(join(workspace, 'out', 'README.md'), 'utf8');
  assert.match(card, /pipeline\('text-generation', 'folder'/);
});

test('of a model that was never measured, and of one from elsewhere, the card has no figures', async (t) => {
  const workspace = await untouched(t);
  const models = await artifacts(workspace, 'fine-tune');
  assert.equal((await exported(workspace, 'hf', 'copy', models[0])).code, 0);
  const elsewhere = await exported(workspace, 'hf', 'again', join(workspace, 'copy'));
  assert.equal(elsewhere.code, 0, elsewhere.stderr);
  const card = await readFile(join(workspace, 'again', 'README.md'), 'utf8');
  assert.match(card, /is not known to Parlance/);
  assert.doesNotMatch(card, /[Pp]erplexity \|/);
  // What measured it is gone with the runs; what it cost is in the store.
  await rm(join(workspace, '.parlance', 'storage', 'runs'), { recursive: true });
  const unmeasured = await exported(workspace, 'hf', 'made', models[0]);
  assert.equal(unmeasured.code, 0, unmeasured.stderr);
  const made = await readFile(join(workspace, 'made', 'README.md'), 'utf8');
  assert.match(made, /No measurement of this model is at hand/);
  assert.match(made, /\| Specialization \(paid for each domain\) \| \S+ .FLOP/);
});

test('a model keeps its figures when the text has changed since, but not what is said of the text', async (t) => {
  const workspace = await untouched(t);
  const [model] = await artifacts(workspace, 'fine-tune');
  assert.equal((await exported(workspace, 'hf', 'before', model)).code, 0);
  await writeFile(
    join(workspace, 'domain', 'new.md'),
    'A file that was not there when the model was trained.\n',
  );
  const { code, stdout, stderr } = await exported(workspace, 'hf', 'after', model, '--json');
  assert.equal(code, 0, stderr);
  assert.equal(`${jsonLines(stdout)[0].note}\n`, stderr);
  assert.match(
    stderr,
    /Nothing has been measured yet for .* as it is now\. Its card has what a run measured/,
  );
  const [before, after] = await Promise.all(
    ['before', 'after'].map((name) => readFile(join(workspace, name, 'README.md'), 'utf8')),
  );
  const figures = (card: string) => card.split('## How good it is')[1].split('## The text')[0];
  assert.match(figures(after), /\| Perplexity \| \d/);
  assert.equal(figures(after), figures(before));
  assert.equal(after.split('\n')[0], before.split('\n')[0]);
  assert.match(after, /What text it was trained on is not told here/);
});

test('an export into the text of the experiment leaves nothing to compute', async (t) => {
  const workspace = await untouched(t);
  const toCompute = async () => {
    const { code, stdout, stderr } = await parlance('plan', workspace, '--json');
    assert.equal(code, 0, stderr);
    return jsonLines(stdout).filter(({ type, state }) => type === 'stage' && state !== 'cached');
  };
  assert.deepEqual(await toCompute(), []);
  assert.equal((await exported(workspace, 'onnx', join('domain', 'model'))).code, 0);
  assert.deepEqual(await toCompute(), []);
});

test('what is there is not written over, and nothing is left of what was refused', async (t) => {
  const workspace = await untouched(t);
  const [model] = await artifacts(workspace, 'fine-tune');
  await mkdir(join(workspace, 'empty'));
  await mkdir(join(workspace, 'full'));
  await writeFile(join(workspace, 'full', 'notes.txt'), 'mine');
  const before = (await readdir(workspace)).sort();
  assert.equal((await exported(workspace, 'gguf', 'empty', model)).code, 0);
  const full = await exported(workspace, 'gguf', 'full', model);
  assert.equal(full.code, 2);
  assert.match(full.stderr, /is there already/);
  const type = await exported(workspace, 'hf', 'out', model, '--type', 'q8_0');
  assert.match(type.stderr, /The format hf has no weights of the type q8_0.*f32, f16/s);
  const broken = join(workspace, 'broken');
  await cp(model, broken, { recursive: true });
  await rm(join(broken, 'tokenizer.json'));
  assert.match((await exported(workspace, 'hf', 'out', broken)).stderr, /There is no tokenizer at/);
  const unknown = await exported(workspace, 'hf', 'out', join(workspace, 'nowhere'));
  assert.equal(unknown.code, 2);
  assert.deepEqual((await readdir(workspace)).sort(), [...before, 'broken'].sort());
});

test('a tokenizer that llama.cpp has no rule for is refused for GGUF alone', async (t) => {
  const workspace = await untouched(t);
  const [model] = await artifacts(workspace, 'fine-tune');
  const own = join(workspace, 'own');
  await cp(model, own, { recursive: true });
  await rm(join(own, 'artifact.json'));
  const path = join(own, 'tokenizer.json');
  const tokenizer: Record<string, unknown> = JSON.parse(await readFile(path, 'utf8'));
  const punctuation = { type: 'Punctuation', behavior: 'Contiguous' };
  const pretokenizers = [punctuation, tokenizer.pre_tokenizer];
  await writeFile(path, JSON.stringify({ ...tokenizer, pre_tokenizer: { type: 'Sequence', pretokenizers } }));
  const refused = await exported(workspace, 'gguf', 'out', own);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /no rule that splits text as its pre-tokenizer does.*--format hf/s);
  assert.equal((await exported(workspace, 'hf', 'out', own)).code, 0);
});
