import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InputError } from '../../../../src/common/errors.ts';
import { Random } from '../../../../src/common/random.ts';
import {
  histogramOf,
  importanceWeights,
  totalVariation,
  windowsByCluster,
} from '../../../../src/selection/clustering/histogram.ts';
import { drawWindows, samplingReportSchema } from '../../../../src/selection/sampling/importance-sampling.ts';

/** Generic windows of `sizes[c]` windows in cluster c, their clusters interleaved. */
function made(sizes: readonly number[]) {
  const assignments = Uint32Array.from(
    sizes
      .flatMap((size, cluster) => Array.from({ length: size }, (_, i) => ({ cluster, at: i / size })))
      .sort((a, b) => a.at - b.at),
    ({ cluster }) => cluster,
  );
  return { assignments, windowsByCluster: windowsByCluster(assignments, sizes.length) };
}

const domainOf = (...counts: number[]) => histogramOf(Float64Array.from(counts));
const tenTokens = () => 10;

function closeShares(actual: readonly number[], expected: readonly number[]) {
  assert.equal(actual.length, expected.length);
  for (const [c, share] of expected.entries()) {
    assert.ok(Math.abs(actual[c] - share) < 1e-12, `${actual} are not ${expected}`);
  }
}

/** The share of each cluster in a stream of windows. */
function sharesOf(windows: Uint32Array, assignments: Uint32Array, clusters: number): Float64Array {
  const counts = new Float64Array(clusters);
  for (const window of windows) counts[assignments[window]]++;
  return histogramOf(counts).shares;
}

test('the clusters of the drawn stream approach the histogram of the domain', () => {
  const { assignments, windowsByCluster } = made([400, 300, 200, 100]);
  const domain = domainOf(1, 2, 3, 14);
  const distances = [1_000, 100_000].map((windows) => {
    const drawn = drawWindows({
      domain,
      windowsByCluster,
      tokensOf: tenTokens,
      wantedTokens: windows * 10,
      smoothing: 0,
      maximumRepetition: 1e9,
      seed: 3,
    });
    assert.equal(drawn.windows.length, windows);
    return totalVariation(sharesOf(drawn.windows, assignments, 4), domain.shares);
  });
  // The mean distance of n draws is below sqrt(k / (2 pi n)): 0.025 and 0.0025.
  assert.ok(distances[0] < 0.06, `${distances[0]}`);
  assert.ok(distances[1] < 0.006, `${distances[1]}`);
});

test('inside of a cluster every window is equally likely, by chi-square', () => {
  const { windowsByCluster } = made([50, 150]);
  const { windows } = drawWindows({
    domain: domainOf(1, 0),
    windowsByCluster,
    tokensOf: tenTokens,
    wantedTokens: 500_000,
    smoothing: 0,
    maximumRepetition: 1e9,
    seed: 5,
  });
  const counts = new Map(Array.from(windowsByCluster[0], (window) => [window, 0]));
  for (const window of windows) counts.set(window, counts.get(window)! + 1);
  assert.equal(counts.size, 50);
  const expected = windows.length / 50;
  const chiSquare = [...counts.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  // 49 degrees of freedom: mean 49, standard deviation 9.9.
  assert.ok(chiSquare > 20 && chiSquare < 90, `${chiSquare}`);
});

test('the mean over the stream is the weighted generic mean: drawing and weighting agree', () => {
  const sizes = [500, 100, 400];
  const { assignments, windowsByCluster } = made(sizes);
  const domain = domainOf(1, 8, 1);
  const generic = domainOf(...sizes);
  const random = Random.fromSeed(1, 'losses');
  const losses = Float64Array.from(assignments, (cluster) => cluster + random.uniform());
  const { weights } = importanceWeights(domain.shares, generic.shares);
  const weighted = losses.reduce((sum, loss, i) => sum + weights[assignments[i]] * loss, 0) / losses.length;
  const { windows } = drawWindows({
    domain,
    windowsByCluster,
    tokensOf: tenTokens,
    wantedTokens: 1_000_000,
    smoothing: 0,
    maximumRepetition: 1e9,
    seed: 2,
  });
  const drawn = windows.reduce((sum, window) => sum + losses[window], 0) / windows.length;
  // Standard deviation of a loss below 0.6, of the mean of 100,000 below 0.002.
  assert.ok(Math.abs(drawn - weighted) < 0.01, `${drawn} ${weighted}`);
});

test('one cluster is uniform sampling of all windows', () => {
  const { windowsByCluster } = made([200]);
  const options = { windowsByCluster, tokensOf: tenTokens, wantedTokens: 400_000, maximumRepetition: 1e9 };
  const { windows, report } = drawWindows({ ...options, domain: domainOf(7), seed: 1 });
  const counts = new Float64Array(200);
  for (const window of windows) counts[window]++;
  const chiSquare = counts.reduce((sum, n) => sum + (n - 200) ** 2 / 200, 0);
  // 199 degrees of freedom: mean 199, standard deviation 20.
  assert.ok(chiSquare > 130 && chiSquare < 280, `${chiSquare}`);
  assert.deepEqual(report.used.shares, [1]);
  assert.equal(report.movedByCap, 0);
});

test('smoothing mixes the generic histogram in', () => {
  const { windowsByCluster } = made([300, 100]);
  const options = {
    domain: domainOf(0, 5),
    windowsByCluster,
    tokensOf: tenTokens,
    wantedTokens: 100,
    seed: 1,
  };
  const { report } = drawWindows({ ...options, smoothing: 0.2 });
  closeShares(report.used.shares, [0.15, 0.85]);
  closeShares(drawWindows({ ...options, smoothing: 1 }).report.used.shares, [0.75, 0.25]);
});

test('the cap moves the excess of a cluster to the others in proportion to their shares', () => {
  // 1,000 windows are wanted; at most 2 x 100 of the first cluster, so 800 go to the others, 1 : 3.
  const { windowsByCluster } = made([100, 5000, 5000]);
  const { windows, report } = drawWindows({
    domain: domainOf(60, 10, 30),
    windowsByCluster,
    tokensOf: tenTokens,
    wantedTokens: 10_000,
    smoothing: 0,
    maximumRepetition: 2,
    seed: 1,
  });
  closeShares(report.used.shares, [0.2, 0.2, 0.6]);
  assert.ok(Math.abs(report.movedByCap - 0.4) < 1e-12);
  assert.deepEqual(report.maximumRepetition, { asked: 2, used: 2 });
  assert.equal(report.drawnTokens, windows.length * 10);
});

test('the excess of one cluster may bring another one to its cap', () => {
  // The first takes 50, so the second would get 950 x 0.3 / 0.5 = 570 of at most 400.
  const { windowsByCluster } = made([50, 400, 5000]);
  const { report } = drawWindows({
    domain: domainOf(50, 30, 20),
    windowsByCluster,
    tokensOf: tenTokens,
    wantedTokens: 10_000,
    smoothing: 0,
    maximumRepetition: 1,
    seed: 1,
  });
  closeShares(report.used.shares, [0.05, 0.4, 0.55]);
});

test('no cluster is drawn beyond its cap by more than the last window, whatever the corpus', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(30), fc.nat(30)), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 3000 }),
      fc.integer({ min: 1, max: 5 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer(),
      (clusters, wantedTokens, maximumRepetition, smoothing, seed) => {
        fc.pre(clusters.some(([spec, gen]) => spec > 0 && gen > 0));
        const { assignments, windowsByCluster } = made(clusters.map(([, gen]) => gen));
        const tokensOf = (window: number) => 1 + ((window * 7) % 10);
        const domain = domainOf(...clusters.map(([spec]) => spec));
        const options = {
          domain,
          windowsByCluster,
          tokensOf,
          wantedTokens,
          maximumRepetition,
          smoothing,
          seed,
        };
        const { windows, tokens, report } = drawWindows(options);
        const drawnOf = new Float64Array(clusters.length);
        for (const window of windows) drawnOf[assignments[window]] += tokensOf(window);
        const sum = drawnOf.reduce((a, b) => a + b, 0);
        assert.equal(sum, tokens);
        assert.ok(tokens >= wantedTokens && tokens < wantedTokens + 10);
        assert.ok(report.maximumRepetition.used >= maximumRepetition);
        for (const [c, pool] of windowsByCluster.entries()) {
          const available = pool.reduce((total, window) => total + tokensOf(window), 0);
          assert.ok(drawnOf[c] < report.maximumRepetition.used * available + 10 || drawnOf[c] === 0);
        }
        const total = report.used.shares.reduce((a, b) => a + b, 0);
        assert.ok(Math.abs(total - 1) < 1e-9);
      },
    ),
  );
});

test('a cap that too little text cannot meet is raised to what is needed, and the report says so', () => {
  const { windowsByCluster } = made([10, 10]);
  const { tokens, report } = drawWindows({
    domain: domainOf(1, 1),
    windowsByCluster,
    tokensOf: tenTokens,
    wantedTokens: 2_000,
    smoothing: 0,
    maximumRepetition: 4,
    seed: 1,
  });
  assert.deepEqual(report.maximumRepetition, { asked: 4, used: 10 });
  assert.equal(tokens, 2_000);
  assert.deepEqual(report.repetition, { maximum: 10, mean: 10 });
});

test('what the generic corpus lacks is reported and goes to the clusters it has', () => {
  const { windowsByCluster } = made([0, 100, 100]);
  const options = { windowsByCluster, tokensOf: tenTokens, wantedTokens: 100, seed: 1 };
  const { report } = drawWindows({ ...options, domain: domainOf(5, 4, 1), smoothing: 0 });
  assert.equal(report.uncovered, 0.5);
  closeShares(report.used.shares, [0, 0.8, 0.2]);
});

test('a domain without any generic window in its clusters is refused without smoothing, generic with it', () => {
  const { windowsByCluster } = made([0, 30, 10]);
  const options = {
    windowsByCluster,
    domain: domainOf(1, 0, 0),
    tokensOf: tenTokens,
    wantedTokens: 100,
    seed: 1,
  };
  assert.throws(() => drawWindows({ ...options, smoothing: 0 }), InputError);
  const { report } = drawWindows({ ...options, smoothing: 0.1 });
  closeShares(report.used.shares, [0, 0.75, 0.25]);
  assert.equal(report.uncovered, 1);
});

test('the report says what was drawn and survives JSON', () => {
  const { assignments, windowsByCluster } = made([40, 20, 60]);
  const domain = domainOf(2, 1, 1);
  const { windows, report } = drawWindows({
    domain,
    windowsByCluster,
    tokensOf: tenTokens,
    wantedTokens: 900,
    seed: 4,
  });
  assert.deepEqual(samplingReportSchema.parse(JSON.parse(JSON.stringify(report))), report);
  assert.equal(report.drawnWindows, 90);
  assert.equal(report.distinctWindows, new Set(windows).size);
  assert.deepEqual(report.asked.shares, [0.5, 0.25, 0.25]);
  assert.ok(Math.abs(report.asked.entropy - 1.5 * Math.log(2)) < 1e-12);
  const drawn = sharesOf(windows, assignments, 3);
  assert.ok(
    Math.abs(report.deviation - totalVariation(drawn, Float64Array.from(report.used.shares))) < 1e-12,
  );
  const repeated = drawn.map((share, c) => (share * 90) / windowsByCluster[c].length);
  assert.ok(Math.abs(report.repetition.maximum - Math.max(...repeated)) < 1e-12);
  assert.ok(Math.abs(report.repetition.mean - 90 / 120) < 1e-12);
});

test('equal seeds draw the same windows, other seeds others', () => {
  const { windowsByCluster } = made([40, 20]);
  const options = { domain: domainOf(1, 1), windowsByCluster, tokensOf: tenTokens, wantedTokens: 1000 };
  const first = drawWindows({ ...options, seed: 1 }).windows;
  assert.deepEqual(drawWindows({ ...options, seed: 1 }).windows, first);
  assert.notDeepEqual(drawWindows({ ...options, seed: 2 }).windows, first);
});
