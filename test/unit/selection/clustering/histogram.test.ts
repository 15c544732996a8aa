import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InputError } from '../../../../src/common/errors.ts';
import { Random } from '../../../../src/common/random.ts';
import {
  clusterHistogram,
  distanceFromGeneric,
  effectiveClusters,
  entropy,
  histogramOf,
  importanceWeights,
  klDivergence,
  modalCluster,
  modalShare,
  tiedClusters,
  totalVariation,
  uncoveredShare,
  windowsByCluster,
} from '../../../../src/selection/clustering/histogram.ts';

const shares = (...values: number[]) => Float64Array.from(values);

function close(actual: number, expected: number, tolerance = 1e-12) {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);
}

/** Counts of some clusters, at least one of them above 0. */
const counts = (clusters: number) =>
  fc
    .array(fc.nat(50), { minLength: clusters, maxLength: clusters })
    .filter((values) => values.some((value) => value > 0))
    .map((values) => Float64Array.from(values));

test('a histogram counts windows, or tokens when their lengths are given', () => {
  const assignments = Uint32Array.of(2, 0, 2, 2);
  const byWindows = clusterHistogram(assignments, 4);
  assert.deepEqual([...byWindows.counts], [1, 0, 3, 0]);
  assert.deepEqual([...byWindows.shares], [0.25, 0, 0.75, 0]);
  assert.equal(byWindows.total, 4);
  const byTokens = clusterHistogram(assignments, 4, Uint16Array.of(10, 60, 20, 30));
  assert.deepEqual([...byTokens.counts], [60, 0, 60, 0]);
  assert.deepEqual([...byTokens.shares], [0.5, 0, 0.5, 0]);
});

test('a histogram of nothing and a cluster that does not exist are refused', () => {
  assert.throws(() => clusterHistogram(new Uint32Array(0), 3), InputError);
  assert.throws(() => clusterHistogram(Uint32Array.of(0, 3), 3), RangeError);
});

test('each window is in the list of its cluster, ascending', () => {
  const lists = windowsByCluster(Uint32Array.of(2, 0, 2, 2, 0), 4);
  assert.deepEqual(
    lists.map((list) => [...list]),
    [[1, 4], [], [0, 2, 3], []],
  );
});

test('entropy is in nats and its exponential counts equally frequent clusters', () => {
  close(entropy(shares(0.25, 0.25, 0.25, 0.25)), Math.log(4));
  close(entropy(shares(0.5, 0.25, 0.25)), 1.5 * Math.log(2));
  assert.equal(entropy(shares(0, 1, 0)), 0);
  close(effectiveClusters(shares(0, 0.5, 0.5)), 2);
});

test('the modal cluster is the most frequent one, of equals the first', () => {
  assert.equal(modalCluster(shares(0.2, 0.4, 0.4)), 1);
  assert.equal(modalShare(shares(0.2, 0.4, 0.4)), 0.4);
});

test('equally frequent clusters are told as tied, one that is alone at the top is not', () => {
  assert.deepEqual(tiedClusters(shares(0.4, 0.2, 0.4)), [0, 2]);
  assert.deepEqual(tiedClusters(shares(0.2, 0.2, 0.6)), []);
});

test('importance weights are the ratio of the shares', () => {
  const { weights, uncovered } = importanceWeights(shares(0.1, 0.9), shares(0.4, 0.6));
  close(weights[0], 0.25);
  close(weights[1], 1.5);
  assert.equal(uncovered, 0);
});

test('the mean weight of the generic windows is 1 and the weighted mean of what is constant in each cluster is its mean over the domain', () => {
  fc.assert(
    fc.property(
      counts(6),
      counts(6),
      fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 6, maxLength: 6 }),
      (specCounts, genCounts, losses) => {
        // Only the part of the domain that the generic corpus has can be stood for.
        const coveredCounts = specCounts.map((count, c) => (genCounts[c] > 0 ? count : 0));
        fc.pre(coveredCounts.some((count) => count > 0));
        const gen = histogramOf(genCounts).shares;
        const { weights, uncovered } = importanceWeights(histogramOf(specCounts).shares, gen);
        const covered = histogramOf(coveredCounts);
        const mean = (of: (c: number) => number) => gen.reduce((sum, share, c) => sum + share * of(c), 0);
        close(
          mean((c) => weights[c]),
          1,
          1e-9,
        );
        close(
          mean((c) => weights[c] * losses[c]),
          covered.shares.reduce((sum, share, c) => sum + share * losses[c], 0),
          1e-9,
        );
        close(uncovered, 1 - covered.total / histogramOf(specCounts).total, 1e-9);
      },
    ),
  );
});

test('a domain that no generic window covers has no weights and is all uncovered', () => {
  const { weights, uncovered } = importanceWeights(shares(1, 0), shares(0, 1));
  assert.deepEqual([...weights], [0, 0]);
  assert.equal(uncovered, 1);
});

test('the uncovered share adds up the clusters that the generic corpus hardly has', () => {
  const spec = shares(0.5, 0.3, 0.2, 0);
  const gen = shares(0, 0.02, 0.48, 0.5);
  close(uncoveredShare(spec, gen), 0.8); // below a tenth of an even share: 0.025
  close(uncoveredShare(spec, gen, 0.01), 0.5);
  close(uncoveredShare(spec, gen, 0), 0);
});

test('total variation is the share that has to move', () => {
  close(totalVariation(shares(0.5, 0.5, 0), shares(0.2, 0.5, 0.3)), 0.3);
  assert.equal(totalVariation(shares(1, 0), shares(0, 1)), 1);
});

test('the divergence is in nats, never negative, and infinite where the second histogram lacks a cluster', () => {
  close(klDivergence(shares(0.5, 0.5), shares(0.25, 0.75)), 0.5 * Math.log(2) + 0.5 * Math.log(2 / 3));
  assert.equal(klDivergence(shares(0, 1), shares(0, 1)), 0);
  assert.equal(klDivergence(shares(0.5, 0.5), shares(0, 1)), Number.POSITIVE_INFINITY);
  fc.assert(
    fc.property(counts(4), counts(4), (p, q) => {
      return klDivergence(histogramOf(p).shares, histogramOf(q).shares) > -1e-12;
    }),
  );
});

test('the distance from the generic text is what few windows do not make by chance, which fresh draws of it show', () => {
  const generic = shares(0.4, 0.3, 0.2, 0.1);
  const random = Random.fromSeed(5, 'windows');
  const of = (windows: number) => {
    const counts = new Float64Array(4);
    for (let i = 0; i < windows; i++) {
      const at = random.uniform();
      counts[at < 0.4 ? 0 : at < 0.7 ? 1 : at < 0.9 ? 2 : 3]++;
    }
    return histogramOf(counts).shares;
  };
  const rounds = 4000;
  const mean = (distance: (drawn: Float64Array) => number) =>
    Array.from({ length: rounds }, () => distance(of(60))).reduce((sum, one) => sum + one, 0) / rounds;
  // Of as many windows as here the divergence is (4 - 1) / 120 nats though nothing differs.
  const plain = mean((drawn) => klDivergence(drawn, generic));
  assert.ok(Math.abs(plain - 0.025) < 0.002, `${plain}`);
  const corrected = mean((drawn) => distanceFromGeneric({ shares: drawn, windows: 60 }, generic));
  assert.ok(corrected < 0.5 * plain, `${corrected}`);
  const far = distanceFromGeneric({ shares: shares(0.1, 0.2, 0.3, 0.4), windows: 60 }, generic);
  close(far, klDivergence(shares(0.1, 0.2, 0.3, 0.4), generic) - 3 / 120);
  assert.equal(distanceFromGeneric({ shares: generic, windows: 60 }, generic), 0);
  close(
    distanceFromGeneric({ shares: shares(0.5, 0, 0.5), windows: 1e12 }, shares(0.5, 0.5, 0)),
    Math.log(2),
    1e-9,
  );
  assert.equal(
    distanceFromGeneric({ shares: shares(0, 1), windows: 9 }, shares(1, 0)),
    Number.POSITIVE_INFINITY,
  );
});

test('histograms of other numbers of clusters are not compared', () => {
  assert.throws(() => totalVariation(shares(1), shares(0.5, 0.5)), RangeError);
  assert.throws(() => importanceWeights(shares(1), shares(0.5, 0.5)), RangeError);
});
