/** From which tokens one is drawn, by probabilities worked out by hand; and how often each comes, without chance. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../src/common/random.ts';
import {
  type Distribution,
  distributionOf,
  draw,
  likeliestIds,
  logSumExp,
} from '../../../src/inference/sampling.ts';
import { assertClose } from '../../support/compare.ts';

const probabilities = [0.15, 0.5, 0.05, 0.3];
const logits = Float32Array.from(probabilities, (p) => Math.log(p) + 7);
const all = { temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1 };
const none: ReadonlySet<number> = new Set();

/** The probability of each id. */
function shares({ ids, probabilities: own }: Distribution): number[] {
  const shares = probabilities.map(() => 0);
  for (let i = 0; i < ids.length; i++) shares[ids[i]] = own[i];
  return shares;
}

const sharesOf = (narrowing: Partial<typeof all>, seen = none) =>
  shares(distributionOf(logits, { ...all, ...narrowing }, seen));

test('at temperature 1 probabilities are the model’s', () => {
  assertClose(sharesOf({}), probabilities, 1e-6, 'probabilities');
});

test('at temperature 0.5 they are squared, at 2 their roots, and normalized again', () => {
  const [squares, squareSum] = [[0.0225, 0.25, 0.0025, 0.09], 0.365];
  assertClose(
    sharesOf({ temperature: 0.5 }),
    squares.map((p) => p / squareSum),
    1e-6,
    'squares',
  );
  const roots = probabilities.map(Math.sqrt);
  const rootSum = roots.reduce((a, b) => a + b);
  assertClose(
    sharesOf({ temperature: 2 }),
    roots.map((p) => p / rootSum),
    1e-6,
    'roots',
  );
});

test('at temperature 0 the likeliest comes, of equals the first', () => {
  assert.deepEqual(sharesOf({ temperature: 0 }), [0, 1, 0, 0]);
  const equal = distributionOf(Float32Array.of(1, 4, 4, 2), { ...all, temperature: 0 }, none);
  assert.deepEqual([...Array.from(equal.ids)], [1]);
});

test('top-k keeps the k likeliest', () => {
  assertClose(sharesOf({ topK: 2 }), [0, 0.5 / 0.8, 0, 0.3 / 0.8], 1e-6, 'two');
  assertClose(sharesOf({ topK: 1, temperature: 3 }), [0, 1, 0, 0], 1e-6, 'one');
  assertClose(sharesOf({ topK: 9 }), probabilities, 1e-6, 'more than there are');
});

test('top-p keeps the fewest likeliest that reach p, after temperature and top-k', () => {
  assertClose(sharesOf({ topP: 0.79 }), [0, 0.5 / 0.8, 0, 0.3 / 0.8], 1e-6, 'two');
  assertClose(sharesOf({ topP: 0.81 }), [0.15 / 0.95, 0.5 / 0.95, 0, 0.3 / 0.95], 1e-6, 'three');
  assertClose(sharesOf({ topP: 0.001 }), [0, 1, 0, 0], 1e-6, 'never none');
  // Squared, the likeliest two have 0.34 / 0.365 = 0.93 of all.
  assertClose(sharesOf({ topP: 0.9, temperature: 0.5 }), [0, 0.25 / 0.34, 0, 0.09 / 0.34], 1e-6, 'squares');
  // Of two, 0.5 / 0.8 = 0.625.
  assertClose(sharesOf({ topP: 0.62, topK: 2 }), [0, 1, 0, 0], 1e-6, 'of two');
});

test('top-p finds its tokens also among many that are hardly possible', () => {
  const many = Float32Array.from({ length: 5000 }, (_, id) => (id === 4000 ? 0 : -11 - (id % 7)));
  const rest = many.reduce((sum, logit) => sum + Math.exp(logit), -1);
  const { ids, probabilities: own } = distributionOf(many, { ...all, topP: 0.9999 }, none);
  let [count, reached] = [1, 1 / (1 + rest)];
  for (const id of [...many.keys()].sort((a, b) => many[b] - many[a] || a - b).slice(1)) {
    if (reached >= 0.9999) break;
    reached += Math.exp(many[id]) / (1 + rest);
    count++;
  }
  assert.ok(count > 100);
  assert.equal(ids.length, count);
  assert.equal(ids[0], 4000);
  assert.ok(Math.abs(own[0] - 1 / (1 + rest) / reached) < 1e-6);
});

test('the penalty divides positive and multiplies negative logits of tokens that stand in the text', () => {
  const given = Float32Array.of(2, -1, 0.5, -3);
  const changed = [2 / 1.5, -1, 0.5, -3 * 1.5];
  const sum = changed.reduce((total, logit) => total + Math.exp(logit), 0);
  const { probabilities: own } = distributionOf(
    given,
    { ...all, repetitionPenalty: 1.5 },
    new Set([0, 3, 9]),
  );
  assertClose(
    own,
    changed.map((logit) => Math.exp(logit) / sum),
    1e-6,
    'probabilities',
  );
  assert.deepEqual([...given], [2, -1, 0.5, -3]);
});

test('a draw takes the token whose share of [0, 1) the number falls in', () => {
  const distribution = { ids: [7, 3, 9], probabilities: Float64Array.of(0.25, 0.5, 0.25) };
  const drawn = (uniform: number) => draw(distribution, { uniform: () => uniform } as Random);
  assert.deepEqual([0, 0.2499, 0.25, 0.7499, 0.75, 0.9999].map(drawn), [7, 7, 3, 3, 9, 9]);
});

test('what cannot come is never drawn, whatever rounding leaves', () => {
  const distribution = { ids: [7, 3, 9], probabilities: Float64Array.of(0, 1 - 1e-9, 0) };
  for (const uniform of [0, 0.5, 1 - 1e-12]) {
    assert.equal(draw(distribution, { uniform: () => uniform } as Random), 3);
  }
});

test('where only one token can come, no randomness is used up', () => {
  const random = Random.fromSeed(1, 'test');
  const before = random.state;
  assert.equal(draw({ ids: [4], probabilities: Float64Array.of(1) }, random), 4);
  assert.deepEqual(random.state, before);
});

test('the likeliest ids come in order, of equals the first', () => {
  const given = Float32Array.of(1, 5, 2, 5, 0, 3);
  assert.deepEqual(likeliestIds(given, 4), [1, 3, 5, 2]);
  assert.deepEqual(likeliestIds(given, 0), []);
  assert.deepEqual(likeliestIds(given, 9), [1, 3, 5, 2, 0, 4]);
});

test('the normalizer is that of the probabilities, also for large logits', () => {
  assert.ok(Math.abs(logSumExp(logits) - 7) < 1e-6);
  assert.ok(Math.abs(logSumExp(Float32Array.of(1000, 1000)) - 1000 - Math.LN2) < 1e-4);
});

test('logits that are no numbers are refused', () => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => distributionOf(Float32Array.of(1, bad), all, none), RangeError);
  }
});
