import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { experimentJsonSchema } from '../../../src/experiments/experiment-file.ts';
import { forecastSeconds, stageWork } from '../../../src/experiments/forecast.ts';
import { projectedTrainingFlopsPerToken } from '../../../src/models/projected.ts';
import { inferenceFlopsPerToken, trainingFlopsPerToken } from '../../../src/models/size.ts';
import type { Stage } from '../../../src/pipeline/stage.ts';
import { distillationFlopsPerToken } from '../../../src/training/distillation.ts';

const model = { layers: 1, width: 16, heads: 2, feedForward: 32 };
const size = { ...model, context: 32, vocabulary: 300 };

function stage(kind: string, parameters: Stage['parameters'], inputs: Stage['inputs'] = {}): Stage {
  return {
    kind,
    label: kind,
    version: 1,
    parameters,
    inputs,
    booking: 'generic',
    run: async () => undefined,
  };
}

const tokensStage = stage('tokens', {});
const domain = () => ({ train: 10_000, heldout: 900 });

test('pretraining is predicted from where its trunk ends to its own last step', () => {
  const shared = { model, context: 32, batch: { rows: 4, microBatches: 1 } };
  const trunk = stage('pretrain-trunk', { ...shared, schedule: { end: 80 } });
  const branch = stage('pretrain', { ...shared, schedule: { end: 100 } }, { trunk });
  assert.equal(stageWork(trunk, 300, domain)?.expectedTokens, 80 * 4 * 32);
  assert.equal(stageWork(branch, 300, domain)?.expectedTokens, 20 * 4 * 32);
});

test('fine-tuning is at most all epochs with validation, and expected to take half; the set is what there is', () => {
  const parameters = { model, context: 32, maximumEpochs: 8 };
  const work = (domainTokens: number | 'all') =>
    stageWork(stage('fine-tune', { ...parameters, domainTokens }, { tokens: tokensStage }), 300, domain);
  assert.equal(work(2000)?.maximumTokens, 2000 * 8 * 1.5);
  assert.equal(work(2000)?.expectedTokens, 2000 * 4 * 1.5);
  assert.deepEqual(work('all'), work(50_000));
});

test('an evaluation predicts the held-out tokens with forward passes; other stages have no work', () => {
  const evaluation = stage('evaluate', { model, context: 32 }, { tokens: tokensStage });
  const work = stageWork(evaluation, 300, domain);
  assert.equal(work?.expectedTokens, 900);
  assert.equal(work?.flopsPerToken, inferenceFlopsPerToken(size));
  assert.equal(stageWork(tokensStage, 300, domain), undefined);
});

test('a projected network and a distillation are predicted from what their tokens cost', () => {
  const shared = { model, context: 32, batch: { rows: 4, microBatches: 1 }, schedule: { end: 10 } };
  const projection = { experts: 4, slabs: 3, expertWidth: 2 };
  const network = stageWork(stage('pretrain', { ...shared, projection, groups: 2 }), 300, domain);
  assert.equal(
    network?.flopsPerToken,
    projectedTrainingFlopsPerToken(size, projection, { groups: 2, tokens: 128 }),
  );
  const teacher = { ...model, width: 32 };
  const distillation = { temperature: 1, weight: 0.5 };
  const parameters = { model, context: 32, maximumEpochs: 8, domainTokens: 100, teacher, distillation };
  const distilled = stageWork(stage('fine-tune', parameters, { tokens: tokensStage }), 300, domain);
  assert.equal(
    distilled?.flopsPerToken,
    distillationFlopsPerToken(size, { ...size, width: 32 }, distillation),
  );
});

test('time follows the speed of the model of that shape, compilation included', () => {
  const plan = { models: { small: model, large: { ...model, width: 32 } } };
  const measured = [{ model: 'small' as const, trainingTokensPerSecond: 100, compileSeconds: 2 }];
  const work = { size, flopsPerToken: trainingFlopsPerToken(size), expectedTokens: 500, maximumTokens: 1000 };
  assert.deepEqual(forecastSeconds(work, plan, measured), { expected: 7, maximum: 12 });
  assert.equal(
    forecastSeconds({ ...work, flopsPerToken: inferenceFlopsPerToken(size) }, plan, measured)?.maximum,
    2 + 1000 / 300,
  );
  assert.equal(forecastSeconds({ ...work, size: { ...size, width: 32 } }, plan, measured), undefined);
});

test('the published JSON Schema of the experiment file is up to date', async () => {
  const published: unknown = JSON.parse(await readFile('media/schemas/experiment.schema.json', 'utf8'));
  assert.deepEqual(published, JSON.parse(JSON.stringify(experimentJsonSchema())));
});
