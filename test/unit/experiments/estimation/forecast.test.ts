import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { Json } from '../../../../src/common/json.ts';
import { experimentJsonSchema } from '../../../../src/experiments/config/experiment-file.ts';
import { forecastSeconds, stageWork } from '../../../../src/experiments/estimation/forecast.ts';
import type { ForecastFacts } from '../../../../src/experiments/estimation/stage-work.ts';
import { denseParameterization, type Parameterization } from '../../../../src/models/parameterization.ts';
import {
  projectedParameterization,
  projectedTrainingFlopsPerToken,
} from '../../../../src/models/projected.ts';
import { inferenceFlopsPerToken, trainingFlopsPerToken } from '../../../../src/models/size.ts';
import type { Stage } from '../../../../src/pipeline/stage.ts';
import { distillationFlopsPerToken } from '../../../../src/training/distillation.ts';
import { updateFlops } from '../../../../src/training/optimizers/optimizer.ts';
import { optimizers, PRETRAINING } from '../../../../src/training/recipe.ts';

const model = { layers: 1, width: 16, heads: 2, feedForward: 32 };
const size = { ...model, context: 32, vocabulary: 300 };

function stage(kind: string, parameters: Stage['parameters'], inputs: Stage['inputs'] = {}): Stage {
  return {
    kind,
    label: kind,
    subject: kind,
    version: 1,
    parameters,
    places: null,
    inputs,
    booking: 'generic',
    run: async () => undefined,
  };
}

const tokensStage = stage('tokens', {});
const facts: ForecastFacts = {
  vocabulary: 300,
  bytesPerToken: 2,
  tokensOf: () => ({ train: 10_000, validation: 700, heldout: 900 }),
};
const batch = { rows: 4, microBatches: 1 };
const batchTokens = 4 * 32;
const recipe = { ...PRETRAINING };
const updatesOf = ({ trainable }: Parameterization) => updateFlops(trainable, optimizers(PRETRAINING));

test('pretraining is predicted from where its trunk ends to its own last step', () => {
  const shared = { model, context: 32, batch, recipe };
  const trunk = stage('pretrain-trunk', { ...shared, schedule: { end: 80 } });
  const branch = stage('pretrain', { ...shared, schedule: { end: 100 } }, { trunk });
  const step = batchTokens * trainingFlopsPerToken(size) + updatesOf(denseParameterization(size));
  assert.equal(stageWork(trunk, facts)?.expected, 80 * step);
  assert.equal(stageWork(branch, facts)?.expected, 20 * step);
});

const tuning = {
  model,
  context: 32,
  batch,
  recipe,
  maximumEpochs: 64,
  maximumTokens: 1e6,
  patienceTokens: 4000,
  lowRank: null,
  validation: { least: 400, most: 600 },
};
const tuned = (others: Record<string, Json>) =>
  stageWork(stage('fine-tune', { ...tuning, ...others }, { tokens: tokensStage }), facts);

test('fine-tuning is at most all epochs with their validations, and expected to end earlier; the set is what there is', () => {
  // 600 tokens of the validation split are read every 8 steps, half a pass over 2,000 tokens, and before the first step.
  const flops = (tokens: number) =>
    tokens * trainingFlopsPerToken(size) +
    (tokens / batchTokens) * updatesOf(denseParameterization(size)) +
    (1 + tokens / batchTokens / 8) * 600 * inferenceFlopsPerToken(size);
  const work = tuned({ domainTokens: 2000 });
  assert.equal(work?.maximum, flops(64 * 2000));
  assert.equal(work?.expected, flops(8 * 2000 + 4000));
  assert.equal(tuned({ domainTokens: 2000, lowerings: 2 })?.expected, flops(8 * 2000 + 3 * 4000));
  assert.equal(tuned({ domainTokens: 2000, maximumEpochs: 3 })?.expected, flops(3 * 2000));
  assert.equal(tuned({ domainTokens: 2000, maximumTokens: 9000 })?.expected, flops(9000));
  assert.deepEqual(tuned({ domainTokens: 'all' }), tuned({ domainTokens: 50_000 }));
  // Half of what is trained on is replayed generic text; it changes nothing of what is validated on.
  assert.equal(tuned({ domainTokens: 1000, replayShare: 0.5 })?.maximum, flops(64 * 2000));
  const few = { domainTokens: 500, replayShare: 0.5 };
  const read = (1 + (64 * 1000) / batchTokens / 4) * 500 * inferenceFlopsPerToken(size);
  const updates = ((64 * 1000) / batchTokens) * updatesOf(denseParameterization(size));
  assert.equal(tuned(few)?.maximum, 64 * 1000 * trainingFlopsPerToken(size) + updates + read);
});

test('a token of low-rank fine-tuning has no gradients of the frozen weights', () => {
  // The factors have no optimizer with products; as AdamW alone has none, the gradients are compared.
  const adam = { ...recipe, matrices: 'adamw' };
  const whole = tuned({ domainTokens: 2000, recipe: adam })?.maximum ?? 0;
  const lowRank = tuned({ domainTokens: 2000, lowRank: { rank: 2, alpha: 4 } })?.maximum ?? 0;
  assert.ok(lowRank < whole && lowRank > (2 / 3) * whole, `${lowRank} of ${whole}`);
});

test('an evaluation predicts the held-out and the validation tokens with forward passes; reading has no work', () => {
  const evaluation = stage('evaluate', { model, context: 32 }, { tokens: tokensStage });
  assert.equal(stageWork(evaluation, facts)?.expected, 1600 * inferenceFlopsPerToken(size));
  assert.equal(stageWork(tokensStage, facts), undefined);
});

test('choosing an expert by its loss reads the compared tokens once with each expert; the modal one needs none', () => {
  const [one, two] = [stage('pretrain', { which: 1 }), stage('pretrain', { which: 2 })];
  const inputs = { tokens: tokensStage, expert: one, 'expert 2': two };
  const byLoss = stage(
    'choose-expert',
    { model, context: 32, domainTokens: 500, rule: 'lowest loss' },
    inputs,
  );
  assert.equal(stageWork(byLoss, facts)?.expected, 2 * 500 * inferenceFlopsPerToken(size));
  assert.equal(
    stageWork(stage('choose-expert', { rule: 'most frequent cluster' }, inputs), facts),
    undefined,
  );
});

test('a projected network and a distillation are predicted from what their tokens cost', () => {
  const shared = { model, context: 32, batch, recipe, schedule: { end: 10 } };
  const projection = { experts: 4, slabs: 3, expertWidth: 2 };
  const network = stageWork(stage('pretrain', { ...shared, projection, groups: 2 }), facts);
  const perToken = projectedTrainingFlopsPerToken(size, projection, { groups: 2, tokens: batchTokens });
  const slabs = updatesOf(projectedParameterization(size, projection, 2));
  assert.equal(network?.expected, 10 * (batchTokens * perToken + slabs));
  const teacher = { ...model, width: 32 };
  const distillation = { temperature: 1, weight: 0.5 };
  const [plain, distilled] = [
    tuned({ domainTokens: 100 }),
    tuned({ domainTokens: 100, teacher, distillation }),
  ];
  const more =
    distillationFlopsPerToken(size, { ...size, width: 32 }, distillation) - trainingFlopsPerToken(size);
  assert.equal((distilled?.maximum ?? 0) - (plain?.maximum ?? 0), 6400 * more);
});

test('embedding, clustering and selecting text are predicted, an encoder at the speed of the small model', () => {
  const inputs = { tokens: tokensStage, domain: tokensStage };
  const embedding = stage('embedding', { embedding: 'lsi', context: 32 }, inputs);
  const vectors = stage('window-vectors', { context: 32 }, { ...inputs, embedding });
  const clustering = stage('clustering', { context: 32, clusters: 8 }, { ...inputs, vectors });
  const histogram = stage(
    'histogram',
    { context: 32, domainTokens: 640 },
    { ...inputs, clustering, embedding },
  );
  const ngrams = stage('ngram-selection', { context: 32, domainTokens: 640, wantedTokens: 3000 }, inputs);
  for (const one of [embedding, vectors, clustering, histogram, ngrams]) {
    const work = stageWork(one, facts);
    assert.ok(work !== undefined && work.expected > 0 && work.maximum >= work.expected, one.kind);
    assert.equal(work.size, undefined, one.kind);
  }
  const cost = { dimensions: 4, maximumTokens: 10, flopsPerToken: (length: number) => 1000 * length };
  const encoded = stageWork(vectors, { ...facts, encoder: { cost, size } });
  // 313 windows of at most 10 tokens.
  assert.deepEqual(encoded, { size, expected: 313 * 10 * 10_000, maximum: 313 * 10 * 10_000 });
  assert.equal(stageWork(embedding, { ...facts, encoder: { cost, size } }), undefined);
});

test('time follows the speed of the model of that shape, compilation included', () => {
  const plan = { models: { small: model, large: { ...model, width: 32 } } };
  const speed = { trainingTokensPerSecond: 100, flopsPerSecond: 1e6 };
  const measured = [{ model: 'small' as const, ...speed, compileSeconds: 2 }];
  const work = { size, expected: 5e6, maximum: 1e7 };
  assert.deepEqual(forecastSeconds(work, plan, measured), { expected: 7, maximum: 12 });
  assert.equal(forecastSeconds({ ...work, size: { ...size, width: 32 } }, plan, measured), undefined);
  assert.equal(forecastSeconds({ expected: 1, maximum: 1 }, plan, measured), undefined);
});

test('the published JSON Schema of the experiment file is up to date', async () => {
  const published: unknown = JSON.parse(await readFile('media/schemas/experiment.schema.json', 'utf8'));
  assert.deepEqual(published, JSON.parse(JSON.stringify(experimentJsonSchema())));
});

test('a projection that is fitted reads the in-domain set at most thirty times, another one predicts no work', () => {
  const projection = { experts: 3, slabs: 2, expertWidth: 4 };
  const inputs = { tokens: tokensStage };
  const work = (fit: Record<string, Json>) =>
    stageWork(stage('project', { model, context: 32, projection, ...fit }, inputs), facts);
  const perToken = projectedTrainingFlopsPerToken(size, projection, { groups: 1, tokens: 1000 / 8 });
  const small = work({ fit: { domainTokens: 1000, rows: 4 } });
  assert.equal(small?.maximum, 30 * 1000 * perToken);
  assert.ok(small.expected < small.maximum);
  assert.deepEqual(
    work({ fit: { domainTokens: 32_768, rows: 4 } }),
    work({ fit: { domainTokens: 10_000, rows: 4 } }),
  );
  assert.equal(work({}), undefined);
});
