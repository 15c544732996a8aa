/** Drawing a token: how often each comes, and what temperature does to that. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../src/common/random.ts';
import { drawToken } from '../../../src/inference/sampling.ts';

const probabilities = [0.5, 0.3, 0.15, 0.05, 0];
const logits = Float32Array.from(probabilities, (p) => (p === 0 ? -1e9 : Math.log(p) + 7));

function shares(temperature: number): number[] {
  const random = Random.fromSeed(1, 'test');
  const draws = 20_000;
  const counts = probabilities.map(() => 0);
  for (let i = 0; i < draws; i++) counts[drawToken(logits, temperature, random)] += 1;
  return counts.map((count) => count / draws);
}

test('at temperature 1 tokens come as often as they are expected', () => {
  for (const [id, share] of shares(1).entries()) {
    assert.ok(Math.abs(share - probabilities[id]) < 0.015, `${id}: ${share}`);
  }
});

test('at temperature 0.5 probabilities are squared, and normalized again', () => {
  const squares = probabilities.map((p) => p * p);
  const sum = squares.reduce((a, b) => a + b);
  for (const [id, share] of shares(0.5).entries()) {
    assert.ok(Math.abs(share - squares[id] / sum) < 0.015, `${id}: ${share}`);
  }
});

test('at temperature 0 the likeliest comes, of equals the first, and nothing is drawn', () => {
  const random = Random.fromSeed(1, 'test');
  const before = random.state;
  assert.equal(drawToken(Float32Array.of(1, 4, 4, 2), 0, random), 1);
  assert.deepEqual(random.state, before);
});

test('logits that are no numbers are refused', () => {
  const random = Random.fromSeed(1, 'test');
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => drawToken(Float32Array.of(1, bad), 1, random), RangeError);
  }
});
