import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PowerLaw, predict, type Sample } from '../../../src/budget/power-law.ts';
import { fitPowerLaw, leaveOneOut } from '../../../src/budget/power-law-fit.ts';

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
  near(predict(law, { group: 'a', budget: 1e9, domainTokens: 5e4 })?.nats, 2.5 + 1.3 * 1000 ** -0.37, 1e-4);
});

test('methods of one fit share the exponents of budget and size and keep floors and factors of their own', () => {
  const truth = (group: number, budget: number, size: number): number =>
    2 + 0.3 * group + (1 + 0.2 * group) * budget ** -0.5 + 0.7 * size ** -0.2;
  const cross = [
    [1, 1],
    [4, 1],
    [16, 1],
    [16, 8],
    [16, 64],
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
  near(predict(law, { group: 'b', budget: 4e6, domainTokens: 64e4 })?.nats, truth(1, 4, 64), 1e-3);
});

test('noisy points give the curve and the interval that SciPy gives (least_squares, delta method, t of 95 %)', () => {
  const nats = [3.861, 3.541, 3.288, 3.102, 2.941, 2.829];
  const law = fitted(curve([1, 2, 4, 8, 16, 32], (budget) => nats[Math.log2(budget)]));
  near(law.exponents.budget, 0.36127, 1e-3);
  near(law.groups[0].floor, 2.41394, 1e-3);
  near(law.residual, 0.0044217, 1e-3);
  const far = predict(law, { group: 'a', budget: 128e6, domainTokens: 5e4 });
  near(far?.nats, 2.664667, 1e-4);
  near(far?.halfWidth, 0.0215927, 0.03);
});

test('two noisy methods on crossing axes agree with SciPy between and beside their points', () => {
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
  near(law.residual, 0.00251884, 1e-3);
  const a = predict(law, { group: 'a', budget: 2, domainTokens: 16 });
  near(a?.nats, 3.188807, 1e-4);
  near(a?.halfWidth, 0.0099037, 0.03);
  near(predict(law, { group: 'b', budget: 4, domainTokens: 4 })?.nats, 3.05994, 1e-4);
});

test('one point that is far off moves the curve little', () => {
  const budgets = [1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32];
  const clean = (budget: number): number => 2.5 + 1.3 * budget ** -0.37 + 0.002 * Math.sin(9 * budget);
  const law = fitted(curve(budgets, (budget) => clean(budget) + (budget === 6 ? 0.5 : 0)));
  const least = predict(law, { group: 'a', budget: 6e6, domainTokens: 5e4 });
  near(least?.nats, 2.5 + 1.3 * 6 ** -0.37, 0.01);
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
  assert.equal(predict(law, { group: 'b', budget: 1e6, domainTokens: 5e4 }), undefined);
  assert.equal(predict(law, { group: 'a', budget: 1e6, domainTokens: 6e4 }), undefined);
  assert.equal(predict(law, { group: 'a', budget: 0, domainTokens: 5e4 }), undefined);
  assert.ok(predict(law, { group: 'a', budget: 3e6, domainTokens: 5e4 }) !== undefined);
});

test('the error of points left out is nothing on a curve, and about the noise where there is some', () => {
  const budgets = [1, 2, 4, 8, 16, 32, 64, 128];
  const exact = leaveOneOut(fitted(curve(budgets, (budget) => 2.5 + budget ** -0.4)));
  assert.equal(exact?.points, 8);
  assert.ok(exact.relativeError < 1e-3, `${exact.relativeError}`);
  const noise = [1, -1, 1, 1, -1, -1, 1, -1].map((sign) => 0.02 * sign);
  const noisy = leaveOneOut(
    fitted(curve(budgets, (budget) => 2.5 + budget ** -0.4 + noise[Math.log2(budget)])),
  );
  assert.ok(noisy !== undefined && noisy.relativeError > 0.015 && noisy.relativeError < 0.08);
  assert.ok(noisy.largestRelativeError >= noisy.relativeError);
});

/** Table 8 of the paper (appendix B): GPU-hours, then perplexity with 1M, 8M and 64M in-domain tokens. */
const TABLE_8: Readonly<Record<string, readonly (readonly number[])[]>> = {
  slm: [
    [100, 19.31, 15.61, 12.37],
    [200, 18.58, 15.12, 12.09],
    [400, 18.22, 14.8, 12.0],
  ],
  'slm-mix': [
    [100, 19.82, 15.82, 12.62],
    [200, 18.48, 14.98, 12.15],
    [400, 17.56, 14.42, 11.84],
    [600, 17.18, 14.21, 11.73],
  ],
  'slm-pn': [
    [100, 18.57, 15.58, 12.53],
    [200, 17.76, 14.95, 12.13],
    [400, 17.17, 14.48, 11.86],
    [600, 16.95, 14.29, 11.74],
  ],
  llm: [
    [100, 17.11, 15.49, 11.55],
    [200, 15.62, 14.03, 10.81],
    [400, 15.03, 13.05, 10.28],
    [600, 14.5, 12.64, 10.07],
  ],
};

test('from the axes of the paper’s table 8 the law foretells what lies off them to within 4 %', () => {
  const points = Object.entries(TABLE_8).flatMap(([group, rows]) =>
    rows.flatMap(([budget, ...perplexities]) =>
      perplexities.map((perplexity, size) => ({
        group,
        budget,
        domainTokens: [1, 8, 64][size],
        nats: Math.log(perplexity),
        isOnAxis: size === 0 || budget === rows[rows.length - 1][0],
      })),
    ),
  );
  const law = fitted(points.filter(({ isOnAxis }) => isOnAxis));
  const errors = points
    .filter(({ isOnAxis }) => !isOnAxis)
    .map((point) => {
      const foretold = predict(law, point);
      assert.ok(foretold !== undefined);
      const error = Math.abs(foretold.nats - point.nats);
      return { error, isInside: error <= foretold.halfWidth };
    });
  assert.equal(errors.length, 22);
  const squares = errors.reduce((sum, { error }) => sum + error * error, 0);
  assert.ok(Math.sqrt(squares / errors.length) < 0.04);
  assert.ok(errors.filter(({ isInside }) => isInside).length >= 17);
});
