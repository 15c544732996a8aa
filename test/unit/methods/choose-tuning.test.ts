/** Which of several trainings on the domain is kept. That of real ones is in test/integration/cli/methods.test.ts. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { bestTuningStage, tuningsOf } from '../../../src/methods/stages/choose-tuning.ts';
import { MODEL_FILES, readTrainingRecord } from '../../../src/methods/stages/models.ts';
import { fingerprint } from '../../../src/pipeline/stage.ts';
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
    mixing: { domainShare: 0, replay: 0.3 },
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

test('one of several trainings may diverge, a single one is an error then', () => {
  const mayDiverge = (search: (typeof madePlan)['fineTuning']['search']) =>
    gridOf(['slm'], searching(search))
      .flatMap(({ model }) => (model.kind === 'choose-tuning' ? Object.values(model.inputs) : model))
      .filter(({ kind }) => kind === 'fine-tune')
      .map(({ parameters }) => JSON.stringify(parameters).includes('"mayDiverge":true'));
  assert.ok(mayDiverge({ rates: [1, 0.5] }).every(Boolean));
  assert.ok(!mayDiverge(undefined).some(Boolean));
});

test('the model with the lowest validation loss is kept, with how it was trained', async (t) => {
  const folders: Record<string, string> = {};
  for (const [i, loss] of [3, 2, 2.5].entries()) {
    const folder = await temporaryFolder(t);
    for (const file of MODEL_FILES) await writeFile(join(folder, file), `model ${i}`);
    const validation = [4, loss, 3.5].map((value, step) => ({ step, tokens: step, loss: value }));
    const record = { steps: 2, bestStep: 1, datasetTokens: 60, repetition: 1, training: [], validation };
    await writeFile(join(folder, 'training.json'), JSON.stringify(record));
    folders[i === 0 ? 'tuned' : `tuned ${i + 1}`] = folder;
  }
  const tried = [1, 0.5, 0.1].map((rate) => ({ rate, weightDecay: 0.01, replay: 0 }));
  const trained = [stage('a'), stage('b'), stage('c')];
  const one = bestTuningStage(trained, tried, { subject: 'letters', services: servicesWith() });
  const directory = await runOn(t, one, folders);
  assert.equal(await readFile(join(directory, 'model.safetensors'), 'utf8'), 'model 1');
  const { chosen, bestStep } = await readTrainingRecord(directory);
  assert.deepEqual([chosen, bestStep], [{ ...tried[1], tried: 3 }, 1]);
});
