/** What a plan says holds for the reader who acts on it: places can be run, figures are named as what they are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWithin } from '../../../../src/budget/planner/amounts.ts';
import { experimentSchema } from '../../../../src/experiments/config/experiment-file.ts';
import { flopsOf, POINTS, plan, point, reasons, TERA } from './made-points.ts';

const tuned = POINTS.filter(({ domainTokens }) => domainTokens > 0);

test('a point to run is never over the budget that allowed it', () => {
  const own = tuned.filter(({ method }) => method === 'slm');
  for (const budget of [4.50512345, 5.5555555, 7.7787878, 9.9961111]) {
    const { next } = plan({ pretraining: flopsOf(budget), domainTokens: 1000 }, own);
    const places = next.flatMap(({ place }) => place ?? []);
    assert.ok(places.length > 0);
    for (const { pretraining } of places) {
      assert.ok(isWithin(pretraining * 1e6, flopsOf(budget)), `${budget}: ${pretraining}`);
    }
  }
});

test('what a figure is interpolated between is named by its own axis', () => {
  const wide = [point('slm', 2, 1000, 20), point('slm', 2, 8e6, 16)];
  const { recommendation } = plan({ domainTokens: 50_000 }, wide);
  assert.match(recommendation.sentence, /between 1k and 8M measured in-domain tokens/);
});

test('a figure between two budgets and two sizes names both', () => {
  const grid = [4, 16].flatMap((budget) => [
    point('slm', budget, 1000, 200 / budget),
    point('slm', budget, 8000, 160 / budget),
  ]);
  const { recommendation } = plan({ pretraining: flopsOf(8), domainTokens: 2000 }, grid);
  assert.match(
    recommendation.sentence,
    /interpolated at 8M pretraining tokens and 2k in-domain tokens, between 4M and 16M measured pretraining tokens and between 1k and 8k measured in-domain tokens;/,
  );
});

test('where nothing pretrains, a point to run says nothing of pretraining and is one that an experiment can have', () => {
  const [whole] = [point('slm', 0, 8000, 20)].map((one) => ({
    ...one,
    requestedDomainTokens: 'all' as const,
  }));
  const { recommendation, next } = plan({ domainTokens: 500 }, [whole]);
  assert.match(recommendation.sentence, /Run a point: 500 in-domain tokens\.$/);
  const [place] = next.flatMap((one) => one.place ?? []);
  assert.ok(experimentSchema.shape.points.safeParse([place]).success);
});

test('before anything was fine-tuned that is said, and not that no text is at hand', () => {
  const untuned = [{ ...point('slm-is', 4, 0, 20), requestedDomainTokens: 'all' as const }];
  const answer = plan({}, untuned);
  assert.match(answer.recommendation.sentence, /^Nothing has been measured after fine-tuning yet/);
  assert.deepEqual(reasons(answer, 'slm-is'), ['It was measured before fine-tuning alone.']);
  const without = plan({ domainTokens: 0 }, untuned);
  assert.deepEqual(reasons(without, 'slm-is'), ['It uses in-domain text, and none is at hand.']);
});

test('the cost that rules a method out is among what it would need, also where it pretrains nothing here', () => {
  const given = [{ ...point('slm', 0, 8000, 20), genericFlops: 5000 * TERA }];
  assert.match(
    plan({ pretraining: flopsOf(1000) }, given).recommendation.sentence,
    /would need 5\.00 PFLOP of pretraining, /,
  );
});
