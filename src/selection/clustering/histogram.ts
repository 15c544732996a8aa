/**
 * Cluster histograms and what they say about a domain (arXiv 2402.01093, sections 2.3 and 2.4, tables 9 and 10).
 * P(c|D) is the share of the windows of D whose nearest centroid is that of cluster c.
 *
 * Weighed: the paper counts examples (windows), so that is the default. Where documents are much shorter than
 * one context, a short window counts as much as a full one; counting tokens instead gives the histogram that
 * belongs to the loss per token. Both are at hand; logarithms are natural (entropy in nats, as in table 10).
 */
import { InputError } from '../../common/errors.ts';

/** How often each cluster occurs; all arrays have one entry a cluster. */
export interface Histogram {
  /** Windows, or tokens when the lengths of the windows were given. */
  readonly counts: Float64Array;
  readonly total: number;
  /** counts / total; they sum to 1. */
  readonly shares: Float64Array;
}

/** `w(c) = P(c|D_spec) / P(c|D_gen)`, and the part of the domain that no generic window can stand for. */
export interface ImportanceWeights {
  readonly weights: Float64Array;
  /** Share of the domain in clusters without any generic window. */
  readonly uncovered: number;
}

/** What "hardly" means: the generic corpus has less than a tenth of an even share (1/k) in the cluster. Ours. */
const HARDLY = 0.1;

/**
 * The histogram of windows over their clusters. `lengths` (tokens of each window) makes it count tokens.
 * Throws an `InputError` when there are no windows, a `RangeError` when a cluster has no such number.
 */
export function clusterHistogram(
  assignments: Uint32Array,
  clusters: number,
  lengths?: ArrayLike<number>,
): Histogram {
  const counts = new Float64Array(clusters);
  for (let i = 0; i < assignments.length; i++) {
    const cluster = assignments[i];
    if (cluster >= clusters) throw new RangeError(`Window ${i} is in cluster ${cluster} of ${clusters}.`);
    counts[cluster] += lengths === undefined ? 1 : lengths[i];
  }
  return histogramOf(counts);
}

/** The histogram of given counts (windows or tokens of each cluster). */
export function histogramOf(counts: Float64Array): Histogram {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (!(total > 0)) {
    throw new InputError(
      'There are no windows to make a cluster histogram of.',
      'Check that the corpus has documents in its training split.',
    );
  }
  return { counts, total, shares: counts.map((count) => count / total) };
}

/** The numbers of the windows of each cluster, ascending. */
export function windowsByCluster(assignments: Uint32Array, clusters: number): Uint32Array[] {
  const sizes = new Uint32Array(clusters);
  for (const cluster of assignments) sizes[cluster]++;
  const windows = Array.from(sizes, (size) => new Uint32Array(size));
  sizes.fill(0);
  for (let i = 0; i < assignments.length; i++) {
    const cluster = assignments[i];
    windows[cluster][sizes[cluster]++] = i;
  }
  return windows;
}

/** H = -sum_c p_c ln p_c, in nats (table 10). */
export function entropy(shares: Float64Array): number {
  let nats = 0;
  for (const share of shares) if (share > 0) nats -= share * Math.log(share);
  return nats;
}

/** exp(H): the number of equally frequent clusters of the same entropy. */
export function effectiveClusters(shares: Float64Array): number {
  return Math.exp(entropy(shares));
}

/** The most frequent cluster; of equally frequent ones the first. */
export function modalCluster(shares: Float64Array): number {
  return shares.reduce((best, share, cluster) => (share > shares[best] ? cluster : best), 0);
}

/** The clusters that are equally frequent and more so than all others, ascending; none when only one is. */
export function tiedClusters(shares: Float64Array): number[] {
  const highest = modalShare(shares);
  const all = [...shares.keys()].filter((cluster) => shares[cluster] === highest);
  return all.length > 1 ? all : [];
}

/** The share of the most frequent cluster (table 9). */
export function modalShare(shares: Float64Array): number {
  return shares[modalCluster(shares)];
}

/**
 * The importance weights of section 2.4: the mean of w(c(x)) l(x) over generic windows is then the mean of l over
 * the domain. The paper leaves open what holds for clusters without generic windows, whose weight would be
 * infinite: here the domain's histogram is conditioned on the clusters that have some, so that the mean weight over
 * the generic windows is 1; the rest is `uncovered`. When everything is uncovered all weights are 0.
 */
export function importanceWeights(spec: Float64Array, gen: Float64Array): ImportanceWeights {
  requireSameLength(spec, gen);
  let covered = 0;
  for (let c = 0; c < spec.length; c++) if (gen[c] > 0) covered += spec[c];
  const weights = spec.map((share, c) => (gen[c] > 0 && covered > 0 ? share / covered / gen[c] : 0));
  return { weights, uncovered: clampToShare(1 - covered) };
}

/** The share of the domain in clusters of which the generic corpus has less than the share `threshold`. */
export function uncoveredShare(
  spec: Float64Array,
  gen: Float64Array,
  threshold: number = HARDLY / gen.length,
): number {
  requireSameLength(spec, gen);
  let share = 0;
  for (let c = 0; c < spec.length; c++) if (gen[c] < threshold) share += spec[c];
  return clampToShare(share);
}

/** Half of the sum of |p_c - q_c|: the share that has to move to make one histogram the other; 0 to 1. */
export function totalVariation(p: Float64Array, q: Float64Array): number {
  requireSameLength(p, q);
  let moved = 0;
  for (let c = 0; c < p.length; c++) moved += Math.abs(p[c] - q[c]);
  return moved / 2;
}

/** KL(p || q) = sum_c p_c ln(p_c / q_c), in nats; infinite when q lacks a cluster of p. */
export function klDivergence(p: Float64Array, q: Float64Array): number {
  requireSameLength(p, q);
  let nats = 0;
  for (let c = 0; c < p.length; c++) if (p[c] > 0) nats += p[c] * Math.log(p[c] / q[c]);
  return nats;
}

/**
 * How far a domain is from the generic text: KL(P(c|spec) || P(c|gen)) in nats over the clusters, less what a histogram of
 * so few windows exceeds it by on average, (m - 1) / 2n for n windows in m clusters (Miller 1955); not below 0. The part of the
 * domain that no generic window can stand for is left out; infinite where that is all of it.
 */
export function distanceFromGeneric(
  domain: { readonly shares: Float64Array; readonly windows: number },
  generic: Float64Array,
): number {
  const { weights } = importanceWeights(domain.shares, generic);
  const covered = weights.map((weight, c) => weight * generic[c]);
  const occupied = covered.filter((share) => share > 0).length;
  if (occupied === 0) return Number.POSITIVE_INFINITY;
  const chance = (occupied - 1) / (2 * domain.windows);
  return Math.max(0, klDivergence(covered, generic) - chance);
}

/** Keeps what should be a share between 0 and 1 in spite of rounding. */
function clampToShare(value: number): number {
  return Math.min(1, Math.max(0, value));
}

function requireSameLength(a: Float64Array, b: Float64Array): void {
  if (a.length !== b.length) {
    throw new RangeError(`Histograms of ${a.length} and ${b.length} clusters cannot be compared.`);
  }
}
