import assert from 'node:assert/strict';
import { test } from 'node:test';
import { natsAt, type PowerLaw, type Sample } from '../../../../src/budget/prediction/power-law.ts';
import { fitPowerLaw } from '../../../../src/budget/prediction/power-law-fit.ts';

function fitted(samples: readonly Sample[]): PowerLaw {
  const law = fitPowerLaw(samples);
  assert.ok(law.kind === 'fitted', law.kind === 'refused' ? law.reason : '');
  return law;
}

function near(actual: number | undefined, expected: number, tolerance: number): void {
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) <= tolerance * Math.abs(expected),
    `${actual} is not ${expected}`,
  );
}

const curve = (budgets: readonly number[], nats: (budget: number) => number): Sample[] =>
  budgets.map((budget) => ({ group: 'a', budget: budget * 1e6, domainTokens: 5e4, nats: nats(budget) }));

test('a known curve is found again, also far beyond its points', () => {
  const law = fitted(curve([1, 2, 4, 8, 16, 32], (budget) => 2.5 + 1.3 * budget ** -0.37));
  near(law.exponents.budget, 0.37, 1e-3);
  near(law.groups[0].floor, 2.5, 1e-3);
  near(natsAt(law, { group: 'a', budget: 1e9, domainTokens: 5e4 }), 2.5 + 1.3 * 1000 ** -0.37, 1e-4);
});

test('methods of one fit share the exponents and keep floors and factors of their own', () => {
  const fading = (size: number): number => 1 + (0.8 * (size / 64)) ** 2;
  const truth = (group: number, budget: number, size: number): number =>
    2 +
    0.3 * group +
    (1 + 0.2 * group) * (16 ** -0.5 + ((budget ** -0.5 - 16 ** -0.5) * fading(1)) / fading(size)) +
    0.7 * size ** -0.2;
  const cross = [
    [1, 1],
    [4, 1],
    [16, 1],
    [16, 8],
    [16, 64],
    [1, 64],
  ];
  const samples = ['a', 'b', 'c'].flatMap((group, index) =>
    cross.map(([budget, size]) => ({
      group,
      budget: budget * 1e6,
      domainTokens: size * 1e4,
      nats: truth(index, budget, size),
    })),
  );
  const law = fitted(samples);
  near(law.exponents.budget, 0.5, 5e-3);
  near(law.exponents.domain, 0.2, 5e-3);
  near(law.exponents.interplay, 0.8, 5e-3);
  near(natsAt(law, { group: 'b', budget: 4e6, domainTokens: 64e4 }), truth(1, 4, 64), 1e-3);
});

test('noisy points give the curve that SciPy gives (least_squares)', () => {
  const nats = [3.861, 3.541, 3.288, 3.102, 2.941, 2.829];
  const law = fitted(curve([1, 2, 4, 8, 16, 32], (budget) => nats[Math.log2(budget)]));
  near(law.exponents.budget, 0.36127, 1e-3);
  near(law.groups[0].floor, 2.41394, 1e-3);
  near(natsAt(law, { group: 'a', budget: 128e6, domainTokens: 5e4 }), 2.664667, 1e-4);
});

test('two noisy methods on crossing axes agree with SciPy between their points', () => {
  const places = [
    [1, 1],
    [2, 1],
    [4, 1],
    [8, 1],
    [8, 4],
    [8, 16],
  ];
  const nats = { a: [3.9, 3.6, 3.37, 3.21, 2.95, 2.8], b: [3.6, 3.38, 3.22, 3.1, 2.94, 2.85] };
  const samples = Object.entries(nats).flatMap(([group, values]) =>
    values.map((value, i) => ({ group, budget: places[i][0], domainTokens: places[i][1], nats: value })),
  );
  const law = fitted(samples);
  near(law.exponents.budget, 0.44061, 3e-3);
  near(law.exponents.domain, 0.39929, 3e-3);
  near(natsAt(law, { group: 'a', budget: 3, domainTokens: 1 }), 3.458158, 1e-4);
  near(natsAt(law, { group: 'b', budget: 8, domainTokens: 8 }), 2.888877, 1e-4);
});

test('one point that is far off moves the curve little', () => {
  const budgets = [1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32];
  const clean = (budget: number): number => 2.5 + 1.3 * budget ** -0.37 + 0.002 * Math.sin(9 * budget);
  const law = fitted(curve(budgets, (budget) => clean(budget) + (budget === 6 ? 0.5 : 0)));
  const least = natsAt(law, { group: 'a', budget: 6e6, domainTokens: 5e4 });
  near(least, 2.5 + 1.3 * 6 ** -0.37, 0.01);
});

test('too few points are refused, and the refusal says how many are needed', () => {
  const three = fitPowerLaw(curve([1, 2, 4], (budget) => 3 - 0.1 * budget));
  assert.deepEqual(three, {
    kind: 'refused',
    reason: '3 measured points are too few for a curve; 4 or more are needed, at different budgets or sizes',
  });
  assert.equal(fitPowerLaw([]).kind, 'refused');
  const sample = { group: 'a', budget: 1e6, domainTokens: 5e4, nats: 3 };
  assert.equal(fitPowerLaw([sample]).kind, 'refused');
});

test('nothing is predicted for what no point tells about: another method, or a size where one size was measured', () => {
  const law = fitted(curve([1, 2, 4, 8, 16], (budget) => 2.5 + budget ** -0.4));
  assert.equal(natsAt(law, { group: 'b', budget: 1e6, domainTokens: 5e4 }), undefined);
  assert.equal(natsAt(law, { group: 'a', budget: 1e6, domainTokens: 6e4 }), undefined);
  assert.equal(natsAt(law, { group: 'a', budget: 0, domainTokens: 5e4 }), undefined);
  assert.ok(natsAt(law, { group: 'a', budget: 3e6, domainTokens: 5e4 }) !== undefined);
});
