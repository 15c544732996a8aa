/**
 * Files that are unlike the rest of their domain, for people to review; nothing is trained or chosen by it. Pieces of a
 * file go to the clusters that a run has made; a file is suggested when at least half of its pieces are in clusters that
 * the rest of the domain hardly has (under 2 % each), and so many would come by chance once in a thousand files.
 *
 * Weighed: a divergence of histograms (Jensen-Shannon) grows with few pieces whatever they are about, and its value means
 * nothing to a reader; a count against a share can be said in a sentence. Pieces are cut by characters, about a window.
 */
import { setImmediate } from 'node:timers/promises';
import { ParlanceError, systemErrorCode } from '../common/errors.ts';
import { limits } from '../corpus/reading/cleaning.ts';
import { extractFile } from '../corpus/reading/extraction.ts';
import type { CorpusTable } from '../corpus/watching/corpus-table.ts';
import type { TableFile } from '../corpus/watching/table-file.ts';
import { readClustering } from '../methods/stages/selection/clustering-files.ts';
import { ArtifactLabels } from '../pipeline/artifact-labels.ts';
import { ArtifactStore } from '../pipeline/store.ts';
import type { Clustering } from '../selection/clustering/kmeans.ts';
import type { WindowEmbedding } from '../selection/embedding/embedding.ts';
import { LsiEmbedding } from '../selection/embedding/lsi.ts';
import type { ReviewSuggestion } from './workspace-index.ts';

const rareShare = 0.02;
const chance = 0.001;
/** Looked at a domain: its first files, and the first pieces of each. */
const mostFiles = 2000;
const mostPieces = 32;

interface Clusters {
  readonly clustering: Clustering;
  readonly embedding: WindowEmbedding;
}

export interface FileClusters {
  readonly path: string;
  /** Pieces of the file in each cluster. */
  readonly counts: Float64Array;
}

/** None where no run has made clusters with the built-in embedding. */
export async function suggestFiles(
  storage: string,
  tables: readonly CorpusTable[],
  pieceCharacters: number,
): Promise<readonly ReviewSuggestion[]> {
  const clusters = await newestClusters(storage);
  if (clusters === undefined) return [];
  const suggestions: ReviewSuggestion[] = [];
  for (const table of tables.filter(({ specification }) => specification.role === 'domain')) {
    const files: FileClusters[] = [];
    const members = table.ordered().filter(({ file }) => file.standing === 'member');
    for (const one of members.slice(0, mostFiles)) {
      files.push({
        path: one.file.found.absolute,
        counts: await countsOf(one, table, clusters, pieceCharacters),
      });
      await setImmediate();
    }
    suggestions.push(...unlikeFiles(files, table.specification.name));
  }
  return suggestions;
}

/** The files that are unlike the others of a domain, the surest first. */
export function unlikeFiles(files: readonly FileClusters[], corpus: string): ReviewSuggestion[] {
  const all = new Float64Array(files[0]?.counts.length ?? 0);
  for (const { counts } of files) for (const [c, count] of counts.entries()) all[c] += count;
  const total = sum(all);
  const found: (ReviewSuggestion & { readonly probability: number })[] = [];
  for (const { path, counts } of files) {
    const own = sum(counts);
    const rest = total - own;
    if (own === 0 || rest < 1 / rareShare) continue;
    let inRare = 0;
    let restRare = 0;
    for (const [c, count] of counts.entries()) {
      const others = all[c] - count;
      if (others / rest >= rareShare) continue;
      inRare += count;
      restRare += others;
    }
    // One is added: a cluster that the rest does not have yet is not impossible.
    const probability = tail(inRare, own, (restRare + 1) / (rest + 1));
    if (inRare < own / 2 || probability >= chance) continue;
    const reason = `${inRare} of ${own} pieces of this file are about things that only ${restRare} of the ${rest} other pieces of ${corpus} are about.`;
    found.push({ path, corpus, reason, probability });
  }
  return found
    .sort((a, b) => a.probability - b.probability)
    .map(({ path, corpus: of, reason }) => ({ path, corpus: of, reason }));
}

/** P(X >= hits) of a binomial distribution. */
function tail(hits: number, tries: number, share: number): number {
  let term = (1 - share) ** tries;
  let below = 0;
  for (let k = 0; k < hits; k++) {
    below += term;
    term *= ((tries - k) / (k + 1)) * (share / (1 - share));
  }
  return Math.max(0, 1 - below);
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

async function countsOf(
  { file }: TableFile,
  { specification }: CorpusTable,
  { clustering, embedding }: Clusters,
  pieceCharacters: number,
): Promise<Float64Array> {
  const counts = new Float64Array(clustering.clusters);
  const { found, passages, standing } = file;
  const textField = specification.sources[found.source].textField ?? 'text';
  const pieces: string[] = [];
  for await (const item of extractFile(found, { textField, passages, standing, limits })) {
    if (item.kind !== 'document' || item.standing === 'held-out') continue;
    const text = item.bytes.toString();
    for (let at = 0; at < text.length && pieces.length < mostPieces; at += pieceCharacters)
      pieces.push(text.slice(at, at + pieceCharacters));
    if (pieces.length >= mostPieces) break;
  }
  const vectors = await embedding.embed(pieces);
  for (let i = 0; i < pieces.length; i++) counts[nearest(clustering, vectors, i)]++;
  return counts;
}

/** The cluster of the nearest centroid. */
function nearest(
  { clusters, dimensions, centroids }: Clustering,
  vectors: Float32Array,
  row: number,
): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let cluster = 0; cluster < clusters; cluster++) {
    let squared = 0;
    for (let d = 0; d < dimensions; d++)
      squared += (vectors[row * dimensions + d] - centroids[cluster * dimensions + d]) ** 2;
    if (squared >= least) continue;
    least = squared;
    best = cluster;
  }
  return best;
}

/** The newest clustering of the storage with the embedding that it was made with. */
async function newestClusters(storage: string): Promise<Clusters | undefined> {
  const store = new ArtifactStore(storage);
  try {
    for await (const { directory, manifest } of new ArtifactLabels(store).newest('clustering')) {
      const vectors = await store.open(manifest.inputs.vectors);
      const embedding = vectors && (await store.open(vectors.manifest.inputs.embedding));
      if (embedding === undefined || !embedding.manifest.files.some(({ path }) => /lsi/.test(path))) continue;
      return {
        clustering: await readClustering(directory),
        embedding: await LsiEmbedding.load(embedding.directory),
      };
    }
  } catch (error) {
    // What is damaged is told by the next run; there is nothing to suggest meanwhile.
    if (!(error instanceof ParlanceError) && systemErrorCode(error) === undefined) throw error;
  }
  return undefined;
}
