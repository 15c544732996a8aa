import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MeasuredPoint, SeedOutcome } from '../../../../src/budget/measured-point.ts';
import { planFor } from '../../../../src/budget/planner/planner.ts';
import type { Budgets, PlannedMethod, PlannerAnswer } from '../../../../src/budget/planner/planner-types.ts';
import { madeResampling } from '../../../fixtures/resampling.ts';

const TERA = 1e12;
const METHODS: readonly PlannedMethod[] = [
  method('slm', 1e6),
  method('slm-is', 1e6),
  method('slm-pn', 1e6),
  method('llm', 6e6),
];

function method(id: string, parameters: number): PlannedMethod {
  return {
    id,
    title: `the ${id}`,
    parameters,
    inferenceFlopsPerToken: 2 * parameters,
    readsGenericForDomain: id === 'slm-is',
  };
}

/** A point whose pretraining costs 1 TFLOP a million tokens and whose fine-tuning costs 1 TFLOP. */
function point(
  id: string,
  millions: number,
  domainTokens: number,
  perplexity: number,
  range = 0,
): MeasuredPoint {
  const generic = id === 'slm-is' ? 0 : millions * TERA;
  const specialization = (domainTokens > 0 ? TERA : 0) + (id === 'slm-is' ? millions * TERA : 0);
  const spread = {
    mean: perplexity,
    min: perplexity * (1 - range),
    max: perplexity * (1 + range),
    n: range > 0 ? 3 : 1,
  };
  return {
    method: id,
    pretrainingTokens: millions * 1e6,
    domainTokens,
    ...(domainTokens > 0 && { requestedDomainTokens: domainTokens }),
    perplexity: spread,
    validation: spread,
    seeds: madeSeeds(perplexity, range),
    genericFlops: generic,
    genericSeconds: generic / TERA,
    specializationFlops: specialization,
    specializationSeconds: specialization / TERA,
  };
}

function madeSeeds(perplexity: number, range: number): readonly SeedOutcome[] {
  const factors = range > 0 ? [1 - range, 1, 1 + range] : [1];
  return factors.map((factor, seed) => ({
    seed,
    nats: Math.log(perplexity * factor),
    resampling: madeResampling(perplexity * factor),
  }));
}

/** Two budgets at 1,000 tokens and the larger one at 8,000: the crossing grid. */
const POINTS = [
  ...grid('slm', [24, 20, 16]),
  ...grid('slm-is', [22, 18, 15]),
  ...grid('slm-pn', [23, 19, 16.5]),
  ...grid('llm', [20, 14, 11]),
];

function grid(id: string, [small, large, more]: readonly number[]): readonly MeasuredPoint[] {
  return [
    point(id, 4, 1000, small, 0.01),
    point(id, 16, 1000, large, 0.01),
    point(id, 16, 8000, more, 0.01),
    point(id, 16, 0, 30, 0.01),
  ];
}

function plan(budgets: Partial<Budgets>, points: readonly MeasuredPoint[] = POINTS): PlannerAnswer {
  return planFor({
    budgets: {
      domains: 1,
      genericCorpusAtHand: true,
      inference: { unit: 'parameters', value: 1e6 },
      ...budgets,
    },
    methods: METHODS,
    points,
  });
}

const flopsOf = (tera: number) => ({ unit: 'FLOPs' as const, value: tera * TERA });

function candidate(answer: PlannerAnswer, id: string) {
  const found = answer.candidates.find((one) => one.method === id);
  assert.ok(found !== undefined, `${id} is no candidate`);
  return found;
}

function reasons(answer: PlannerAnswer, id: string): readonly string[] {
  return answer.excluded.find((one) => one.method === id)?.reasons ?? [];
}

test('without limits every method within the cap stands at its largest measured point, and the lowest is recommended', () => {
  const answer = plan({});
  assert.deepEqual(
    answer.candidates.map(({ method: id, perplexity, basis }) => [id, perplexity, basis]),
    [
      ['slm-is', 15, 'measured'],
      ['slm', 16, 'measured'],
      ['slm-pn', 16.5, 'measured'],
    ],
  );
  assert.equal(answer.recommendation.method, 'slm-is');
  assert.equal(
    answer.recommendation.sentence,
    'Use Pretrained on look-alike text (slm-is): held-out perplexity 15.00, measured at 16M pretraining tokens and 8k in-domain tokens, ' +
      'mean of 3 seeds. It is chosen on validation text, the lowest of 3 methods that meet the budgets (15.00); ' +
      'next is slm with 16.00, held-out 16.00, a clear difference.',
  );
});

test('a model over the inference budget is never recommended, however good; a larger budget lets it in', () => {
  const answer = plan({});
  assert.deepEqual(reasons(answer, 'llm'), [
    'Its model needs 6M parameters; the inference budget is 1M parameters.',
  ]);
  const larger = plan({ inference: { unit: 'FLOPs per token', value: 12e6 } });
  assert.equal(larger.recommendation.method, 'llm');
});

test('without the generic corpus, what pretrains for the domain is out, also where only its costs tell', () => {
  const answer = plan({ genericCorpusAtHand: false });
  assert.deepEqual(reasons(answer, 'slm-is'), [
    'It needs the generic corpus when the domain arrives, and that is not at hand.',
  ]);
  const unknown = METHODS.map(({ readsGenericForDomain: _, ...rest }) => rest);
  const told = planFor({
    budgets: { domains: 1, genericCorpusAtHand: false },
    methods: unknown,
    points: POINTS,
  });
  assert.deepEqual(
    told.excluded.map(({ method: id }) => id),
    ['slm-is'],
  );
});

test('a budget between two measured ones gives the perplexity between them, said to be interpolated', () => {
  const answer = plan({ pretraining: flopsOf(8), domainTokens: 1000 });
  const slm = candidate(answer, 'slm');
  assert.equal(slm.basis, 'interpolated');
  assert.deepEqual(slm.between, [4e6, 16e6]);
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

/** Points of a law on the axes of the crossing grid, C in millions and D in thousands. */
const LAWFUL = ['slm', 'slm-pn'].flatMap((id, index) =>
  [
    [2, 1],
    [4, 1],
    [8, 1],
    [16, 1],
    [16, 4],
    [16, 16],
  ].map(([budget, size]) => point(id, budget, size * 1000, lawful(budget, size) * (1 + 0.05 * index), 0.001)),
);

/** Pretraining is worth less where there is more in-domain text. */
function lawful(budget: number, size: number): number {
  const most = 16 ** -0.4;
  const fading = (text: number): number => 1 + (0.66 * (text / 16)) ** 2;
  const worth = fading(1) / fading(size);
  return Math.exp(2 + 0.9 * (most + (budget ** -0.4 - most) * worth) + 0.8 * size ** -0.3);
}

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

test('methods are compared at one in-domain size: none falls back to a smaller set of its own', () => {
  // A grid of two by two: too few points for a law, and only from scratch is affordable with all the text.
  const scratch = { ...point('slm-is', 0, 8000, 65), requestedDomainTokens: 'all' as const };
  const points = [
    scratch,
    ...['slm', 'slm-pn'].flatMap((id) => [
      point(id, 4, 1000, 24),
      point(id, 16, 1000, 20),
      { ...point(id, 16, 8000, 16), requestedDomainTokens: 'all' as const },
    ]),
  ];
  const answer = plan({ pretraining: flopsOf(5) }, points);
  assert.deepEqual([answer.requestedDomainTokens, answer.domainTokens], ['all', 8000]);
  assert.deepEqual(
    answer.candidates.map(({ method: id, domainTokens }) => [id, domainTokens]),
    [['slm-is', 8000]],
  );
  const place = { pretraining: 4e6, domainTokens: 'all' };
  assert.deepEqual(
    answer.notKnown.map((one) => [one.method, one.place]),
    [
      ['slm', place],
      ['slm-pn', place],
    ],
  );
  assert.deepEqual(answer.next.find(({ kind }) => kind === 'measure')?.place, place);
  assert.doesNotMatch(answer.recommendation.sentence, /next is/);
});

test('where no method may be fine-tuned on the largest set, all are compared at the next smaller one, and it is said', () => {
  const dear = (one: MeasuredPoint): MeasuredPoint =>
    one.domainTokens === 8000 ? { ...one, specializationFlops: 9 * TERA } : one;
  const answer = plan({ specialization: flopsOf(2) }, POINTS.map(dear));
  assert.deepEqual([answer.domainTokens, answer.tooMuchText?.tokens], [1000, 8000]);
  assert.deepEqual(
    answer.candidates.map(({ method: id, domainTokens }) => [id, domainTokens]),
    [
      ['slm-pn', 1000],
      ['slm', 1000],
    ],
  );
  assert.match(
    answer.recommendation.sentence,
    /To fine-tune on 8k in-domain tokens costs more than these budgets/,
  );
});

test('validation text chooses the method and the budget; the figure told is that of held-out text', () => {
  const validated = (one: MeasuredPoint, perplexity: number): MeasuredPoint => ({
    ...one,
    validation: { mean: perplexity, min: perplexity, max: perplexity, n: 3 },
  });
  const answer = plan({}, [
    validated(point('slm', 4, 1000, 20, 0.01), 17),
    validated(point('slm', 16, 1000, 18, 0.01), 19),
    validated(point('slm-pn', 16, 1000, 15, 0.01), 30),
  ]);
  assert.equal(answer.recommendation.method, 'slm');
  const slm = candidate(answer, 'slm');
  assert.deepEqual([slm.pretrainingTokens, slm.perplexity, slm.validation], [4e6, 20, 17]);
  assert.match(
    answer.recommendation.sentence,
    /held-out perplexity 20\.00.* chosen on validation text, .*\(17\.00\)/,
  );
});

test('with no in-domain text or no specialization budget the pretrained model alone is left', () => {
  const answer = plan({ domainTokens: 0 });
  assert.deepEqual(
    answer.candidates.map(({ method: id, domainTokens, perplexity }) => [id, domainTokens, perplexity]),
    [
      ['slm', 0, 30],
      ['slm-pn', 0, 30],
    ],
  );
  assert.deepEqual(reasons(answer, 'slm-is'), ['It uses in-domain text, and none is at hand.']);
  assert.match(
    plan({ specialization: flopsOf(0.5) }).recommendation.sentence,
    /16M pretraining tokens and no fine-tuning/,
  );
});

test('when no method meets the budgets, it is said why, and what the cheapest would need', () => {
  const answer = plan({ pretraining: flopsOf(0.01), specialization: { unit: 'seconds', value: 0.5 } });
  assert.deepEqual(answer.candidates, []);
  assert.deepEqual(reasons(answer, 'slm-is'), [
    'Its cheapest measured point needs 5 s for each domain; the specialization budget is 0.5 s.',
  ]);
  assert.deepEqual(reasons(answer, 'slm'), [
    'Its cheapest measured point needs 4.00 TFLOP of pretraining; the pretraining budget is 10.0 GFLOP.',
  ]);
  assert.equal(answer.recommendation.method, undefined);
  assert.match(
    answer.recommendation.sentence,
    /^No measured method meets these budgets\. The cheapest, Pretrained on generic text \(slm\), would need 4\.00 TFLOP of pretraining, 1 s for each domain, 1k in-domain tokens and 1M parameters at inference\.$/,
  );
});

test('between methods that tie the cost for N domains decides', () => {
  const tied = [point('slm-is', 16, 1000, 18, 0.01), point('slm-pn', 16, 1000, 18.1, 0.01)];
  const few = plan({ domains: 1, pretraining: flopsOf(100) }, tied);
  // For one domain both cost 17 TFLOP; the lower perplexity is kept.
  assert.equal(few.recommendation.method, 'slm-is');
  const many = plan({ domains: 50 }, tied);
  assert.equal(many.recommendation.method, 'slm-pn');
  assert.match(
    many.recommendation.sentence,
    /It is a tie with slm-is, the lowest on validation text \(held-out 18\.00\), and for 50 domains it costs 66\.0 TFLOP in all instead of 850 TFLOP\.$/,
  );
  assert.deepEqual(
    many.next.filter(({ kind }) => kind === 'more seeds').map(({ methods }) => methods),
    [['slm-is', 'slm-pn']],
  );
});

test('a method never measured is named as what to run; one over the cap is not', () => {
  const answer = plan(
    {},
    POINTS.filter((one) => one.method === 'slm'),
  );
  assert.deepEqual(answer.unmeasured, ['slm-is', 'slm-pn']);
  assert.deepEqual(answer.next.at(-1)?.methods, ['slm-is', 'slm-pn']);
  assert.equal(reasons(answer, 'llm').length, 1);
});

test('with nothing measured it says so, and the answer survives JSON', () => {
  const empty = plan({}, []);
  assert.match(empty.recommendation.sentence, /^Nothing has been measured yet/);
  const answer = plan({ pretraining: flopsOf(6), domainTokens: 16_000 }, LAWFUL);
  assert.deepEqual(JSON.parse(JSON.stringify(answer)), answer);
});

test('an in-domain budget within 5 % of a measured size is that size, and the answer names the size', () => {
  const powers = POINTS.map((one) => ({
    ...one,
    domainTokens: one.domainTokens === 1000 ? 2048 : one.domainTokens,
    requestedDomainTokens: one.domainTokens === 1000 ? 2048 : one.requestedDomainTokens,
  }));
  for (const atHand of [1960, 2000, 2100]) {
    const { candidates } = plan({ domainTokens: atHand }, powers);
    assert.deepEqual(
      candidates.map(({ basis, domainTokens }) => [basis, domainTokens]),
      candidates.map(() => ['measured', 2048]),
      `${atHand}`,
    );
  }
  assert.ok(plan({ domainTokens: 1900 }, powers).candidates.every((one) => one.domainTokens !== 2048));
});
