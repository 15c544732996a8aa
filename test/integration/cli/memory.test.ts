import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { jsonLines, makeWorkspace, microExperiment, parlance } from './micro.ts';

const sizes = [
  {
    name: "the tiny preset's large model",
    context: 128,
    vocabulary: 1024,
    batchTokens: 1024,
    model: { layers: 4, width: 128, heads: 4, feedForward: 352 },
  },
  {
    name: "the small preset's small model",
    context: 256,
    vocabulary: 1024,
    batchTokens: 4096,
    model: { layers: 4, width: 192, heads: 6, feedForward: 512 },
  },
] as const;

for (const size of sizes) {
  test(`what plan says of the peak of memory is within 20 % of what a run takes: ${size.name}`, async (t) => {
    await plansPeakOf(t, await fewSteps(t, size));
  });
}

test('what plan says of the peak of memory is within 20 % of what a run takes: the sample', async (t) => {
  await plansPeakOf(t, await sampleExperiment(t));
});

async function plansPeakOf(t: TestContext, folder: string): Promise<void> {
  const planned = jsonLines((await parlance('plan', folder, '--no-measure', '--json')).stdout);
  const predicted = Number(planned.find(({ type }) => type === 'plan')?.peakBytes);
  const { code, stdout, stderr } = await parlance('run', folder, '--json');
  assert.equal(code, 0, stderr);
  const measured = Number(jsonLines(stdout).find(({ type }) => type === 'result')?.peakBytes);
  t.diagnostic(`measured ${measured / 1e6} MB, predicted ${predicted / 1e6} MB`);
  const difference = Math.abs(predicted - measured) / measured;
  assert.ok(difference < 0.2, `measured ${measured}, predicted ${predicted}`);
}

/** All generic text of the sample and the models of its preset, with the smallest budgets: every session of a full run, few steps. */
async function sampleExperiment(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-memory-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const sample = resolve('samples/.assembled');
  const experiment = {
    name: 'sample',
    preset: 'tiny',
    generic: { sources: [{ path: join(sample, 'generic'), include: ['*.jsonl'] }] },
    domains: [
      // All in-domain text is always trained on: some pages, so that the steps stay few.
      {
        name: 'npm-docs',
        sources: [{ path: join(sample, 'npm-docs'), include: ['commands/npm-[u-z]*.md'] }],
      },
    ],
    methods: ['slm', 'llm'],
    seeds: [1],
    pretraining: { tokens: [8192] },
    specialization: { domainTokens: [2048], maximumEpochs: 1 },
  };
  await writeFile(join(folder, 'parlance.json'), JSON.stringify(experiment));
  return folder;
}

/** Some real steps of a model. */
function fewSteps(
  t: TestContext,
  { context, vocabulary, batchTokens, model }: (typeof sizes)[number],
): Promise<string> {
  return makeWorkspace(t, {
    ...microExperiment,
    methods: ['slm-nopt'],
    tokenizer: { vocabulary },
    context,
    models: { ...microExperiment.models, small: model },
    pretraining: { tokens: [2 * batchTokens], batchTokens },
    specialization: { domainTokens: ['all'], batchTokens, maximumEpochs: 1, patience: 512 },
  });
}
