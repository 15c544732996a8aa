/** Experiments that begin with models from elsewhere. */
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import * as z from 'zod';
import type { ModelSize } from '../../../src/common/model-size.ts';
import { methods } from '../../../src/methods/registry.ts';
import { readManifest } from '../../../src/pipeline/manifest.ts';
import { trainTokenizer } from '../../../src/tokenizer/train.ts';
import { readWeights } from '../../../src/training/checkpoint.ts';
import { saveRandomModel } from '../../support/random-models.ts';
import { jsonLines, makeWorkspace, microExperiment, parlance } from './micro.ts';

/** Grouped queries, an output head of its own and stretched positions. */
const variantSize = {
  layers: 1,
  width: 16,
  heads: 4,
  feedForward: 32,
  context: 64,
  vocabulary: 304,
  variant: {
    keyValueHeads: 2,
    headSize: 6,
    tied: false,
    normEpsilon: 1e-6,
    rotaryBase: 50_000,
    rotaryScaling: {
      kind: 'llama3',
      factor: 8,
      lowFrequencyFactor: 1,
      highFrequencyFactor: 4,
      originalContext: 16,
    },
    vocabulary: 304,
    positions: 64,
  },
} satisfies ModelSize;

const largeSize = {
  ...variantSize,
  width: 24,
  variant: { ...variantSize.variant, tied: true, keyValueHeads: 4 },
};

const given = {
  ...microExperiment,
  tokenizer: undefined,
  models: { small: { from: 'models/small', cost: '3MFLOP' }, large: { from: 'models/large' } },
  pretraining: { tokens: [2048], batchTokens: 512 },
  specialization: { domainTokens: [], batchTokens: 512, maximumEpochs: 1, patience: 2048 },
  selection: { clusters: 4 },
  mixture: { experts: 2 },
  projection: { clusters: 3, slabs: 2, expertSize: 3, groups: 4 },
};

async function workspace(t: TestContext, experiment: object): Promise<string> {
  const folder = await makeWorkspace(t, experiment);
  const names = await readdir(join(folder, 'generic'), { recursive: true, withFileTypes: true });
  const files = names.filter((one) => one.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const tokenizer = await trainTokenizer(texts, { vocabularySize: 300 });
  await saveRandomModel(join(folder, 'models/small'), variantSize, tokenizer);
  await saveRandomModel(join(folder, 'models/large'), largeSize, tokenizer);
  return folder;
}

const measurement = z.object({
  type: z.literal('measurement'),
  measurement: z.object({
    method: z.string(),
    phase: z.string(),
    pretrainingTokens: z.number(),
    genericFlops: z.number(),
    perplexity: z.number(),
  }),
});

const measurementsOf = (stdout: string) =>
  jsonLines(stdout).flatMap((line) => {
    const read = measurement.safeParse(line);
    return read.success ? [read.data.measurement] : [];
  });

test('every method begins with the given models, or trains from scratch with their tokenizer', async (t) => {
  const folder = await workspace(t, { ...given, methods: methods.map(({ id }) => id) });
  const { code, stdout, stderr } = await parlance('run', folder, '--json');
  assert.equal(code, 0, stderr);
  const measured = measurementsOf(stdout);
  assert.deepEqual(new Set(measured.map(({ method }) => method)), new Set(methods.map(({ id }) => id)));
  const budgets = new Map(measured.map(({ method, pretrainingTokens }) => [method, pretrainingTokens]));
  for (const [id, budget] of budgets) {
    const pretrains = ['slm-is', 'slm-is-cont', 'slm-dsir', 'slm-mix', 'slm-pn'].includes(id);
    assert.equal(budget, pretrains ? 2048 : 0, id);
  }
  const before = (id: string) =>
    measured.find(({ method, phase }) => method === id && phase === 'before fine-tuning');
  assert.equal(before('slm')?.perplexity, before('slm-lora')?.perplexity);
  assert.equal(before('slm')?.genericFlops, 3e6);
  assert.match(stdout, /pretraining of the large model .* is not known/);
  assert.doesNotMatch(stdout, /pretraining of the small model .* is not known/);

  const artifacts = join(folder, '.parlance/storage/artifacts');
  const manifests = await Promise.all(
    (await readdir(artifacts)).map((id) => readManifest(join(artifacts, id), id)),
  );
  const small = manifests.find((one) => one?.kind === 'given-model' && one.label.includes('small'));
  assert.ok(small);
  const taken = join(artifacts, small.fingerprint);
  const file = 'model.safetensors';
  assert.deepEqual(
    await readWeights(join(taken, file)),
    await readWeights(join(folder, 'models/small', file)),
  );
  const made = new Map(
    manifests.flatMap((one) => (one === undefined ? [] : [[one.fingerprint, one] as const])),
  );
  /** Of random weights the windows that they were trained on. */
  const positionsOf = (id: string): number => {
    const { kind, inputs } = made.get(id) ?? assert.fail(id);
    if (kind === 'fine-tune') return inputs.pretrained === undefined ? 32 : positionsOf(inputs.pretrained);
    return kind === 'pretrain' && inputs.start === undefined ? 32 : 64;
  };
  for (const [id, { kind, label }] of made) {
    const text = await readFile(join(artifacts, id, 'config.json'), 'utf8').catch(() => undefined);
    if (text === undefined || kind === 'evaluate') continue;
    assert.equal(JSON.parse(text).max_position_embeddings, positionsOf(id), label);
  }
  const fromScratch = [...made].filter(([, { kind }]) => kind === 'pretrain' || kind === 'fine-tune');
  assert.deepEqual(new Set(fromScratch.map(([id]) => positionsOf(id))), new Set([32, 64]));
  const folderOf = (label: RegExp) =>
    join(
      artifacts,
      [...made.values()].find((one) => label.test(one.label))?.fingerprint ?? assert.fail(`${label}`),
    );
  const to = join(folder, 'exported');
  const format = ['--format', 'hf', '--to', to];
  const exported = await parlance(
    'export',
    '--experiment',
    folder,
    ...format,
    folderOf(/^fine-tune .*\(distilled\)/),
  );
  assert.equal(exported.code, 0, exported.stderr);
  assert.match(
    await readFile(join(to, 'README.md'), 'utf8'),
    /It began with a model from elsewhere, small\. The model that it was distilled from began with one from elsewhere, large\./,
  );
  const configuration = JSON.parse(await readFile(join(taken, 'config.json'), 'utf8'));
  assert.deepEqual(
    configuration,
    JSON.parse(await readFile(join(folder, 'models/small/config.json'), 'utf8')),
  );
});

test('a model that is trained here learns from a given one of another block, and the other way round', async (t) => {
  const own = { layers: 1, width: 16, heads: 4, feedForward: 32 };
  for (const models of [
    { small: own, large: { from: 'models/large' } },
    { small: { from: 'models/small' }, large: { ...own, heads: 2 } },
  ]) {
    const folder = await workspace(t, { ...given, models, methods: ['slm-d'] });
    const { code, stdout, stderr } = await parlance('run', folder, '--json');
    assert.equal(code, 0, stderr);
    assert.ok(measurementsOf(stdout).some(({ method }) => method === 'slm-d'));
  }
});

test('without generic text a given model is adapted, and what needs generic text says so', async (t) => {
  const without = { ...given, generic: undefined, models: { small: { from: 'models/small' } } };
  const folder = await workspace(t, { ...without, methods: ['slm', 'slm-lora'] });
  const { code, stderr, stdout } = await parlance('run', folder, '--json');
  assert.equal(code, 0, stderr);
  assert.equal(measurementsOf(stdout).length, 4);
  await writeFile(join(folder, 'parlance.json'), JSON.stringify({ ...without, methods: ['slm', 'slm-is'] }));
  const refused = await parlance('plan', folder);
  assert.equal(refused.code, 2);
  assert.match(
    refused.stderr,
    /slm-is pretrains on generic text, and "generic" names none; without it there is slm-nopt, slm, slm-lora/,
  );
});
