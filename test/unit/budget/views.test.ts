import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare } from '../../../src/budget/choice/verdict.ts';
import type { Measurement } from '../../../src/budget/measurement.ts';
import {
  aggregate,
  atChosenBudget,
  atLargestBudget,
  beforeTuningOn,
  cellsAtSize,
  domainSizes,
  macroAverage,
  tokensAt,
  viewsOf,
} from '../../../src/budget/views.ts';
import { flops, seconds, tokens } from '../../../src/common/units.ts';
import { madeEvaluation } from '../../fixtures/resampling.ts';

function measurement(changes: Partial<Measurement>): Measurement {
  return {
    domain: 'letters',
    method: 'slm',
    seed: 1,
    pretrainingTokens: tokens(1000),
    domainTokens: tokens(100),
    phase: 'after fine-tuning',
    ...madeEvaluation(changes.perplexity ?? 10),
    bitsPerByte: 1,
    evaluatedTokens: tokens(10),
    inferenceTokensPerSecond: 50_000,
    bestStep: 1,
    steps: 2,
    genericFlops: flops(100),
    genericSeconds: seconds(10),
    specializationFlops: flops(20),
    specializationSeconds: seconds(2),
    fingerprint: 'f',
    ...changes,
  };
}

function assertNear(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-9 * expected, `${actual} is not ${expected}`);
}

test('the mean over seeds is exp(mean log perplexity), with the lowest and highest seed', () => {
  const cells = aggregate([
    measurement({ seed: 1, perplexity: 4, specializationFlops: flops(10) }),
    measurement({ seed: 2, perplexity: 9, specializationFlops: flops(30) }),
  ]);
  assert.equal(cells.length, 1);
  assertNear(cells[0].perplexity.mean, 6);
  assert.deepEqual([cells[0].perplexity.min, cells[0].perplexity.max, cells[0].perplexity.n], [4, 9, 2]);
  assert.equal(cells[0].specializationFlops, 20);
});

test('each method, budget, in-domain size and phase is a cell of its own', () => {
  const cells = aggregate([
    measurement({}),
    measurement({ method: 'slm-pn' }),
    measurement({ pretrainingTokens: tokens(2000) }),
    measurement({ domainTokens: tokens(200) }),
    measurement({ domainTokens: tokens(0), phase: 'before fine-tuning' }),
  ]);
  assert.equal(cells.length, 5);
  assert.ok(cells.every(({ perplexity }) => perplexity.n === 1 && perplexity.min === perplexity.mean));
});

test('a measurement made again for the same seed replaces the earlier one', () => {
  const [cell] = aggregate([measurement({ perplexity: 10 }), measurement({ perplexity: 12 })]);
  assert.deepEqual([cell.perplexity.n, cell.perplexity.max], [1, 12]);
});

test('a perplexity that is not a positive finite number does not reach a mean', () => {
  const broken = [Number.NaN, Number.POSITIVE_INFINITY, 0, -1];
  const cells = aggregate([
    measurement({ seed: 9 }),
    ...broken.map((perplexity, seed) => measurement({ seed, perplexity })),
  ]);
  assert.deepEqual(
    cells.map(({ perplexity }) => [perplexity.mean, perplexity.n]),
    [[10, 1]],
  );
});

test('a weighted average counts a domain as its weight says, in perplexities, costs and each draw of the text', () => {
  const of = (domain: string, perplexity: number, cost: number) =>
    measurement({ domain, perplexity, validationPerplexity: perplexity, specializationFlops: flops(cost) });
  const measured = [of('letters', 4, 10), of('minutes', 32, 50)];
  const [cell] = macroAverage(measured, (domain) => (domain === 'letters' ? 3 : 1));
  assertNear(cell.perplexity.mean, 4 * 8 ** 0.25);
  assertNear(cell.validation.mean, 4 * 8 ** 0.25);
  assertNear(cell.specializationFlops, 20);
  const [a, b] = measured.map(({ resampling }) => resampling.nats);
  assertNear(cell.seeds[0].resampling.nats[0], (3 * a[0] + b[0]) / 4);
  assertNear(macroAverage(measured, () => 7)[0].perplexity.mean, macroAverage(measured)[0].perplexity.mean);
});

test('the macro average weighs domains equally in log perplexity, seed by seed', () => {
  const [cell] = macroAverage([
    measurement({ domain: 'a', seed: 1, perplexity: 2 }),
    measurement({ domain: 'b', seed: 1, perplexity: 8 }),
    measurement({ domain: 'a', seed: 2, perplexity: 3 }),
    measurement({ domain: 'b', seed: 2, perplexity: 27 }),
  ]);
  assertNear(cell.perplexity.min, 4);
  assertNear(cell.perplexity.max, 9);
  assertNear(cell.perplexity.mean, 6);
  assert.equal(cell.perplexity.n, 2);
});

test('a seed that lacks a domain does not enter the macro average', () => {
  const cells = macroAverage([
    measurement({ domain: 'a', seed: 1, perplexity: 4 }),
    measurement({ domain: 'b', seed: 1, perplexity: 4 }),
    measurement({ domain: 'a', seed: 2, perplexity: 100 }),
  ]);
  assert.deepEqual(
    cells.map(({ perplexity }) => [Math.round(perplexity.mean), perplexity.n]),
    [[4, 1]],
  );
});

test('the macro average keeps the held-out parts of each domain, and the fewest as its own', () => {
  const held = (domain: string, method: string, perplexity: number, units: number) => {
    const made = measurement({ domain, method, perplexity });
    return { ...made, resampling: { ...made.resampling, unit: 'windows' as const, units } };
  };
  const cells = macroAverage([
    held('a', 'slm', 8, 1005),
    held('b', 'slm', 8, 3),
    held('a', 'slm-is', 4, 1005),
    held('b', 'slm-is', 4, 3),
  ]);
  const domains = [
    { domain: 'a', unit: 'windows', units: 1005 },
    { domain: 'b', unit: 'windows', units: 3 },
  ];
  const [average] = cells[0].seeds;
  assert.deepEqual(
    average.resampling.domains,
    domains.map((one) => ({ ...one, loss: Math.log(8) })),
  );
  const found = compare(cells[1], cells[0]);
  assert.deepEqual([found?.verdict, found?.units], ['tie', 3]);
  assert.deepEqual(
    found?.domains?.map(({ ratio, ...one }) => ({ ...one, ratio: ratio.toFixed(6) })),
    domains.map((one) => ({ ...one, ratio: '2.000000' })),
  );
});

test('one domain has one view; several have the macro average before them', () => {
  assert.deepEqual(
    viewsOf([measurement({})]).map(({ title }) => title),
    ['letters'],
  );
  const views = viewsOf([measurement({}), measurement({ domain: 'minutes' })]);
  assert.deepEqual(
    views.map(({ title }) => title),
    ['macro average over 2 domains', 'letters', 'minutes'],
  );
});

test('each method stands at its own largest pretraining budget, in all its in-domain sizes', () => {
  const cells = aggregate([
    measurement({ pretrainingTokens: tokens(1000) }),
    measurement({ pretrainingTokens: tokens(4000) }),
    measurement({ pretrainingTokens: tokens(4000), domainTokens: tokens(300) }),
    measurement({ method: 'slm-nopt', pretrainingTokens: tokens(0) }),
  ]);
  const kept = atLargestBudget(cells);
  assert.deepEqual(
    kept.map(({ method, pretrainingTokens }) => [method, pretrainingTokens]),
    [
      ['slm', 4000],
      ['slm', 4000],
      ['slm-nopt', 0],
    ],
  );
  assert.deepEqual(domainSizes(kept), [100, 300]);
});

test('a method stands at the budget that is lowest on validation text at its largest size, whatever held-out text says', () => {
  const at = (budget: number, size: number, validationPerplexity: number, perplexity: number) =>
    measurement({
      pretrainingTokens: tokens(budget),
      domainTokens: tokens(size),
      validationPerplexity,
      perplexity,
    });
  const cells = aggregate([
    at(1000, 300, 9, 11),
    at(4000, 300, 10, 8),
    at(1000, 100, 30, 30),
    at(4000, 100, 20, 20),
    measurement({ method: 'slm-is', pretrainingTokens: tokens(500), phase: 'before fine-tuning' }),
    measurement({ method: 'slm-is', pretrainingTokens: tokens(900), phase: 'before fine-tuning' }),
  ]);
  assert.deepEqual(
    atChosenBudget(cells).map(({ method, pretrainingTokens, domainTokens }) => [
      method,
      pretrainingTokens,
      domainTokens,
    ]),
    [
      ['slm', 1000, 300],
      ['slm', 1000, 100],
      ['slm-is', 900, 100],
    ],
  );
});

test('all the text of two domains is one size of their average, and the last, however much of it each has', () => {
  const all = (domain: string, length: number, perplexity: number) =>
    measurement({ domain, domainTokens: tokens(length), requestedDomainTokens: 'all', perplexity });
  const few = (domain: string, length: number) =>
    measurement({ domain, domainTokens: tokens(length), requestedDomainTokens: 2048, perplexity: 100 });
  const cells = macroAverage([
    few('letters', 2048),
    few('minutes', 1990),
    all('letters', 90_000, 20),
    all('minutes', 160_000, 45),
  ]);
  assert.deepEqual(domainSizes(cells), [2048, 'all']);
  const [cell, ...others] = cellsAtSize(cells, 'all');
  assert.deepEqual(others, []);
  assertNear(cell.perplexity.mean, 30);
  assert.equal(tokensAt(cells, 'all'), 120_000);
});

test('sets of one size that seeds draw at different lengths are one cell', () => {
  const cells = aggregate([
    measurement({ seed: 1, domainTokens: tokens(2048), requestedDomainTokens: 2048 }),
    measurement({ seed: 2, domainTokens: tokens(2011), requestedDomainTokens: 2048 }),
  ]);
  assert.deepEqual(
    cells.map(({ perplexity }) => perplexity.n),
    [2],
  );
});

test('generic text chosen for sets of several sizes gives a cell for each before fine-tuning; the largest set counts', () => {
  const before = (requestedDomainTokens: number | 'all', perplexity: number) =>
    measurement({
      method: 'slm-is',
      phase: 'before fine-tuning',
      domainTokens: tokens(0),
      requestedDomainTokens,
      perplexity,
    });
  const unseeing = measurement({ phase: 'before fine-tuning', domainTokens: tokens(0), perplexity: 9 });
  const cells = aggregate([before(2048, 50), before('all', 30), unseeing]);
  const perplexities = (shown: typeof cells) => shown.map((cell) => Math.round(cell.perplexity.mean));
  assert.deepEqual(perplexities(cells), [50, 30, 9]);
  assert.deepEqual(perplexities(cellsAtSize(cells, 0)), [30, 9]);
  assert.deepEqual(perplexities(beforeTuningOn(cells, 2048)), [50, 9]);
});
