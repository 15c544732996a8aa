import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../../../src/common/errors.ts';
import { Random } from '../../../../src/common/random.ts';
import {
  dsirReportSchema,
  fit,
  resample,
  selectWindows,
  weigh,
} from '../../../../src/selection/sampling/dsir.ts';
import { NgramHasher } from '../../../../src/selection/sampling/hashed-ngrams.ts';

function close(actual: number, expected: number, tolerance: number) {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);
}

const cooking = ['stir the soup', 'boil the soup and stir', 'salt the soup'];
const sailing = ['hoist the sail', 'the wind fills the sail', 'moor the boat'];

async function* slowly(texts: readonly string[]) {
  for (const text of texts) yield [text];
}

/** Texts of words of two vocabularies; a window's number tells how much of it is of the first. */
function mixedTexts(count: number, shareOf: (i: number) => number): string[] {
  const random = Random.fromSeed(1, 'mixed texts');
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: 20 }, () => {
      const vocabulary = random.uniform() < shareOf(i) ? 'sea' : 'land';
      return `${vocabulary}${random.below(5)}`;
    }).join(' '),
  );
}

test('frequencies and weights are those of a count by hand', async () => {
  const model = await fit([['a b', 'a']], [['a b'], ['b b']]);
  const [a, b, ab] = new NgramHasher().buckets('a b');
  const [, , bb] = new NgramHasher().buckets('b b');
  const expected = {
    target: { a: 2 / 4, b: 1 / 4, ab: 1 / 4, bb: 0 },
    raw: { a: 1 / 6, b: 3 / 6, ab: 1 / 6, bb: 1 / 6 },
  };
  for (const side of ['target', 'raw'] as const) {
    assert.deepEqual(
      [a, b, ab, bb].map((bucket) => model[side][bucket]),
      Object.values(expected[side]),
    );
  }
  const ratio = (name: 'a' | 'b' | 'ab' | 'bb') =>
    Math.log(expected.target[name] + 1e-8) - Math.log(expected.raw[name] + 1e-8);
  const weights = await weigh(model, slowly(['a b', 'b b', '']), 3);
  close(weights[0], ratio('a') + ratio('b') + ratio('ab'), 1e-5);
  close(weights[1], 2 * ratio('b') + ratio('bb'), 1e-5);
  assert.equal(weights[2], 0);
});

test('windows that read like the domain weigh more than the others', async () => {
  const raw = [...sailing, ...cooking];
  const model = await fit([['salt and stir the soup']], [raw]);
  const weights = await weigh(model, slowly(raw), raw.length);
  assert.ok(Math.min(...weights.slice(3)) > Math.max(...weights.slice(0, 3)));
});

test('texts that are missing are noticed', async () => {
  const model = await fit([cooking], [sailing]);
  await assert.rejects(weigh(model, [cooking], 4), RangeError);
});

test('the first draw falls on a window with probability in proportion to its weight', () => {
  const probabilities = [0.5, 0.3, 0.15, 0.05];
  const logWeights = Float32Array.from(probabilities, (p) => Math.log(p) + 40);
  const firsts = new Float64Array(4);
  const seconds = new Float64Array(4);
  const draws = 20_000;
  for (let seed = 0; seed < draws; seed++) {
    const options = { logWeights, tokensOf: () => 10, wantedTokens: 20, minimumTokens: 0, seed };
    const [first, second, ...rest] = resample(options).windows;
    assert.equal(rest.length, 0);
    firsts[first]++;
    seconds[second]++;
  }
  for (const [i, p] of probabilities.entries()) {
    close(firsts[i] / draws, p, 0.015);
    // Without replacement: another one first, then this one among those that are left.
    const second = probabilities.reduce((sum, q, j) => (j === i ? sum : sum + (q * p) / (1 - q)), 0);
    close(seconds[i] / draws, second, 0.015);
  }
});

test('windows are drawn until the tokens suffice, none twice and none that is too short', () => {
  const logWeights = new Float32Array(1000);
  const tokensOf = (window: number) => 1 + (window % 50);
  const options = { logWeights, tokensOf, wantedTokens: 5000, minimumTokens: 20, seed: 3 };
  const { windows, tokens, leftOutAsShort } = resample(options);
  assert.equal(new Set(windows).size, windows.length);
  assert.ok(windows.every((window) => tokensOf(window) >= 20));
  assert.equal(
    windows.reduce((sum, window) => sum + tokensOf(window), 0),
    tokens,
  );
  assert.ok(tokens >= 5000 && tokens - tokensOf(windows[windows.length - 1]) < 5000);
  assert.equal(leftOutAsShort, 20 * 19);
  assert.deepEqual(resample(options).windows, windows);
  assert.notDeepEqual(resample({ ...options, seed: 4 }).windows, windows);
});

test('the selection moves the words of the generic text towards the domain', async () => {
  const raw = mixedTexts(400, (i) => i / 400);
  const target = mixedTexts(50, () => 0.9);
  const { windows, report } = await selectWindows({
    target: () => slowly(target),
    raw: () => [raw.slice(0, 100), raw.slice(100)],
    windows: raw.length,
    textsOf: (chosen) => [Array.from(chosen, (window) => raw[window])],
    tokensOf: () => 20,
    wantedTokens: 2000,
    minimumTokens: 0,
    seed: 1,
  });
  assert.equal(windows.length, 100);
  assert.ok(windows.reduce((sum, window) => sum + window / 400, 0) / windows.length > 0.75);
  assert.ok(report.klReduction > 0.1, `${report.klReduction}`);
  close(report.klReduction, report.klToRaw - report.klToSelected, 1e-12);
  assert.equal(report.repetition, 1);
  assert.deepEqual(dsirReportSchema.parse(JSON.parse(JSON.stringify(report))), report);
});

test('when all text is selected and more is wanted, the report says how often it has to be read', async () => {
  const { windows, tokens, report } = await selectWindows({
    target: () => [cooking],
    raw: () => [sailing],
    windows: 3,
    textsOf: (chosen) => [Array.from(chosen, (window) => sailing[window])],
    tokensOf: () => 10,
    wantedTokens: 75,
    minimumTokens: 0,
    seed: 1,
  });
  assert.deepEqual([...windows].sort(), [0, 1, 2]);
  assert.equal(tokens, 30);
  assert.equal(report.repetition, 2.5);
  close(report.klReduction, 0, 1e-12);
});

test('texts without words, and windows that are all too short, are refused', async () => {
  await assert.rejects(fit([], [sailing]), InputError);
  await assert.rejects(fit([cooking], [['  ']]), InputError);
  const options = { logWeights: new Float32Array(3), tokensOf: () => 9, wantedTokens: 10, seed: 1 };
  assert.throws(() => resample({ ...options, minimumTokens: 10 }), InputError);
});

test('selecting books an addition for each n-gram that is counted or weighed', async () => {
  // One word makes one n-gram, two words make three.
  const raw = [['a b', 'a', 'c d']];
  const { flops, windows } = await selectWindows({
    target: () => [['a']],
    raw: () => raw,
    windows: 3,
    textsOf: (chosen) => [Array.from(chosen, (window) => raw[0][window])],
    tokensOf: () => 2,
    wantedTokens: 1000,
    minimumTokens: 0,
    seed: 1,
  });
  assert.equal(windows.length, 3);
  assert.equal(flops, 1 + 2 * 7 + 7);
});
