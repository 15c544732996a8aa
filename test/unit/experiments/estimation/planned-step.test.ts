/** What documents say of the optimizer's part in the cost of training, for the presets as they are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PresetName } from '../../../../src/experiments/config/presets.ts';
import { presetPlan } from '../../../../src/experiments/estimation/machine.ts';
import { plannedStep } from '../../../../src/experiments/estimation/planned-step.ts';
import { projectionShape } from '../../../../src/methods/stages/pretrain-projected.ts';
import { projectedTrainingFlopsPerToken } from '../../../../src/models/projected.ts';
import { trainingFlopsPerToken } from '../../../../src/models/size.ts';
import { updateFlops } from '../../../../src/training/optimizers/optimizer.ts';

/** Operations of a step on its batch and in the optimizer. */
function parts(preset: PresetName, network: 'small' | 'large' | 'projected') {
  const plan = presetPlan(preset);
  const { size, batch, weights, optimizerFor } = plannedStep(plan, network);
  const tokens = batch.rows * batch.length;
  const { groups } = plan.projection;
  const perToken =
    network === 'projected'
      ? projectedTrainingFlopsPerToken(size, projectionShape(plan), { groups, tokens })
      : trainingFlopsPerToken(size);
  return { batch: tokens * perToken, updates: updateFlops(weights.trainable, optimizerFor) };
}

test('what the optimizer adds to the cost of a batch is what changelog, claims.md and methods.md say', () => {
  const added = (preset: PresetName, network: 'small' | 'large' | 'projected'): number => {
    const { batch, updates } = parts(preset, network);
    return Math.round((100 * updates) / batch);
  };
  const shares = (preset: PresetName) =>
    (['small', 'large', 'projected'] as const).map((one) => added(preset, one));
  assert.deepEqual(shares('tiny'), [26, 43, 73]);
  assert.deepEqual(shares('small'), [7, 27, 34]);
  assert.equal(added('paper', 'small'), 4);
  assert.equal(added('laptop', 'projected'), 22);
  const [network, small] = [parts('paper', 'projected'), parts('paper', 'small')];
  const ratio = (network.batch + network.updates) / (small.batch + small.updates);
  assert.equal(ratio.toFixed(2), '1.40');
});
