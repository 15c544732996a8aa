import assert from 'node:assert/strict';
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
  test(`predicted peak memory is within 20 % of the measured one: ${size.name}`, async (t) => {
    const { peakBytes, predictedPeakBytes } = await fewSteps(t, size);
    const difference = Math.abs(predictedPeakBytes - peakBytes) / peakBytes;
    t.diagnostic(`measured ${peakBytes / 1e6} MB, predicted ${predictedPeakBytes / 1e6} MB`);
    assert.ok(difference < 0.2, `measured ${peakBytes}, predicted ${predictedPeakBytes}`);
  });
}

/** Some real steps of a model by the command line, in a process of its own. */
async function fewSteps(
  t: TestContext,
  { context, vocabulary, batchTokens, model }: (typeof sizes)[number],
): Promise<{ peakBytes: number; predictedPeakBytes: number }> {
  const folder = await makeWorkspace(t, {
    ...microExperiment,
    methods: ['slm'],
    tokenizer: { vocabulary },
    context,
    models: { ...microExperiment.models, small: model },
    pretraining: { tokens: [5 * batchTokens], batchTokens },
    specialization: { domainTokens: [batchTokens], batchTokens, maximumEpochs: 2, patience: 1 },
  });
  const { code, stdout, stderr } = await parlance('run', folder, '--json');
  assert.equal(code, 0, stderr);
  const result = jsonLines(stdout).find(({ type }) => type === 'result');
  return { peakBytes: Number(result?.peakBytes), predictedPeakBytes: Number(result?.predictedPeakBytes) };
}
