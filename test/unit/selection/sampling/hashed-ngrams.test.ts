import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUCKETS, NgramHasher } from '../../../../src/selection/sampling/hashed-ngrams.ts';

const hasher = new NgramHasher();
const bucketsOf = (text: string) => [...hasher.buckets(text)];

/** The bucket of one word, taken as a text of its own. */
function bucketOf(word: string): number {
  const [bucket, ...rest] = bucketsOf(word);
  assert.deepEqual(rest, [], `"${word}" is more than one word`);
  return bucket;
}

test('a text gives the unigrams and bigrams of its lower-case words and signs', () => {
  const buckets = bucketsOf('It’s  naïve, x_1!!');
  const words = ['it', '’', 's', 'naïve', ',', 'x_1', '!!'];
  assert.equal(buckets.length, 2 * words.length - 1);
  assert.equal(buckets[0], bucketOf('it'));
  assert.deepEqual(
    buckets.filter((_, i) => i % 2 === 1),
    words.slice(1).map(bucketOf),
  );
});

test('words are found as a regular expression finds them, in any script', () => {
  const text = 'Zoë wrote 3.5 e-mails — "слово"…\t東京へ\nTEL:+49 (0)30';
  const words = text.toLowerCase().match(/[\p{L}\p{M}\p{N}_]+|[^\p{L}\p{M}\p{N}_\s]+/gu)!;
  const buckets = bucketsOf(text);
  assert.deepEqual([buckets[0], ...buckets.filter((_, i) => i % 2 === 1)], words.map(bucketOf));
});

test('a bigram depends on both words and their order and not on what stands around', () => {
  const bigram = (text: string) => bucketsOf(text)[2];
  assert.equal(bigram('red fish'), bigram('Red\n fish swims'));
  assert.notEqual(bigram('red fish'), bigram('fish red'));
  assert.notEqual(bigram('red fish'), bigram('red fox'));
});

test('an empty text has no n-grams, and a long one does not disturb a short one after it', () => {
  const before = bucketsOf('red fish');
  assert.deepEqual(bucketsOf(' \n'), []);
  assert.equal(bucketsOf('a '.repeat(5000)).length, 9999);
  assert.deepEqual(bucketsOf('red fish'), before);
});

test('words and bigrams spread evenly over the buckets, by chi-square', () => {
  const count = 200_000;
  for (const kind of ['words', 'bigrams']) {
    const counts = new Float64Array(BUCKETS);
    for (let i = 0; i < count; i++) {
      const buckets = hasher.buckets(
        kind === 'words' ? `word${i}` : `left${i % 500} right${Math.floor(i / 500)}`,
      );
      counts[buckets[buckets.length - 1]]++;
    }
    const expected = count / BUCKETS;
    const chiSquare = counts.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    // 9,999 degrees of freedom: mean 9,999, standard deviation 141.
    assert.ok(Math.abs(chiSquare - (BUCKETS - 1)) < 5 * 141, `${kind}: ${chiSquare}`);
  }
});
