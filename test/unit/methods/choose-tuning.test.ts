/** Which of several trainings on the domain is kept. That of real ones is in test/integration/cli/methods.test.ts. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DivergenceError } from '../../../src/common/errors.ts';
import { bestTuningStage, tuningsOf } from '../../../src/methods/stages/choose-tuning.ts';
import { MODEL_FILES, readTrainingRecord } from '../../../src/methods/stages/models.ts';
import { fingerprint } from '../../../src/pipeline/stage.ts';
import { diverged } from '../../../src/training/divergence.ts';
import { FINE_TUNING } from '../../../src/training/recipe.ts';
import { temporaryFolder } from '../corpus/made-documents.ts';
import { gridOf, madePlan } from '../experiments/execution/made-grid.ts';
import { stage } from '../pipeline/fixtures.ts';
import { runOn, servicesWith } from './made-inputs.ts';

const searching = (search: (typeof madePlan)['fineTuning']['search']) => ({
  ...madePlan,
  fineTuning: { ...madePlan.fineTuning, search },
});

test('all combinations of what is said are tried, and what is not said is as usual', () => {
  const plan = {
    ...searching({ rates: [1, 0.5], replay: [0, 0.1] }),
    mixing: { ...madePlan.mixing, replay: 0.3 },
  };
  assert.deepEqual(tuningsOf(plan, { ...FINE_TUNING, weightDecay: 0.02 }), [
    { rate: 1, weightDecay: 0.02, replay: 0 },
    { rate: 1, weightDecay: 0.02, replay: 0.1 },
    { rate: 0.5, weightDecay: 0.02, replay: 0 },
    { rate: 0.5, weightDecay: 0.02, replay: 0.1 },
  ]);
  const usual = tuningsOf({ ...plan, fineTuning: madePlan.fineTuning }, FINE_TUNING);
  assert.deepEqual(usual, [{ rate: 1, weightDecay: FINE_TUNING.weightDecay, replay: 0.3 }]);
});

const models = (search: (typeof madePlan)['fineTuning']['search']) =>
  gridOf(['slm'], searching(search)).map(({ model }) => fingerprint(model));

test('without a search there is one training, the very stage that a search for one thing is', () => {
  const kinds = (search: (typeof madePlan)['fineTuning']['search']) =>
    gridOf(['slm'], searching(search)).map(({ model }) => model.kind);
  assert.deepEqual(models({ rates: [1] }), models(undefined));
  const [usual, searched] = [kinds(undefined), kinds({ rates: [1, 0.5] })];
  assert.ok(usual.includes('fine-tune') && !searched.includes('fine-tune'));
  assert.deepEqual(
    searched.map((kind) => (kind === 'choose-tuning' ? 'fine-tune' : kind)),
    usual,
  );
});

test('of several trainings the unusual ones may diverge', () => {
  const mayDiverge = (search: (typeof madePlan)['fineTuning']['search']) =>
    gridOf(['slm'], searching(search))
      .flatMap(({ model }) => (model.kind === 'choose-tuning' ? Object.values(model.inputs) : model))
      .filter(({ kind }) => kind === 'fine-tune')
      .map(({ parameters }) => JSON.stringify(parameters).includes('"mayDiverge":true'));
  const [searched, usual] = [mayDiverge({ rates: [1, 0.5] }), mayDiverge(undefined)];
  assert.ok(usual.length > 0);
  assert.ok(!usual.some(Boolean));
  assert.ok(!mayDiverge({ rates: [3] }).some(Boolean), 'a single one that is unusual');
  // Which is what a divergence advises.
  assert.match(diverged('loss', 3, Number.NaN, 0).hint, /specialization\.search\.rates, all below 1/);
  assert.ok(mayDiverge({ rates: [0.5, 0.25] }).every(Boolean), 'none is the usual one');
  // The usual way is the stage that it is without a search.
  assert.deepEqual(
    searched,
    usual.flatMap(() => [false, true]),
  );
});

interface Made {
  readonly loss: number;
  readonly diverged?: boolean;
}

const TRIED = [1, 0.5, 0.1].map((rate) => ({ rate, weightDecay: 0.01, replay: 0 }));

/** The directory of what is chosen from trainings with these lowest losses. */
async function chosenFrom(t: TestContext, made: readonly Made[]): Promise<string> {
  const folders: Record<string, string> = {};
  for (const [i, { loss, ...others }] of made.entries()) {
    const folder = await temporaryFolder(t);
    for (const file of MODEL_FILES) await writeFile(join(folder, file), `model ${i}`);
    const validation = [4, loss, 3.5].map((value, step) => ({ step, tokens: step, loss: value }));
    const record = { steps: 2, bestStep: 1, datasetTokens: 60, repetition: 1, training: [], validation };
    await writeFile(join(folder, 'training.json'), JSON.stringify({ ...record, ...others }));
    folders[i === 0 ? 'tuned' : `tuned ${i + 1}`] = folder;
  }
  const trained = [stage('a'), stage('b'), stage('c')];
  const one = bestTuningStage(trained, TRIED, { subject: 'letters', services: servicesWith() });
  return runOn(t, one, folders);
}

test('the model with the lowest validation loss is kept, with how it was trained', async (t) => {
  const directory = await chosenFrom(t, [{ loss: 3 }, { loss: 2 }, { loss: 2.5 }]);
  assert.equal(await readFile(join(directory, 'model.safetensors'), 'utf8'), 'model 1');
  const { chosen, bestStep } = await readTrainingRecord(directory);
  assert.deepEqual([chosen, bestStep], [{ ...TRIED[1], tried: 3 }, 1]);
});

test('a training that diverged is not kept, however low its loss was before; where all did there is none', async (t) => {
  const directory = await chosenFrom(t, [{ loss: 3 }, { loss: 2, diverged: true }, { loss: 2.5 }]);
  assert.equal(await readFile(join(directory, 'model.safetensors'), 'utf8'), 'model 2');
  assert.deepEqual((await readTrainingRecord(directory)).chosen, { ...TRIED[2], tried: 3, diverged: 1 });
  const lost = { loss: 2, diverged: true };
  await assert.rejects(chosenFrom(t, [lost, lost, lost]), DivergenceError);
});
