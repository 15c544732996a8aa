/** What is said of a difference: an interval that has its ends, and all of the text that it rests on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basisOfComparison, differenceInWords } from '../../../../src/budget/choice/comparison-words.ts';
import type { Comparison } from '../../../../src/budget/choice/verdict.ts';

/** By how many per cent the first point is lower, and the ends of the interval of that. */
function difference(at: number, from: number, to: number): string {
  const ratioOf = (percent: number): number => 1 / (1 - percent / 100);
  const [ratio, low, high] = [at, from, to].map(ratioOf);
  return differenceInWords({ ...rest, ratio, low, high }, 'slm');
}

const rest: Comparison = {
  verdict: 'clear',
  ratio: 1,
  low: 1,
  high: 1,
  seeds: 5,
  unit: 'windows',
  units: 997,
};

test('an interval has as many decimals as tell its ends apart', () => {
  assert.equal(difference(21.04, 18, 24), '21 % lower than slm, 90 % interval 18 to 24 %');
  assert.equal(difference(21.04, 20.7, 21.4), '21.0 % lower than slm, 90 % interval 20.7 to 21.4 %');
  assert.equal(difference(-21.04, -21.4, -20.7), '21.0 % higher than slm, 90 % interval 20.7 to 21.4 %');
  assert.equal(difference(21.02, 21.01, 21.03), '21.02 % lower than slm, 90 % interval 21.01 to 21.03 %');
  assert.equal(difference(0.03, 0.01, 0.04), '0.03 % lower than slm, 90 % interval 0.01 to 0.04 %');
});

test('the ends are one number where they are the same', () => {
  assert.equal(difference(21, 21, 21), '21.0 % lower than slm, 90 % interval 21.0 %');
  assert.equal(
    difference(3.4, 3.4, 3.4 + 1e-9),
    '3.4 % lower than slm, 90 % interval 3.4 %',
    'rounding apart',
  );
});

test('ends of two directions are told apart by these', () => {
  assert.equal(difference(0.1, -0.4, 0.4), '0.1 % lower than slm, 90 % interval 0.4 % higher to 0.4 % lower');
});

const windowsOf = (units: number) => ({ domain: `of ${units}`, unit: 'windows' as const, units, ratio: 1 });

test('of averages it is said how far the domains differ', () => {
  const domains = [1 / (1 + 0.006), 1 / (1 - 0.084), 1].map((ratio) => ({ ...windowsOf(50), ratio }));
  const comparison = { ...rest, ratio: 1 / (1 - 0.02), low: 1 / (1 - 0.01), high: 1 / (1 - 0.03), domains };
  assert.equal(
    differenceInWords(comparison, 'slm'),
    '2.0 % lower than slm, 90 % interval 1.0 to 3.0 %, on single domains 0.6 % higher to 8.4 % lower',
  );
});

test('a comparison of averages rests on the text of all domains', () => {
  const domains = [1005, 1023, 997, 1257].map(windowsOf);
  assert.equal(
    basisOfComparison({ ...rest, domains }),
    'over 4,282 windows of few held-out documents of 4 domains and 5 seeds',
  );
  assert.equal(
    basisOfComparison({
      ...rest,
      domains: [...domains.slice(2), { ...domains[0], unit: 'documents', units: 45 }],
    }),
    'over 45 held-out documents and 2,254 windows of few held-out documents of 3 domains and 5 seeds',
  );
  assert.equal(basisOfComparison(rest), 'over 997 windows of few held-out documents and 5 seeds');
});

test('a domain of which too little is held out is told beside all the text there is', () => {
  const domains = [1005, 3].map(windowsOf);
  assert.equal(
    basisOfComparison({ ...rest, units: 3, domains }),
    'over 1,008 windows of few held-out documents of 2 domains (only 3 of one) and 5 seeds',
  );
});

test('of few seeds it is said that the spread over seeds is that of other experiments', () => {
  const of = (seeds: number) => basisOfComparison({ ...rest, seeds });
  assert.equal(
    of(1),
    'over 997 windows of few held-out documents and 1 seed (the spread over seeds is that of other experiments)',
  );
  assert.equal(
    of(2),
    'over 997 windows of few held-out documents and 2 seeds (the spread over seeds is mostly that of other experiments)',
  );
  assert.equal(of(3), 'over 997 windows of few held-out documents and 3 seeds');
});
