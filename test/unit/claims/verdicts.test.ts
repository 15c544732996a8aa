import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atCost, judge } from '../../claims/judgement.ts';
import { bestSmallMethod, claims, verdictsOf } from '../../claims/verdicts.ts';
import { type Bend, findings } from './synthetic.ts';

const NUMBERS = [1, 2, 4, 5, 6, 7, 8, 9, 11, 13, 14, 18, 19];

function verdict(claim: number, bend?: Bend, curve?: readonly number[]): string | undefined {
  return verdictsOf(findings(bend, curve)).find((one) => one.claim === claim)?.verdict;
}

test('the claims of the plan are tested, and all hold where the numbers say so', () => {
  assert.deepEqual(
    claims.map(({ claim }) => claim),
    NUMBERS,
  );
  for (const { claim, verdict, seen } of verdictsOf(findings()))
    assert.equal(verdict, 'held', `${claim}: ${seen}`);
});

test('a verdict: all seeds and the mean for held, disagreement for undecided, else not held', () => {
  assert.equal(judge([-0.1, -0.2, -0.3]), 'held');
  assert.equal(judge([-0.1, 0.2, -0.3]), 'undecided');
  assert.equal(judge([0.1, 0.2, 0.3]), 'not held');
  assert.equal(judge([-0.01, -0.01, -0.01], -0.02), 'not held');
  assert.equal(judge([-0.01, -0.03, -0.03], -0.02), 'held');
});

/** What breaks each claim; for a single seed only, seeds disagree. */
const breaking: Readonly<Record<number, Bend>> = {
  1: ({ method, size }) => (method === 'slm-nopt' && size === 2 ? 0.5 : 1),
  2: ({ method, size }) => (method === 'slm-mix' && size === 2 ? 2 : 1),
  4: ({ method, size }) => (method === 'slm-mix' && size === 0 ? 0.7 : 1),
  5: ({ method, size }) => (method === 'llm' && size === 0 ? 0.5 : 1),
  6: ({ method, size }) => (method === 'slm-is' && size === -1 ? 0.3 : 1),
  7: ({ method, size }) => (method === 'slm-pn' && size === 0 ? 1.2 : 1),
  8: ({ method, size }) => (method === 'slm-pn' && size === 2 ? 1.2 : 1),
  9: ({ method, budget }) => (method === 'slm-mix' && budget === 2 ? 1.1 : 1),
  13: ({ experiment }) => (experiment === 'choice: lowest loss' ? 1.1 : 1),
  14: ({ experiment }) => (experiment === 'clusters: 1' ? 0.7 : 1),
};

for (const claim of [1, 2, 4, 5, 6, 7, 8, 9, 13, 14]) {
  test(`claim ${claim} is not held when all seeds speak against it, undecided when one does`, () => {
    assert.equal(verdict(claim, breaking[claim]), 'not held');
    assert.equal(
      verdict(claim, (point) => (point.seed === 2 ? breaking[claim](point) : 1)),
      'undecided',
    );
  });
}

test('claim 8 is not held when slm-mix is better with the least text, nor when slm-pn is far better with more', () => {
  const worse: Bend = ({ method, size }) => (method === 'slm-pn' && size === 0 ? 1.2 : 1);
  const better: Bend = ({ method, size }) => (method === 'slm-pn' && size === 2 ? 0.9 : 1);
  assert.deepEqual([verdict(8, worse), verdict(8, better)], ['not held', 'not held']);
});

test('claim 11: N* is what all domains share of slm over what a domain pays more for slm-is', () => {
  const seen = verdictsOf(findings()).find(({ claim }) => claim === 11)?.seen ?? '';
  // 4e12 shared, and 4e12 more a domain.
  assert.match(seen, /^N\* = 1\.00: .*4\.00 TFLOP/);
  const made = findings();
  const cheaper = made.measurements.map((one) =>
    one.method === 'slm-is' ? { ...one, specializationFlops: one.genericFlops } : one,
  );
  const [found] = verdictsOf({ ...made, measurements: cheaper }).filter(({ claim }) => claim === 11);
  assert.equal(found.verdict, 'not held');
});

test('claim 18 needs a loss that falls and rises again, and later best steps with more text', () => {
  assert.equal(verdict(18, undefined, [4, 3.6, 3.5, 3.4]), 'not held');
  assert.equal(verdict(18, undefined, [3.4, 3.6, 3.7, 3.8]), 'not held');
  const made = findings();
  const overfitting = made.overfitting.map((one) =>
    one.seed === 1 ? { ...one, curve: one.curve.slice(0, 3) } : one,
  );
  assert.equal(verdictsOf({ ...made, overfitting }).find(({ claim }) => claim === 18)?.verdict, 'undecided');
});

test('claim 19 is not held when fine-tuning changes no rank, and undecided when one seed changes one', () => {
  const made = findings();
  const unchanged = (seeds: readonly number[]) => ({
    ...made,
    measurements: made.measurements.map((one) => {
      if (one.phase === 'after fine-tuning' || !seeds.includes(one.seed)) return one;
      const after = made.measurements.find(
        (other) =>
          other.experiment === 'core' &&
          other.phase === 'after fine-tuning' &&
          other.seed === one.seed &&
          other.method === one.method &&
          other.pretrainingTokens === one.pretrainingTokens &&
          other.domainTokens === 1000,
      );
      return { ...one, perplexity: 2 * (after?.perplexity ?? 1) };
    }),
  });
  const of = (seeds: readonly number[]) =>
    verdictsOf(unchanged(seeds)).find(({ claim }) => claim === 19)?.verdict;
  assert.equal(of([1, 2, 3]), 'not held');
  assert.equal(of([1, 2]), 'undecided');
});

test('the best small method is named with its gain over slm at equal total cost, at each in-domain size', () => {
  for (const size of [0, 1]) {
    const { method, verdict, seen } = bestSmallMethod(findings(), size);
    assert.deepEqual({ method, verdict }, { method: 'slm-is', verdict: 'held' });
    // 16 against 20, each with the same budget, and specialization is all that differs in cost.
    assert.match(seen, /best −20\.0 %; with all pretraining it costs 1\.00 times as much as slm$/);
    const worse: Bend = ({ method }) => (method === 'slm' ? 0.7 : 1);
    assert.equal(bestSmallMethod(findings(worse), size).verdict, 'not held');
    const oneWorse: Bend = ({ method, seed }) => (method === 'slm' && seed === 1 ? 0.7 : 1);
    assert.equal(bestSmallMethod(findings(oneWorse), size).verdict, 'undecided');
  }
});

test('what a method costs more than slm is interpolated away only where it was measured with more than one budget', () => {
  // Its gain is all in the last budget, which costs 1.6 times as much.
  const late: Bend = ({ method, budget, size }) =>
    method === 'slm-pn' ? (budget === 2 && size >= 0 ? 0.7 : 1.4) : 1;
  const at = (size: number) => bestSmallMethod(findings(late), size);
  assert.equal(at(0).method, 'slm-is');
  assert.equal(at(1).method, 'slm-pn');
  assert.match(at(1).seen, /costs 1\.6\d times as much as slm$/);
});

test('claim 2 is not held where slm-pn is worse than slm with little text, however near it comes with more', () => {
  for (const factors of [
    [1.5, 1.2, 1.1],
    [1.2, 1.25, 1.4],
  ]) {
    const worse: Bend = ({ method, size }) => (method === 'slm-pn' ? (factors[size] ?? 1) : 1);
    assert.equal(verdict(2, worse), 'not held', `${factors}`);
  }
});

test('between two costs perplexity lies on a line of the logarithms, beyond them it is that of the nearest', () => {
  const points = [
    { flops: 100, perplexity: 20 },
    { flops: 400, perplexity: 10 },
  ];
  assert.ok(Math.abs(atCost(points, 200) - 20 / Math.SQRT2) < 1e-9);
  assert.deepEqual(
    [99, 1, 401, 1e6].map((cost) => atCost(points, cost)),
    [20, 20, 10, 10],
  );
});
