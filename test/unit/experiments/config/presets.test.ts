import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PRESET_NAMES, presets } from '../../../../src/experiments/config/presets.ts';
import { relationProblems } from '../../../../src/experiments/config/relations.ts';
import { presetPlan } from '../../../../src/experiments/estimation/machine.ts';
import { recipeFor } from '../../../../src/methods/stages/fine-tuning-kinds.ts';
import { projectionShape } from '../../../../src/methods/stages/pretrain-projected.ts';
import { modelSize, pretrainingRecipe } from '../../../../src/methods/stages/training.ts';
import { projectedParameterCount } from '../../../../src/models/projected.ts';
import { parameterCount } from '../../../../src/models/size.ts';
import { FINE_TUNING, PRETRAINING } from '../../../../src/training/recipe.ts';

for (const name of PRESET_NAMES) {
  test(`the values of the preset ${name} go together`, () => {
    const { methods } = presets[name];
    assert.deepEqual(relationProblems({ plan: presetPlan(name), methods }), []);
  });
}

test('base has the paper’s numbers of parameters, and laptop about 10 and 60 million', () => {
  const millions = (name: 'base' | 'laptop') => {
    const plan = presetPlan(name);
    const size = (model: 'small' | 'large') => modelSize(plan, model, plan.vocabulary);
    return {
      small: parameterCount(size('small')) / 1e6,
      large: parameterCount(size('large')) / 1e6,
      projected: projectedParameterCount(size('small'), projectionShape(plan)) / 1e6,
    };
  };
  const near = (value: number, stated: number, share: number) =>
    assert.ok(Math.abs(value / stated - 1) < share, `${value} is not near ${stated}`);
  const base = millions('base');
  near(base.small, 126, 0.035);
  near(base.large, 771, 0.02);
  near(base.projected, 1422, 0.01);
  const laptop = millions('laptop');
  near(laptop.small, 10, 0.02);
  near(laptop.large, 60, 0.02);
});

test('the rates of wide presets fall with the width, and those of the others are as they were', () => {
  const small = presetPlan('small');
  assert.deepEqual(pretrainingRecipe(small, 'large'), PRETRAINING);
  assert.deepEqual(recipeFor('full', small, 'large'), FINE_TUNING);
  const base = presetPlan('base');
  const [narrow, wide] = [pretrainingRecipe(base, 'small'), pretrainingRecipe(base, 'large')];
  assert.equal(narrow.adamRate, (PRETRAINING.adamRate * 96) / 1024);
  assert.equal(narrow.matrixRate, PRETRAINING.matrixRate * Math.sqrt(96 / 1024));
  assert.ok(wide.adamRate < narrow.adamRate && wide.matrixRate < narrow.matrixRate);
  assert.deepEqual(recipeFor('from scratch', base, 'small'), narrow);
  // Muon on the small batches of fine-tuning would cost more than the gradients.
  assert.equal(recipeFor('full', base, 'small').matrices, 'adamw');
});
