/**
 * Which measured domains tell most of one that was not measured: those that are about as far from the generic text. How far
 * a domain is decides between methods that differ in how much generic text they choose for it; its text alone
 * tells, before anything is trained. Ours, not the paper's; docs/decisions/likeness.md has what it is worth.
 */
import type { WeightOf } from '../../budget/domain-average.ts';
import { mean } from '../../common/means.ts';
import { distanceFromGeneric } from '../../selection/clustering/histogram.ts';
import type { DomainHistograms, HistogramFacts } from './selection-facts.ts';

/** In nats (histogram.ts), by domain. */
export type Distances = ReadonlyMap<string, number>;

/** Of a domain that is 1.35 times as far as another, which then counts exp(-1/2). */
const LOG_WIDTH = 0.3;

/** Nearer than this domains are not told from each other. */
const LEAST_DISTANCE = 0.05;

/** Windows for each cluster below which chance decides where they lie. */
const LEAST_WINDOWS = 2;

/**
 * By the histograms of their largest sets: the mean over the clusterings that all of them have, however many clusters and
 * whichever seed. Of those for which one has too few windows only the smallest counts, where there is no other. Domains without a
 * histogram are left out; empty where the others have no clustering in common.
 */
export function distancesOf(selections: readonly DomainHistograms[]): Distances {
  const domains = selections.filter(({ histograms }) => histograms.length > 0);
  const shared = sharedClusterings(domains);
  const filled = shared.filter((one) =>
    domains.every(({ histograms }) => isFilled(ofLargestSet(histograms, one))),
  );
  const used = filled.length > 0 ? filled : shared.slice(0, 1);
  if (used.length === 0) return new Map();
  return new Map(
    domains.map(({ domain, histograms }) => [
      domain,
      mean(used.map((one) => distanceOf(ofLargestSet(histograms, one)))),
    ]),
  );
}

function isFilled({ domainWindows, clusters }: HistogramFacts): boolean {
  return domainWindows >= LEAST_WINDOWS * clusters;
}

/**
 * How much each other domain counts for one, `exp(-(ln d - ln d')^2 / 2 s^2)` for distances d and d'; `undefined` where
 * no distance of it is known.
 */
export function likenessTo(domain: string, distances: Distances): WeightOf | undefined {
  const own = distances.get(domain);
  if (own === undefined) return undefined;
  return (other) => {
    const distance = distances.get(other);
    if (distance === undefined) return 0;
    const apart = Math.log(atLeast(distance) / atLeast(own)) / LOG_WIDTH;
    // Never nothing: where no domain is alike all the others still count.
    return Math.max(1e-6, Math.exp(-(apart ** 2) / 2));
  };
}

type Clustering = Pick<HistogramFacts, 'clusters' | 'seed'>;

/** The fewest clusters first. */
function sharedClusterings([first, ...others]: readonly DomainHistograms[]): readonly Clustering[] {
  const has = ({ histograms }: DomainHistograms, wanted: Clustering) =>
    histograms.some((one) => isOver(one, wanted));
  const found = new Map(
    first?.histograms.map(({ clusters, seed }) => [`${clusters} ${seed}`, { clusters, seed }]),
  );
  return [...found.values()]
    .filter((one) => others.every((other) => has(other, one)))
    .sort((a, b) => a.clusters - b.clusters || a.seed - b.seed);
}

function isOver(histogram: HistogramFacts, { clusters, seed }: Clustering): boolean {
  return histogram.clusters === clusters && histogram.seed === seed;
}

function ofLargestSet(histograms: readonly HistogramFacts[], clustering: Clustering): HistogramFacts {
  return histograms
    .filter((one) => isOver(one, clustering))
    .reduce((largest, one) => (one.domainWindows > largest.domainWindows ? one : largest));
}

/** How far the domain is from the generic text by one histogram, in nats (histogram.ts). */
export function distanceOf({ domainShares, domainWindows, genericShares }: HistogramFacts): number {
  const shares = Float64Array.from(domainShares);
  return distanceFromGeneric({ shares, windows: domainWindows }, Float64Array.from(genericShares));
}

function atLeast(distance: number): number {
  return Math.max(distance, LEAST_DISTANCE);
}
