/**
 * Which measured domains tell most of one that was not measured: those that are about as far from the generic text. How far
 * a domain is decides between methods that differ in how much generic text they choose for it; its text alone
 * tells, before anything is trained. Ours, not the paper's; docs/decisions/likeness.md has what it is worth.
 */
import { mean } from '../../common/means.ts';
import { distanceFromGeneric } from '../../selection/clustering/histogram.ts';
import type { DomainHistograms, HistogramFacts } from './selection-facts.ts';

/** In nats (histogram.ts), by domain. */
export type Distances = ReadonlyMap<string, number>;

export interface DomainShare {
  readonly domain: string;
  /** Of an average over domains; 0 to 1. */
  readonly share: number;
}

/** Of a domain that is 1.35 times as far as another, which then counts exp(-1/2). */
const LOG_WIDTH = 0.3;

/** Nearer than this domains are not told from each other, in nats. */
const LEAST_DISTANCE = 0.05;

/** Domains that count less are left out: what was not measured on one of them would be missing for all. */
const LEAST_SHARE = 0.01;

/** Windows for each cluster below which chance decides where they lie. */
const LEAST_WINDOWS = 2;

/** Domains whose distances are further apart than by this factor are not about as far from the generic text. */
const ALIKE = 2;

/**
 * By the histograms of their largest sets: the mean over the clusterings that all of them have, however many clusters and
 * whichever seed. Clusterings that the windows of one do not fill count only where there is no other, and of these the
 * smallest. Domains without a histogram are left out; empty where the others have no clustering in common.
 */
export function distancesOf(selections: readonly DomainHistograms[]): Distances {
  const domains = selections.filter(({ histograms }) => histograms.length > 0);
  const shared = sharedClusterings(domains);
  const filled = shared.filter((one) =>
    domains.every(({ histograms }) => isFilled(ofLargestSet(histograms, one))),
  );
  const used = filled.length > 0 ? filled : shared.filter(({ clusters }) => clusters === shared[0].clusters);
  if (used.length === 0) return new Map();
  const distances = domains.map(({ domain, histograms }) => {
    return [domain, mean(used.map((one) => distanceOf(ofLargestSet(histograms, one))))] as const;
  });
  return new Map(distances.filter(([, distance]) => Number.isFinite(distance)));
}

function isFilled({ domainWindows, clusters }: HistogramFacts): boolean {
  return domainWindows >= LEAST_WINDOWS * clusters;
}

/**
 * How much each of the others counts for a domain: in proportion to `exp(-(ln d - ln d')^2 / 2 s^2)` for distances d and d'; the
 * most first. The nearest counts most, however far it is. `undefined` unless the distances of all are known.
 */
export function sharesByLikeness(
  domain: string,
  others: readonly string[],
  distances: Distances,
): readonly DomainShare[] | undefined {
  const apart = others.flatMap((other) => logRatio(domain, other, distances) ?? []);
  if (apart.length < others.length) return undefined;
  const exponents = apart.map((one) => -((one / LOG_WIDTH) ** 2) / 2);
  const highest = Math.max(...exponents);
  const weights = exponents.map((one) => Math.exp(one - highest));
  const counted = normalized(others.map((other, i) => ({ domain: other, share: weights[i] })));
  return normalized(counted.filter(({ share }) => share >= LEAST_SHARE)).sort((a, b) => b.share - a.share);
}

/** Whether a domain is about as far from the generic text as another. */
export function isAlike(domain: string, other: string, distances: Distances): boolean {
  const apart = logRatio(domain, other, distances);
  return apart !== undefined && Math.abs(apart) <= Math.log(ALIKE);
}

function logRatio(domain: string, other: string, distances: Distances): number | undefined {
  const [a, b] = [domain, other].map((one) => distances.get(one));
  if (a === undefined || b === undefined) return undefined;
  return Math.log(Math.max(b, LEAST_DISTANCE) / Math.max(a, LEAST_DISTANCE));
}

/** The shares in proportion, so that they sum to 1. */
export function normalized(shares: readonly DomainShare[]): DomainShare[] {
  const total = shares.reduce((sum, { share }) => sum + share, 0);
  return shares.map(({ domain, share }) => ({ domain, share: share / total }));
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
