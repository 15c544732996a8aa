import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare, SEED_SPREAD } from '../../../../src/budget/choice/verdict.ts';
import type { MeasuredPoint } from '../../../../src/budget/measured-point.ts';
import { Random } from '../../../../src/common/random.ts';
import { madeResampling } from '../../../fixtures/resampling.ts';

/** A point with one perplexity a seed; `own` is what the documents move it by alone. */
function point(perplexities: readonly number[], own = 0, model = 'a'): MeasuredPoint {
  const spread = {
    mean: Math.exp(perplexities.reduce((sum, value) => sum + Math.log(value), 0) / perplexities.length),
    min: Math.min(...perplexities),
    max: Math.max(...perplexities),
    n: perplexities.length,
  };
  return {
    method: model,
    pretrainingTokens: 1000,
    domainTokens: 100,
    perplexity: spread,
    validation: spread,
    seeds: perplexities.map((perplexity, seed) => ({
      seed,
      nats: Math.log(perplexity),
      resampling: madeResampling(perplexity, own, `${model}${seed}`),
    })),
    genericFlops: 0,
    genericSeconds: 0,
    specializationFlops: 0,
    specializationSeconds: 0,
  };
}

const many = (perplexity: number): readonly number[] => Array.from({ length: 20 }, () => perplexity);

test('documents that are hard for both do not hide a difference', () => {
  const found = compare(point([20]), point([21], 0, 'b'));
  assert.equal(found?.verdict, 'clear');
  assert.ok(found !== undefined && Math.abs(found.ratio - 1.05) < 1e-9);
});

test('a difference inside what other held-out documents would give is a tie', () => {
  const found = compare(point([20], 0.05), point([20.8], 0.05, 'b'));
  assert.equal(found?.verdict, 'tie');
  assert.ok(found !== undefined && found.low < 1 && found.high > 1);
});

test('seeds that disagree are a tie, seeds that agree are clear', () => {
  assert.equal(compare(point([20, 22]), point([21, 21], 0, 'b'))?.verdict, 'tie');
  assert.equal(compare(point([20, 22]), point([21, 23], 0, 'b'))?.verdict, 'clear');
});

test('less than one per cent is a tie however certain', () => {
  const found = compare(point(many(20)), point(many(20.1), 0, 'b'));
  assert.ok(found !== undefined && found.low > 1);
  assert.equal(found.verdict, 'tie');
});

test('an average differs by less than one per cent where each of its domains does', () => {
  /** Of two domains, with the perplexity of the average. */
  const average = (perplexity: number, apart: number, model?: string): MeasuredPoint => {
    const made = point(many(perplexity), 0, model);
    const domains = [apart, -apart].map((by, i) => {
      return { domain: `d${i}`, unit: 'documents' as const, units: 100, loss: Math.log(perplexity) + by };
    });
    return {
      ...made,
      seeds: made.seeds.map((one) => ({ ...one, resampling: { ...one.resampling, domains } })),
    };
  };
  const alike = compare(average(20, 0.3), average(20.1, 0.3, 'b'));
  assert.equal(alike?.verdict, 'tie');
  // One domain by 2.5 % up, the other by 1.5 % down.
  const unlike = compare(average(20, 0.3), average(20.1, 0.32, 'b'));
  assert.equal(unlike?.verdict, 'clear');
  assert.deepEqual(
    unlike?.domains?.map(({ domain, ratio }) => [domain, ratio.toFixed(3)]),
    [
      ['d0', '1.025'],
      ['d1', '0.985'],
    ],
  );
});

test('with one seed in common the comparison says so, and without one there is none', () => {
  assert.equal(compare(point([20, 21]), point([30], 0, 'b'))?.seeds, 1);
  const others = point([30], 0, 'b');
  const moved = { ...others, seeds: others.seeds.map((one) => ({ ...one, seed: 9 })) };
  assert.equal(compare(point([20]), moved), undefined);
});

/** How often the interval holds the true difference, none, where seeds alone move it, as much as they do elsewhere. */
function coverage(seeds: number, trials: number): number {
  const random = Random.fromSeed(seeds, 'made spread over seeds');
  const known = SEED_SPREAD.degreesOfFreedom;
  const reference = point(Array.from({ length: seeds }, () => 20));
  const held = Array.from({ length: trials }, () => {
    // A variance of the scaled inverse chi-squared distribution, of which Student's t is the mixture of normals.
    const squares = Array.from({ length: known }, () => random.normal() ** 2).reduce((a, b) => a + b);
    const deviation = SEED_SPREAD.deviation * Math.sqrt(known / squares);
    const other = Array.from({ length: seeds }, () => 20 * Math.exp(deviation * random.normal()));
    const found = compare(reference, point(other));
    return found !== undefined && found.low <= 1 && found.high >= 1;
  });
  return held.filter(Boolean).length / trials;
}

test('the interval of 90 % holds the true difference in nine of ten cases, however few the seeds', () => {
  for (const seeds of [1, 2, 3, 5]) {
    const share = coverage(seeds, 2000);
    assert.ok(share > 0.88 && share < 0.92, `${share} with ${seeds}`);
  }
});

test('seeds that differ more than those of other experiments widen the interval, many that agree narrow it', () => {
  const width = (perplexities: readonly number[]): number => {
    const found = compare(point(perplexities.map(() => 20)), point(perplexities, 0, 'b'));
    return found === undefined ? Number.NaN : Math.log(found.high / found.low);
  };
  const [alone, alike, apart] = [[20], [20, 20], [18, 22]].map(width);
  assert.ok(alike < alone && alone < apart);
  assert.ok(width(many(20)) < alike / 4);
});

test('too little held-out text is never clear', () => {
  const few = (made: MeasuredPoint): MeasuredPoint => ({
    ...made,
    seeds: made.seeds.map((one) => ({ ...one, resampling: { ...one.resampling, units: 3 } })),
  });
  assert.equal(compare(few(point([20])), few(point([40], 0, 'b')))?.verdict, 'tie');
});
