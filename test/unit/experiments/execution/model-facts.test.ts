import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plannedFacts } from '../../../../src/experiments/execution/model-facts.ts';
import { methodFacts } from '../../../../src/experiments/execution/result-facts.ts';
import { methods } from '../../../../src/methods/registry.ts';
import { madePlan, stagesOf } from './made-grid.ts';

test('a method chooses among fine-tuned models exactly where a choice is the last of its stages', () => {
  for (const choice of ['modal', 'lowest loss', 'best fine-tuned'] as const) {
    const plan = { ...madePlan, mixture: { ...madePlan.mixture, choice } };
    const stages = stagesOf(
      methods.map(({ id }) => id),
      plan,
    );
    const recorded = methodFacts(methods, plan, stages);
    for (const method of methods) {
      const own = stages.points.filter(
        (one) => one.method.id === method.id && one.phase === 'after fine-tuning',
      );
      const chooses = own.some(({ model }) => model.kind === 'choose-expert');
      const facts = [plannedFacts(method, plan), recorded.find(({ id }) => id === method.id)];
      assert.deepEqual(
        facts.map((one) => one?.choosesTuned ?? false),
        [chooses, chooses],
        `${method.id}, ${choice}`,
      );
    }
  }
});
