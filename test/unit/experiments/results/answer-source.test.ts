import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerSubject } from '../../../../src/experiments/results/answer-source.ts';
import { syntheticResults } from '../../../fixtures/results.ts';
import { madePlan } from '../execution/made-grid.ts';

test('that a method chooses among fine-tuned models is known before a report, and beside one that does not say it', () => {
  const report = syntheticResults({ methods: ['slm', 'slm-mix'] });
  for (const [choice, expected] of [
    ['best fine-tuned', ['slm-mix']],
    ['lowest loss', []],
  ] as const) {
    const plan = { ...madePlan, mixture: { ...madePlan.mixture, choice } };
    const experiment = { name: 'letters', file: '/parlance.json', plan, methods: ['slm', 'slm-mix'] };
    for (const known of [undefined, report]) {
      const { methods } = answerSubject(experiment, [], known);
      assert.deepEqual(
        methods.filter(({ choosesTuned }) => choosesTuned).map(({ id }) => id),
        expected,
      );
      const [, mixture] = methods;
      assert.equal(mixture.readsGenericForDomain, known && false, 'what the report knows is kept');
    }
  }
});
