/** Where the figures of a plan come from: between measured points, predicted by the law, or not known. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MeasuredPoint } from '../../../../src/budget/measured-point.ts';
import { predictionInWords } from '../../../../src/budget/planner/planner-words.ts';
import { candidate, flopsOf, LAWFUL, lawful, plan, point, TERA } from './made-points.ts';

test('a budget between two measured ones gives the perplexity between them, said to be interpolated', () => {
  const answer = plan({ pretraining: flopsOf(8), domainTokens: 1000 });
  const slm = candidate(answer, 'slm');
  assert.equal(slm.basis, 'interpolated');
  assert.deepEqual(slm.between, { along: 'pretrainingTokens', from: 4e6, to: 16e6 });
  assert.ok(Math.abs(slm.pretrainingTokens - 8e6) < 1);
  // Half way from 4M to 16M on a log scale: the geometric mean of 24 and 20.
  assert.ok(Math.abs(slm.perplexity - Math.sqrt(24 * 20)) < 1e-9);
  assert.equal(slm.cost.genericFlops, 8 * TERA);
  assert.equal(candidate(answer, 'slm-is').basis, 'measured');
});

test('a size between two measured ones is interpolated, and more text than was measured is not extrapolated', () => {
  const slm = candidate(plan({ domainTokens: Math.sqrt(8) * 1000 }), 'slm');
  assert.equal(slm.basis, 'interpolated');
  assert.ok(Math.abs(slm.perplexity - Math.sqrt(20 * 16)) < 1e-9);
  // What lies between may be as good as the one neighbour or as bad as the other.
  assert.ok(slm.low <= 16 && slm.high >= 20, `${slm.low} to ${slm.high}`);
  const more = candidate(plan({ domainTokens: 1e9 }), 'slm');
  assert.deepEqual([more.perplexity, more.domainTokens, more.basis], [16, 8000, 'measured']);
});

test('an interpolated figure is told no more exactly than the fitted law can predict the place', () => {
  const range = (points: readonly MeasuredPoint[]) => {
    const { low, high, perplexity, basis } = candidate(plan({ domainTokens: 2000 }, points), 'slm');
    assert.equal(basis, 'interpolated');
    return [perplexity / low, high / perplexity];
  };
  const own = LAWFUL.filter(({ method: id }) => id === 'slm');
  const noisy = own.map((one, i) => {
    const factor = one.pretrainingTokens === 16e6 ? 1 : 1 + 0.2 * (-1) ** i;
    const moved = { ...one.perplexity, mean: one.perplexity.mean * factor };
    return { ...one, perplexity: { ...moved, min: moved.mean, max: moved.mean }, validation: moved };
  });
  const [narrow, wide] = [range(own), range(noisy)];
  assert.ok(wide[0] > narrow[0] && wide[1] > narrow[1], `${wide} against ${narrow}`);
});

test('inside of what was measured a figure is predicted, near the truth, and the recommendation says so', () => {
  const answer = plan({ pretraining: flopsOf(10), domainTokens: 4_000 }, LAWFUL);
  const slm = candidate(answer, 'slm');
  assert.deepEqual([slm.basis, slm.pretrainingTokens], ['predicted', 8e6]);
  assert.ok(Math.abs(slm.perplexity / lawful(8, 4) - 1) < 0.01, `${slm.perplexity} ${lawful(8, 4)}`);
  assert.ok(slm.low < lawful(8, 4) && slm.high > lawful(8, 4));
  assert.match(
    answer.recommendation.sentence,
    /predicted for 8M pretraining .* This is a prediction \(.*\), not a measurement\.$/,
  );
  assert.deepEqual(answer.next[0], {
    kind: 'measure',
    methods: ['slm'],
    sentence: 'Measure slm, which is predicted for 8M pretraining tokens and 4k in-domain tokens.',
    place: { pretraining: 8e6, domainTokens: 4000 },
  });
  assert.ok(answer.prediction.kind === 'fitted' && (answer.prediction.inside?.medianError ?? 1) < 0.01);
});

test('far from what was measured together nothing is predicted, and the point to run is told', () => {
  // 2M and 16k were measured, but never together.
  const answer = plan({ pretraining: flopsOf(3), domainTokens: 16_000 }, LAWFUL);
  assert.deepEqual(answer.candidates, []);
  const place = { pretraining: 2e6, domainTokens: 16_000 };
  assert.deepEqual(
    answer.notKnown.map((one) => [one.method, one.place]),
    [
      ['slm', place],
      ['slm-pn', place],
    ],
  );
  assert.match(answer.recommendation.sentence, /^Not known: .* Run a point: 2M pretraining tokens with 16k/);
  assert.equal(answer.recommendation.method, undefined);
  assert.deepEqual(
    answer.next.map((one) => one.place),
    [place, undefined],
  );
});

test('a point that was measured and is over the budget is not predicted to be within it', () => {
  // After little pretraining fine-tuning is long, and longest with all the text: no sum of positive parts says that.
  const points = LAWFUL.flatMap((one): MeasuredPoint[] => {
    const millions = one.pretrainingTokens / 1e6;
    const tuning = ((one.domainTokens / 1000) * 4 * TERA) / millions;
    const kept = millions === 16 || one.domainTokens === 1000;
    return kept ? [{ ...one, specializationFlops: tuning, specializationSeconds: tuning / TERA }] : [];
  });
  const dear = { ...point('slm', 2, 16_000, 14), specializationFlops: 32 * TERA };
  const answer = plan({ pretraining: flopsOf(3), specialization: flopsOf(20), domainTokens: 16_000 }, [
    ...points,
    dear,
  ]);
  assert.ok(!answer.candidates.some((one) => one.method === 'slm' && one.domainTokens === 16_000));
  assert.ok(!answer.notKnown.some((one) => one.method === 'slm'));
  // It stands where it was measured with less text, as no fine-tuning at all would be worse.
  const slm = candidate(answer, 'slm');
  assert.deepEqual([slm.basis, slm.pretrainingTokens, slm.domainTokens], ['measured', 2e6, 1000]);
});

test('two budgets do not tell how the curve goes on: below the smaller one nothing is predicted, between them it is', () => {
  const two = [
    ...LAWFUL.filter(({ pretrainingTokens }) => [4e6, 16e6].includes(pretrainingTokens)),
    ...['slm', 'slm-pn'].map((id) => point(id, 4, 16_000, lawful(4, 16), 0.001)),
  ];
  const below = plan({ pretraining: flopsOf(3), domainTokens: 4000 }, two);
  assert.deepEqual(below.candidates, []);
  assert.ok(below.notKnown.length > 0);
  assert.ok(below.prediction.kind === 'fitted' && !below.prediction.knows.budget);
  assert.match(
    predictionInWords(below.prediction),
    /Nor is anything beyond the measured pretraining budgets/,
  );
  const inside = plan({ pretraining: flopsOf(5), domainTokens: 4000 }, two);
  assert.equal(candidate(inside, 'slm').basis, 'predicted');
});

test('with more in-domain text than was measured the answer says for which set it is', () => {
  const { sentence } = plan({ domainTokens: 1e6 }).recommendation;
  assert.match(
    sentence,
    /1M in-domain tokens are more than were measured: the answer is for the largest set/,
  );
  assert.doesNotMatch(plan({ domainTokens: 8100 }).recommendation.sentence, /more than were measured/);
});
