import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distancesOf, isAlike, sharesByLikeness } from '../../../../src/experiments/results/likeness.ts';
import type { DomainHistograms } from '../../../../src/experiments/results/selection-facts.ts';
import { syntheticSelection } from '../../../fixtures/selection.ts';

interface Made {
  readonly shares: readonly number[];
  readonly windows?: number;
  readonly seed?: number;
}

/** Over clusters that hold equal shares of the generic text. */
function histograms(domain: string, made: readonly Made[]): DomainHistograms {
  const [pattern] = syntheticSelection(domain, [1]).histograms;
  return {
    domain,
    histograms: made.map(({ shares, windows = 1e9, seed = 1 }) => ({
      ...pattern,
      seed,
      clusters: shares.length,
      domainWindows: windows,
      domainShares: shares,
      genericShares: shares.map(() => 1 / shares.length),
    })),
  };
}

function near(actual: number | undefined, expected: number): void {
  assert.ok(actual !== undefined && Math.abs(actual - expected) < 1e-6, `${actual} is not ${expected}`);
}

const HALF = [0.5, 0.5, 0, 0];
const ONE = [1, 0, 0, 0];

test('the distance is the mean over the clusterings that all domains have, of their largest sets', () => {
  const distances = distancesOf([
    histograms('wide', [{ shares: HALF }, { shares: ONE, windows: 100 }, { shares: [1, 0] }]),
    histograms('narrow', [{ shares: ONE }, { shares: [1, 0] }, { shares: ONE, seed: 2 }]),
    histograms('without', []),
  ]);
  assert.deepEqual([...distances.keys()], ['wide', 'narrow']);
  near(distances.get('wide'), (Math.log(2) + Math.log(2)) / 2);
  near(distances.get('narrow'), (Math.log(4) + Math.log(2)) / 2);
});

test('clusters that few windows fill count only where there are no others', () => {
  const wide = [{ shares: [1, 0] }, { shares: HALF }];
  const few = [
    { shares: [0.5, 0.5], windows: 7 },
    { shares: ONE, windows: 7 },
  ];
  near(distancesOf([histograms('wide', wide), histograms('few', few)]).get('wide'), Math.log(2));
  const apart = distancesOf([
    histograms('a', [{ shares: ONE, windows: 2 }]),
    histograms('b', [{ shares: ONE }]),
  ]);
  near(apart.get('b'), Math.log(4));
  const bothSeeds = (shares: readonly number[]) => [
    { shares: ONE, windows: 2 },
    { shares, windows: 2, seed: 2 },
  ];
  const mean = distancesOf([histograms('a', bothSeeds(ONE)), histograms('b', bothSeeds(HALF))]);
  near(mean.get('a'), Math.log(4));
  near(mean.get('b'), (Math.log(4) + Math.log(2) - 1 / 4) / 2);
  assert.equal(
    distancesOf([histograms('a', [{ shares: ONE }]), histograms('b', [{ shares: [1, 0] }])]).size,
    0,
  );
  assert.equal(distancesOf([]).size, 0);
});

const distances = new Map([
  ['own', 1],
  ['same', 1],
  ['half', 0.5],
  ['twice', 2],
  ['near', 0.04],
  ['nearer', 0],
]);

test('a domain counts the more, the more alike its distance is; what counts less than a hundredth is left out', () => {
  const weight = Math.exp(-((Math.log(2) / 0.3) ** 2) / 2);
  const shares = sharesByLikeness('own', ['half', 'near', 'same', 'twice'], distances) ?? [];
  assert.deepEqual(
    shares.map(({ domain }) => domain),
    ['same', 'half', 'twice'],
  );
  near(shares[0].share, 1 / (1 + 2 * weight));
  near(shares[1].share, shares[2].share);
  near(
    shares.reduce((sum, { share }) => sum + share, 0),
    1,
  );
});

test('where none is alike the nearest counts most, however far it is', () => {
  const shares = sharesByLikeness('near', ['twice', 'half', 'same'], distances) ?? [];
  assert.equal(shares[0].domain, 'half');
  assert.ok(shares[0].share > 0.9);
  assert.deepEqual(
    ['half', 'same', 'nearer', 'unknown'].map((other) => isAlike('near', other, distances)),
    [false, false, true, false],
  );
  assert.ok(isAlike('own', 'twice', distances));
});

test('domains so near the generic text that chance decides are not told apart', () => {
  near(sharesByLikeness('near', ['nearer', 'half'], distances)?.[0].share, 1);
  assert.deepEqual(
    sharesByLikeness('own', ['near', 'nearer'], distances)?.map(({ share }) => share),
    [0.5, 0.5],
  );
});

test('nothing is weighed where the distance of one is not known', () => {
  assert.equal(sharesByLikeness('unknown', ['same'], distances), undefined);
  assert.equal(sharesByLikeness('own', ['same', 'unknown'], distances), undefined);
});
