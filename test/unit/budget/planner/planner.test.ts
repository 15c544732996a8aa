import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MeasuredPoint } from '../../../../src/budget/measured-point.ts';
import { planFor } from '../../../../src/budget/planner/planner.ts';
import { candidate, flopsOf, LAWFUL, METHODS, POINTS, plan, point, reasons, TERA } from './made-points.ts';

const validated = (one: MeasuredPoint, perplexity: number): MeasuredPoint => ({
  ...one,
  validation: { mean: perplexity, min: perplexity, max: perplexity, n: 3 },
});

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
    /Fine-tuning on 8k in-domain tokens costs more than these budgets wherever it was measured/,
  );
});

test('validation text chooses the method and the budget; the figure told is that of held-out text', () => {
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
      ['slm-pn', 0, 29],
      ['slm', 0, 30],
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

test('a cost that is lower by less than its digits show is not told as two equal ones', () => {
  const [one, other] = [point('slm-is', 16, 1000, 18, 0.01), point('slm-pn', 16, 1000, 18.1, 0.01)];
  const { genericFlops, specializationFlops } = one;
  const cheaper = { ...other, genericFlops, specializationFlops: specializationFlops * 0.9999 };
  const { recommendation } = plan({ domains: 1 }, [one, cheaper]);
  assert.equal(recommendation.method, 'slm-pn');
  assert.match(
    recommendation.sentence,
    /for 1 domain it costs a little less \(17\.0 TFLOP in all, to three digits\)\.$/,
  );
});

test('between methods that are as good the cost for N domains decides', () => {
  const tied = [point('slm-is', 16, 1000, 18, 0.01), point('slm-pn', 16, 1000, 18.1, 0.01)];
  const few = plan({ domains: 1, pretraining: flopsOf(100) }, tied);
  // For one domain both cost 17 TFLOP; the lower perplexity is kept.
  assert.equal(few.recommendation.method, 'slm-is');
  const many = plan({ domains: 50 }, tied);
  assert.equal(many.recommendation.method, 'slm-pn');
  assert.match(
    many.recommendation.sentence,
    /It is within 1 % of slm-is, the lowest on validation text \(held-out 18\.00, a tie\), and for 50 domains it costs 66\.0 TFLOP in all instead of 850 TFLOP\.$/,
  );
  assert.deepEqual(
    many.next.filter(({ kind }) => kind === 'more seeds').map(({ methods }) => methods),
    [['slm-is', 'slm-pn']],
  );
});

test('a method that held-out text puts clearly before the choice is named, whichever place validation gave it', () => {
  const answer = plan({}, [
    validated(point('slm', 16, 1000, 18, 0.01), 17),
    validated(point('slm-is', 16, 1000, 18.05, 0.01), 18),
    validated(point('slm-pn', 16, 1000, 15, 0.01), 19),
  ]);
  assert.equal(answer.recommendation.method, 'slm');
  assert.match(
    answer.recommendation.sentence,
    /The choice is not settled: on held-out text slm-pn is clearly lower than slm, the lowest on validation text\.$/,
  );
  assert.deepEqual(
    answer.next.map(({ kind, methods }) => [kind, methods]),
    [['more held-out text', ['slm', 'slm-pn']]],
  );
});

test('what is too dear with all of the text stands where it was measured with less, beside others with all', () => {
  const dear = (one: MeasuredPoint): MeasuredPoint =>
    one.method === 'slm' && one.domainTokens === 8000 ? { ...one, specializationFlops: 9 * TERA } : one;
  const answer = plan({ specialization: flopsOf(2) }, POINTS.map(dear));
  assert.equal(answer.domainTokens, 8000);
  const slm = candidate(answer, 'slm');
  assert.deepEqual([slm.domainTokens, slm.basis, slm.perplexity], [1000, 'measured', 20]);
  assert.equal(candidate(answer, 'slm-pn').domainTokens, 8000);
});

test('the model of another method is no candidate of its own before it is fine-tuned', () => {
  const base = point('slm', 16, 0, 30, 0.01);
  const copy = { ...base, method: 'slm-pn', genericFlops: 2 * base.genericFlops };
  const answer = plan({ specialization: flopsOf(0.5) }, [base, copy, point('slm-pn', 16, 1000, 20, 0.01)]);
  assert.deepEqual(
    answer.candidates.map(({ method: id }) => id),
    ['slm'],
  );
  assert.deepEqual(reasons(answer, 'slm-pn'), ['Without fine-tuning it is the model of slm.']);
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
