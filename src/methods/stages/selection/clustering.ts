/**
 * Clusters of the generic corpus and the domain's histogram over them (paper section 2.3): windows are embedded and
 * grouped by k-means once for all domains; a domain's windows then go to their nearest centroid. The embedding and
 * the vectors are shared by every number of clusters and every seed; each seed has its own k-means, so that a range over
 * seeds holds its chance too. All of it is booked, though the paper leaves it out.
 */
import { join } from 'node:path';
import type { WindowSource } from '../../../corpus/windows/windows.ts';
import type { Stage, StageContext } from '../../../pipeline/stage.ts';
import { assignClusters } from '../../../selection/clustering/assign.ts';
import { clusterCards } from '../../../selection/clustering/cluster-cards.ts';
import { clusterHistogram } from '../../../selection/clustering/histogram.ts';
import { fitClusters } from '../../../selection/clustering/kmeans.ts';
import type { WindowEmbedding } from '../../../selection/embedding/embedding.ts';
import { LsiEmbedding } from '../../../selection/embedding/lsi.ts';
import { SentenceEncoder } from '../../../selection/embedding/sentence-encoder.ts';
import { MemoryVectors, VectorFile, writeVectors } from '../../../selection/embedding/vectors.ts';
import { windowReader, windowTexts } from '../../../selection/embedding/window-texts.ts';
import type { Tokenizer } from '../../../tokenizer/tokenizer.ts';
import type { ExperimentPlan } from '../../experiment-plan.ts';
import { readTokenizer, type StageMaterial } from '../material.ts';
import { type DomainSet, readingText, setInWords, setParameters } from '../stage-text.ts';
import { timed } from '../timed.ts';
import { readClustering, writeClusterCards, writeClustering, writeHistogram } from './clustering-files.ts';

const VECTORS_FILE = 'vectors.npy';

/** One embedding for all seeds: it costs most of a clustering, and its own chance hardly shows in its vectors. */
const EMBEDDING_SEED = 1;

/** What windows are compared by, fitted on the generic training windows. */
function embeddingStage({ plan, tokenizer, generic }: StageMaterial): Stage {
  const { embedding } = plan.selection;
  const isLsi = embedding === 'lsi';
  return {
    kind: 'embedding',
    label: isLsi ? 'embedding by latent semantic indexing' : `embedding by ${embedding.sentenceEncoder}`,
    version: 2,
    parameters: { embedding: isLsi ? embedding : embedding.content, context: plan.context },
    inputs: { tokenizer, tokens: generic },
    booking: 'generic',
    run: readingText(async (context, text) => {
      // A sentence encoder is there already: only its place is remembered, as a parameter.
      if (!isLsi) return;
      await timed(context, async () => {
        const tokens = await readTokenizer(context);
        const windows = await text.training('tokens', plan.context);
        const lsi = await LsiEmbedding.fit(() => windowTexts(windows, tokens), {
          seed: EMBEDDING_SEED,
          signal: context.signal,
          onProgress: (fraction) => context.progress({ fraction, message: 'singular vectors' }),
        });
        await lsi.save(context.directory);
        return lsi.flops;
      });
    }),
  };
}

/** The vectors of all generic training windows, in their order. */
function vectorsStage(material: StageMaterial): Stage {
  const { plan, tokenizer, generic } = material;
  return {
    kind: 'window-vectors',
    label: 'vectors of the generic windows',
    version: 2,
    parameters: { context: plan.context },
    inputs: { tokenizer, tokens: generic, embedding: embeddingStage(material) },
    booking: 'generic',
    run: readingText((context, text) =>
      timed(context, async () => {
        const windows = await text.training('tokens', plan.context);
        const path = join(context.directory, VECTORS_FILE);
        return withEmbedding(plan, context, async (open) => {
          await writeVectors(path, open.embedding.dimensions, embedded(windows, open, context));
          return open.embedding.flops;
        });
      }),
    ),
  };
}

/** A seed's k-means of the generic windows; the artifact says which windows are in which cluster, and what each is about. */
export function clusteringStage(material: StageMaterial, clusters: number, seed: number): Stage {
  const { plan, tokenizer, generic, services } = material;
  const { balanced } = plan.selection;
  return {
    kind: 'clustering',
    label: `${clusters}${balanced ? ' balanced' : ''} clusters of the generic windows, seed ${seed}`,
    version: 1,
    parameters: {
      clusters,
      context: plan.context,
      engine: services.engineName,
      seed,
      ...(balanced && { balanced }),
    },
    inputs: { tokenizer, tokens: generic, vectors: vectorsStage(material) },
    booking: 'generic',
    run: readingText((context, text) =>
      timed(context, async () => {
        const { clustering, assigned, flops } = await clusterVectors(context, {
          clusters,
          balanced,
          seed,
          engine: services.engine(),
        });
        await writeClustering(context, clustering, assigned.clusters);
        const tokens = await readTokenizer(context);
        const one = windowReader(await text.training('tokens', plan.context), tokens);
        const cards = await clusterCards({
          generic: clusterHistogram(assigned.clusters, clusters),
          assignments: assigned.clusters,
          squaredDistances: assigned.squaredDistances,
          textsOf: async (windows) => Array.from(windows, one),
        });
        await writeClusterCards(context, cards);
        return flops;
      }),
    ),
  };
}

/** k-means of the vectors of the input `vectors`, and the cluster of each of them. */
async function clusterVectors(
  { input, progress, signal }: StageContext,
  options: Pick<Parameters<typeof fitClusters>[1], 'clusters' | 'balanced' | 'seed' | 'engine'>,
) {
  const vectors = await VectorFile.open(join(input('vectors'), VECTORS_FILE));
  try {
    const onProgress = () => progress({ fraction: 0.5, message: 'k-means' });
    const clustering = await fitClusters(vectors, { ...options, signal, onProgress });
    const assigned = await assignClusters(vectors, clustering, { engine: options.engine, signal });
    return { clustering, assigned, flops: clustering.flops + assigned.flops };
  } finally {
    await vectors.close();
  }
}

/** How the windows of a domain's training set spread over the clusters. */
export function histogramStage(material: StageMaterial, clustering: Stage, set: DomainSet): Stage {
  const { plan, tokenizer, domain, services } = material;
  return {
    kind: 'histogram',
    label: `histogram of ${setInWords(set, domain.name)} over ${clustering.label}`,
    version: 3,
    parameters: { context: plan.context, ...setParameters(set), engine: services.engineName },
    inputs: { tokenizer, tokens: domain.tokens, clustering, embedding: embeddingStage(material) },
    booking: 'specialization',
    run: readingText((context, text) =>
      timed(context, async () => {
        const windows = await text.domain('tokens', plan.context, set);
        const rows: Float32Array[] = [];
        const embedding = await withEmbedding(plan, context, async (open) => {
          for await (const chunk of embedded(windows, open, context)) rows.push(chunk);
          return open.embedding;
        });
        const vectors = new MemoryVectors(concatenated(rows), embedding.dimensions);
        const clusters = await readClustering(context.input('clustering'));
        const { signal } = context;
        const assigned = await assignClusters(vectors, clusters, { engine: services.engine(), signal });
        const { counts } = clusterHistogram(assigned.clusters, clusters.clusters);
        await writeHistogram(context, counts);
        return embedding.flops + assigned.flops;
      }),
    ),
  };
}

async function* embedded(
  windows: WindowSource,
  { embedding, tokenizer }: OpenEmbedding,
  { signal, progress }: StageContext,
): AsyncGenerator<Float32Array> {
  let done = 0;
  for await (const batch of windowTexts(windows, tokenizer)) {
    signal.throwIfAborted();
    yield await embedding.embed(batch);
    done += batch.length;
    progress({ fraction: done / windows.count, message: `${done} of ${windows.count} windows` });
  }
}

interface OpenEmbedding {
  readonly embedding: WindowEmbedding;
  /** Turns windows into the text that is embedded. */
  readonly tokenizer: Tokenizer;
}

/** Work with the embedding and the tokenizer of the inputs; the embedding is closed after it. */
async function withEmbedding<T>(
  { selection: { embedding: chosen } }: ExperimentPlan,
  context: StageContext,
  work: (open: OpenEmbedding) => Promise<T>,
): Promise<T> {
  const tokenizer = await readTokenizer(context);
  const embedding =
    chosen === 'lsi'
      ? await LsiEmbedding.load(context.input('embedding'))
      : await SentenceEncoder.open({ folder: chosen.sentenceEncoder });
  try {
    return await work({ embedding, tokenizer });
  } finally {
    await embedding.close();
  }
}

function concatenated(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
