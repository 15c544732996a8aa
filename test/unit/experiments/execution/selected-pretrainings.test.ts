/** Pretrainings on generic text that was chosen for a domain: how much they read, and where in-domain text is mixed in. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { stageWork } from '../../../../src/experiments/estimation/forecast.ts';
import type { ExperimentPlan } from '../../../../src/methods/experiment-plan.ts';
import { denseParameterization } from '../../../../src/models/parameterization.ts';
import { trainingFlopsPerToken } from '../../../../src/models/size.ts';
import { fingerprint, type Stage } from '../../../../src/pipeline/stage.ts';
import { updateFlops } from '../../../../src/training/optimizers/optimizer.ts';
import { optimizers, PRETRAINING } from '../../../../src/training/recipe.ts';
import { gridOf, madePlan, parametersOf, upstream } from './made-grid.ts';

test('the cap on repetition is solved for the tokens that a budget’s own training reads', () => {
  for (const id of ['slm-is', 'slm-is-cont', 'slm-dsir']) {
    const kind = id === 'slm-dsir' ? 'ngram-selection' : 'importance-sample';
    for (const one of gridOf([id])) {
      const [parameters] = parametersOf(one, kind);
      const readers = upstream(one.model).filter(
        ({ kind, inputs }) => kind.startsWith('pretrain') && inputs.selection !== undefined,
      );
      const { batchTokens } = madePlan.pretraining;
      const none = { train: 0, validation: 0, heldout: 0 };
      const facts = { vocabulary: 1024, bytesPerToken: 2.4, tokensOf: () => none };
      const size = { ...madePlan.models.small, context: madePlan.context, vocabulary: 1024 };
      const work = readers.map((stage) => stageWork(stage, facts)?.expected ?? 0);
      const { trainable } = denseParameterization(size);
      const flopsPerToken =
        trainingFlopsPerToken(size) + updateFlops(trainable, optimizers(PRETRAINING)) / batchTokens;
      const read = Math.round(work.reduce((sum, one) => sum + one, 0) / flopsPerToken);
      assert.equal(Object(parameters).wantedTokens, read, id);
      const whole = Math.round(one.point.budget / batchTokens) * batchTokens;
      if (id === 'slm-is-cont') assert.ok(read > 0 && read < 0.45 * whole);
      else assert.equal(read, whole);
    }
  }
});

const mixedSchema = z.object({
  domainRepetition: z.number(),
  schedule: z.object({ stableUntil: z.number(), end: z.number() }),
});

function pretrainingOf(model: Stage): Stage {
  return upstream(model).find(({ kind }) => kind === 'pretrain') ?? assert.fail('nothing pretrains');
}

test('a budget below the smallest warms up by its own length, and changes nothing of the others', () => {
  const warmed = (points: ExperimentPlan['points']) =>
    gridOf(['slm'], { points }).map(({ point, model }) => {
      const { schedule } = warmupSchema.parse(pretrainingOf(model).parameters);
      return [point.budget, schedule.warmupSteps] as const;
    });
  const [usual] = warmed([]);
  const found = new Map(warmed([{ pretraining: 8192, domainTokens: 'all' }]));
  assert.equal(usual[1], 3);
  for (const budget of madePlan.pretraining.budgets) assert.equal(found.get(budget), usual[1]);
  // A twentieth of eight steps.
  assert.equal(found.get(8192), 1);
});

const warmupSchema = z.object({ schedule: z.object({ warmupSteps: z.number() }) });

test('in-domain text is mixed in while the rate falls; without it a selected list is trained on as the paper does', () => {
  const { decay, pretraining } = madePlan;
  const pretrainings = (change = {}) =>
    gridOf(['slm-is'], change).map(({ model }) =>
      upstream(model)
        .filter(({ kind }) => kind.startsWith('pretrain'))
        .map(({ kind, inputs }) => `${kind}${inputs.domain === undefined ? '' : ' with in-domain text'}`),
    );
  for (const stages of pretrainings()) {
    assert.deepEqual(stages, ['pretrain with in-domain text', 'pretrain-trunk']);
  }
  const paper = { decay: { ...decay, domainShare: 0 } };
  for (const stages of pretrainings(paper)) assert.deepEqual(stages, ['pretrain']);
  // Mixed into all of it, there is nothing to add at the end.
  for (const stages of pretrainings({ mixing: { domainShare: 0.01, replay: 0 } })) {
    assert.deepEqual(stages, ['pretrain with in-domain text']);
  }
  // The decay reads a part of the list of slm-is, and all of that of slm-is-cont: a window is seen as often by both.
  for (const id of ['slm-is', 'slm-is-cont']) {
    for (const { model } of gridOf([id])) {
      const { domainRepetition, schedule } = mixedSchema.parse(pretrainingOf(model).parameters);
      const read = id === 'slm-is' ? (schedule.end - schedule.stableUntil) / schedule.end : 1;
      assert.ok(Math.abs(domainRepetition * read - decay.maximumRepetition) < 0.5, id);
    }
  }
  // A list is one budget's: another budget changes nothing of it.
  const [largest] = pretraining.budgets.toReversed();
  const one = (budgets: readonly number[]) =>
    gridOf(['slm-is'], { pretraining: { ...pretraining, budgets } })
      .filter(({ point }) => point.budget === largest)
      .map(({ model }) => fingerprint(model));
  const smallest = Math.min(...pretraining.budgets);
  assert.deepEqual(one([smallest, largest]), one(pretraining.budgets));
});
