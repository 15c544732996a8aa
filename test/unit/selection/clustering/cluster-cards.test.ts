import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterCardSchema, clusterCards } from '../../../../src/selection/clustering/cluster-cards.ts';
import { clusterHistogram, histogramOf } from '../../../../src/selection/clustering/histogram.ts';

async function cardsOf(
  clusters: number,
  windows: readonly { cluster: number; distance: number; text: string }[],
  asked: number[] = [],
) {
  const assignments = Uint32Array.from(windows, ({ cluster }) => cluster);
  return clusterCards({
    generic: clusterHistogram(assignments, clusters),
    domain: histogramOf(Float64Array.from({ length: clusters }, (_, c) => c + 1)),
    assignments,
    squaredDistances: Float32Array.from(windows, ({ distance }) => distance ** 2),
    textsOf: async (numbers) => {
      asked.push(numbers.length);
      return Array.from(numbers, (window) => windows[window].text);
    },
  });
}

const small = [
  { cluster: 0, distance: 0.5, text: 'common soup soup soup' },
  { cluster: 1, distance: 0.25, text: 'common sail wind' },
  { cluster: 0, distance: 0.75, text: 'common soup odd odd odd odd' },
  { cluster: 1, distance: 0.125, text: 'common sail' },
  { cluster: 1, distance: 0.375, text: 'common sail' },
  { cluster: 1, distance: 0.0625, text: 'common\n wind  mast' },
];

test('a card tells the size and the shares of its cluster', async () => {
  const cards = await cardsOf(3, small);
  assert.deepEqual(
    cards.map(({ cluster, windows, genericShare, domainShare }) => [
      cluster,
      windows,
      genericShare,
      domainShare,
    ]),
    [
      [0, 2, 2 / 6, 1 / 6],
      [1, 4, 4 / 6, 2 / 6],
      [2, 0, 0, 3 / 6],
    ],
  );
});

test('the terms of a card are those of the highest class-based TF-IDF, counted by windows', async () => {
  const cards = await cardsOf(2, small);
  // 5 terms (by windows) in cluster 0 and 10 in cluster 1: A = 7.5.
  const score = (inCluster: number, total: number) => inCluster * Math.log(1 + 7.5 / total);
  const expected = [
    [
      ['soup', score(2, 2)],
      ['odd', score(1, 1)],
      ['common', score(2, 6)],
    ],
    [
      ['sail', score(3, 3)],
      ['common', score(4, 6)],
      ['wind', score(2, 2)],
      ['mast', score(1, 1)],
    ],
  ] as const;
  for (const [cluster, terms] of expected.entries()) {
    const byScore = [...terms].sort((a, b) => b[1] - a[1]);
    assert.deepEqual(
      cards[cluster].terms.map(({ term }) => term),
      byScore.map(([term]) => term),
    );
    for (const [i, [, value]] of byScore.entries()) {
      assert.ok(Math.abs(cards[cluster].terms[i].score - value) < 1e-12);
    }
  }
});

test('the windows nearest to the centre come first, their text on one line', async () => {
  const [, card] = await cardsOf(2, small);
  assert.deepEqual(card.nearest, [
    { window: 5, distance: 0.0625, text: 'common wind mast' },
    { window: 3, distance: 0.125, text: 'common sail' },
    { window: 1, distance: 0.25, text: 'common sail wind' },
  ]);
});

test('an empty cluster has a card without terms and windows', async () => {
  const card = (await cardsOf(3, small))[2];
  assert.deepEqual([card.windows, card.terms, card.nearest], [0, [], []]);
});

test('long texts are cut between characters', async () => {
  const [card] = await cardsOf(1, [{ cluster: 0, distance: 0, text: `${'x'.repeat(399)}😀 end` }]);
  assert.equal(card.nearest[0].text, `${'x'.repeat(399)}…`);
});

test('a large cluster is read from some of its windows only, evenly spread', async () => {
  const windows = Array.from({ length: 1000 }, (_, i) => ({
    cluster: 0,
    distance: 1,
    text: i < 500 ? 'early' : 'late',
  }));
  const asked: number[] = [];
  const [card] = await cardsOf(1, windows, asked);
  assert.ok(Math.max(...asked) < 100);
  assert.deepEqual(card.terms.map(({ term }) => term).sort(), ['early', 'late']);
  assert.equal(card.terms[0].score, card.terms[1].score);
});

test('cards survive JSON', async () => {
  for (const card of await cardsOf(3, small)) {
    assert.deepEqual(clusterCardSchema.parse(JSON.parse(JSON.stringify(card))), card);
  }
});
