import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distancesOf, likenessTo } from '../../../../src/experiments/results/likeness.ts';
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
  assert.equal(
    distancesOf([histograms('a', [{ shares: ONE }]), histograms('b', [{ shares: [1, 0] }])]).size,
    0,
  );
  assert.equal(distancesOf([]).size, 0);
});

test('a domain counts the more, the more alike its distance is, and none counts nothing', () => {
  const distances = new Map([
    ['own', 1],
    ['same', 1],
    ['half', 0.5],
    ['twice', 2],
    ['far', 1e9],
  ]);
  const weightOf = likenessTo('own', distances);
  assert.ok(weightOf);
  near(weightOf('same'), 1);
  near(weightOf('half'), Math.exp(-((Math.log(2) / 0.3) ** 2) / 2));
  near(weightOf('half'), weightOf('twice'));
  assert.ok(weightOf('far') > 0);
  assert.equal(weightOf('unknown'), 0);
  assert.equal(likenessTo('unknown', distances), undefined);
});

test('domains so near the generic text that chance decides are not told apart', () => {
  const weightOf = likenessTo(
    'own',
    new Map([
      ['own', 0],
      ['other', 0.04],
    ]),
  );
  near(weightOf?.('other'), 1);
});
