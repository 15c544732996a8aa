/**
 * What a person sees of a cluster: its size, its share of the generic text and of the domain, the terms that set it
 * apart, and the windows nearest to its centre.
 *
 * Terms are scored by class-based TF-IDF, tf(t,c) ln(1 + A / f(t)) with A the mean number of terms of a cluster and f(t)
 * the term's count over all clusters (BERTopic, arXiv 2203.05794). tf counts the windows that contain the term, so that
 * one odd window does not name a cluster, and is read from up to `SAMPLED_WINDOWS` windows a cluster, evenly spread: large
 * clusters do not drown small ones, and the cost depends on the number of clusters, not of windows.
 */
import * as z from 'zod';
import { termsOf } from '../embedding/terms.ts';
import { type Histogram, windowsByCluster } from './histogram.ts';

const SAMPLED_WINDOWS = 64;
const TERMS = 10;
const NEAREST_WINDOWS = 3;
const EXCERPT_CHARACTERS = 400;

export const clusterCardSchema = z.object({
  cluster: z.number().int().nonnegative(),
  /** Generic windows. */
  windows: z.number().int().nonnegative(),
  genericShare: z.number().min(0).max(1),
  /** Absent when the cards were made before there was a domain. */
  domainShare: z.number().min(0).max(1).optional(),
  /** Best first. */
  terms: z.array(z.object({ term: z.string(), score: z.number() })),
  /** Nearest to the centre first; the texts are beginnings. */
  nearest: z.array(z.object({ window: z.number().int(), distance: z.number(), text: z.string() })),
});

export type ClusterCard = z.infer<typeof clusterCardSchema>;

export interface ClusterCardOptions {
  readonly generic: Histogram;
  readonly domain?: Histogram;
  /** The cluster of each generic window, and the squared distance to the cluster's centre. */
  readonly assignments: Uint32Array;
  readonly squaredDistances: Float32Array;
  /** The texts of some generic windows, in the order given. */
  readonly textsOf: (windows: Uint32Array) => Promise<readonly string[]>;
}

/** One card a cluster, in the order of the clusters; an empty cluster has a card without terms and windows. */
export async function clusterCards(options: ClusterCardOptions): Promise<ClusterCard[]> {
  const { generic, domain, squaredDistances, textsOf } = options;
  const members = windowsByCluster(options.assignments, generic.counts.length);
  const terms = new ClusterTerms();
  for (const windows of members) {
    terms.addCluster(await textsOf(spread(windows, SAMPLED_WINDOWS)));
  }
  const cards: ClusterCard[] = [];
  for (const [cluster, windows] of members.entries()) {
    const near = nearest(windows, squaredDistances, NEAREST_WINDOWS);
    const texts = await textsOf(near);
    cards.push({
      cluster,
      windows: windows.length,
      genericShare: generic.shares[cluster],
      ...(domain === undefined ? {} : { domainShare: domain.shares[cluster] }),
      terms: terms.top(cluster, TERMS),
      nearest: Array.from(near, (window, i) => ({
        window,
        distance: Math.sqrt(squaredDistances[window]),
        text: excerpt(texts[i], EXCERPT_CHARACTERS),
      })),
    });
  }
  return cards;
}

/** In how many windows of each cluster a term occurs: eight bytes a term of a cluster. */
class ClusterTerms {
  readonly #ids = new Map<string, number>();
  readonly #terms: string[] = [];
  /** Of each term over all clusters. */
  readonly #totals: number[] = [];
  readonly #clusters: { readonly ids: Uint32Array; readonly counts: Uint32Array }[] = [];
  #total = 0;

  /** Adds the next cluster by some of its texts. */
  addCluster(texts: readonly string[]): void {
    const counts = new Map<number, number>();
    for (const text of texts) {
      for (const term of new Set(termsOf(text))) {
        const id = this.#idOf(term);
        counts.set(id, (counts.get(id) ?? 0) + 1);
        this.#totals[id]++;
        this.#total++;
      }
    }
    this.#clusters.push({ ids: Uint32Array.from(counts.keys()), counts: Uint32Array.from(counts.values()) });
  }

  /** The terms of a cluster of the highest class-based TF-IDF; of equal ones the first of the alphabet. */
  top(cluster: number, count: number): ClusterCard['terms'] {
    const { ids, counts } = this.#clusters[cluster];
    const perCluster = this.#total / this.#clusters.length;
    return Array.from(ids, (id, i) => ({
      term: this.#terms[id],
      score: counts[i] * Math.log(1 + perCluster / this.#totals[id]),
    }))
      .sort((a, b) => b.score - a.score || (a.term < b.term ? -1 : 1))
      .slice(0, count);
  }

  #idOf(term: string): number {
    const known = this.#ids.get(term);
    if (known !== undefined) return known;
    const id = this.#terms.length;
    this.#ids.set(term, id);
    this.#terms.push(term);
    this.#totals.push(0);
    return id;
  }
}

/** Up to `count` of the windows, evenly spread. */
function spread(windows: Uint32Array, count: number): Uint32Array {
  if (windows.length <= count) return windows;
  return Uint32Array.from(
    { length: count },
    (_, i) => windows[Math.floor(((i + 0.5) * windows.length) / count)],
  );
}

/** The `count` windows of the smallest distance, nearest first. */
function nearest(windows: Uint32Array, distances: Float32Array, count: number): Uint32Array {
  const best: number[] = [];
  for (const window of windows) {
    if (best.length === count && distances[window] >= distances[best[count - 1]]) continue;
    const place = best.findIndex((other) => distances[window] < distances[other]);
    best.splice(place < 0 ? best.length : place, 0, window);
    best.length = Math.min(best.length, count);
  }
  return Uint32Array.from(best);
}

/** The beginning of a text on one line, up to `length` UTF-16 units and an ellipsis, cut between characters. */
export function excerpt(text: string, length: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line.length <= length) return line;
  return `${line.slice(0, length).replace(/[\ud800-\udbff]$/, '')}…`;
}
