/**
 * Clusters of the generic corpus and the domain's histogram over them (paper section 2.3): windows are embedded and
 * grouped by k-means once for all domains; a domain's windows then go to their nearest centroid. The embedding and
 * the vectors are shared by every number of clusters. All of it is booked, though the paper leaves it out.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { CorruptionError } from '../../common/errors.ts';
import { writeFileAtomic } from '../../common/files.ts';
import type { WindowSource } from '../../corpus/windows.ts';
import type { Stage, StageContext } from '../../pipeline/stage.ts';
import { assignClusters } from '../../selection/assign.ts';
import { type ClusterCard, clusterCardSchema, clusterCards } from '../../selection/cluster-cards.ts';
import type { WindowEmbedding } from '../../selection/embedding.ts';
import { clusterHistogram, type Histogram, histogramOf } from '../../selection/histogram.ts';
import { type Clustering, fitClusters } from '../../selection/kmeans.ts';
import { LsiEmbedding } from '../../selection/lsi.ts';
import { SentenceEncoder } from '../../selection/sentence-encoder.ts';
import { MemoryVectors, VectorFile, writeVectors } from '../../selection/vectors.ts';
import { windowReader, windowTexts } from '../../selection/window-texts.ts';
import { type ExperimentPlan, histogramTokens } from '../experiment-plan.ts';
import { readTokenizer, type StageMaterial, trainingWindows } from './material.ts';
import { formatTokens } from './pretrain.ts';
import { timed } from './timed.ts';

const VECTORS_FILE = 'vectors.npy';
const CLUSTERING_FILE = 'clustering.json';
const CENTROIDS_FILE = 'centroids.npy';
const ASSIGNMENTS_FILE = 'assignments.bin';
const CARDS_FILE = 'cards.json';
const HISTOGRAM_FILE = 'histogram.json';

/** One clustering for all seeds: what varies between seeds is the training. */
const CLUSTERING_SEED = 1;

/** What windows are compared by, fitted on the generic training windows. */
function embeddingStage({ plan, tokenizer, generic }: StageMaterial): Stage {
  const { embedding } = plan.selection;
  const isLsi = embedding === 'lsi';
  return {
    kind: 'embedding',
    label: isLsi ? 'embedding by latent semantic indexing' : `embedding by ${embedding.sentenceEncoder}`,
    version: 1,
    parameters: { embedding: isLsi ? embedding : embedding.content, context: plan.context },
    inputs: { tokenizer, tokens: generic },
    booking: 'generic',
    async run(context) {
      // A sentence encoder is there already: only its place is remembered, as a parameter.
      if (!isLsi) return;
      await timed(context, async () => {
        const texts = await trainingTexts(context, 'tokens', plan.context);
        const lsi = await LsiEmbedding.fit(texts.all, {
          seed: CLUSTERING_SEED,
          signal: context.signal,
          onProgress: (fraction) => context.progress({ fraction, message: 'singular vectors' }),
        });
        await lsi.save(context.directory);
        return undefined;
      });
    },
  };
}

/** The vectors of all generic training windows, in their order. */
function vectorsStage(material: StageMaterial): Stage {
  const { plan, tokenizer, generic } = material;
  return {
    kind: 'window-vectors',
    label: 'vectors of the generic windows',
    version: 1,
    parameters: { context: plan.context },
    inputs: { tokenizer, tokens: generic, embedding: embeddingStage(material) },
    booking: 'generic',
    async run(context) {
      await timed(context, async () => {
        const embedding = await openEmbedding(plan, context);
        const texts = await trainingTexts(context, 'tokens', plan.context);
        const path = join(context.directory, VECTORS_FILE);
        await writeVectors(path, embedding.dimensions, embedded(texts, embedding, context));
        return undefined;
      });
    },
  };
}

/** k-means of the generic windows; the artifact says which windows are in which cluster, and what each is about. */
export function clusteringStage(material: StageMaterial, clusters: number): Stage {
  const { plan, tokenizer, generic, services } = material;
  const { balanced } = plan.selection;
  return {
    kind: 'clustering',
    label: `${clusters}${balanced ? ' balanced' : ''} clusters of the generic windows`,
    version: 1,
    parameters: {
      clusters,
      context: plan.context,
      engine: services.engineName,
      ...(balanced && { balanced }),
    },
    inputs: { tokenizer, tokens: generic, vectors: vectorsStage(material) },
    booking: 'generic',
    async run(context) {
      await timed(context, async () => {
        const vectors = await VectorFile.open(join(context.input('vectors'), VECTORS_FILE));
        const { signal } = context;
        const engine = services.engine();
        const onProgress = () => context.progress({ fraction: 0.5, message: 'k-means' });
        const fitted = await fitClusters(vectors, {
          clusters,
          balanced,
          seed: CLUSTERING_SEED,
          engine,
          signal,
          onProgress,
        });
        const assigned = await assignClusters(vectors, fitted, { engine, signal });
        await vectors.close();
        await writeClustering(context, fitted, assigned.clusters);
        const texts = await trainingTexts(context, 'tokens', plan.context);
        const cards = await clusterCards({
          generic: clusterHistogram(assigned.clusters, clusters),
          assignments: assigned.clusters,
          squaredDistances: assigned.squaredDistances,
          textsOf: async (windows) => Array.from(windows, texts.one),
        });
        await writeFileAtomic(join(context.directory, CARDS_FILE), JSON.stringify(cards));
        return fitted.flops + assigned.flops;
      });
    },
  };
}

/** How the domain's training windows spread over the clusters. */
export function histogramStage(material: StageMaterial, clustering: Stage): Stage {
  const { plan, tokenizer, domain, services } = material;
  const limit = histogramTokens(plan);
  const amount = limit === 'all' ? 'all tokens' : `${formatTokens(limit)} tokens`;
  return {
    kind: 'histogram',
    label: `histogram of ${amount} of ${domain.name} over ${clustering.label}`,
    version: 1,
    parameters: { context: plan.context, limit, engine: services.engineName },
    inputs: { tokenizer, tokens: domain.tokens, clustering, embedding: embeddingStage(material) },
    booking: 'specialization',
    async run(context) {
      await timed(context, async () => {
        const embedding = await openEmbedding(plan, context);
        const texts = await trainingTexts(context, 'tokens', plan.context, limit);
        const rows: Float32Array[] = [];
        for await (const chunk of embedded(texts, embedding, context)) rows.push(chunk);
        const vectors = new MemoryVectors(concatenated(rows), embedding.dimensions);
        const clusters = await readClustering(context.input('clustering'));
        const { engine } = services;
        const assigned = await assignClusters(vectors, clusters, {
          engine: engine(),
          signal: context.signal,
        });
        const { counts } = clusterHistogram(assigned.clusters, clusters.clusters);
        await writeFileAtomic(join(context.directory, HISTOGRAM_FILE), JSON.stringify([...counts]));
        return assigned.flops;
      });
    },
  };
}

interface Texts {
  readonly windows: WindowSource;
  all(): AsyncGenerator<readonly string[]>;
  one(window: number): string;
}

async function trainingTexts(
  context: StageContext,
  role: string,
  length: number,
  limit: number | 'all' = 'all',
): Promise<Texts> {
  const tokenizer = await readTokenizer(context);
  const windows = await trainingWindows(context.input(role), length, limit);
  return { windows, all: () => windowTexts(windows, tokenizer), one: windowReader(windows, tokenizer) };
}

async function* embedded(
  { windows, all }: Texts,
  embedding: WindowEmbedding,
  { signal, progress }: StageContext,
): AsyncGenerator<Float32Array> {
  let done = 0;
  for await (const batch of all()) {
    signal.throwIfAborted();
    yield await embedding.embed(batch);
    done += batch.length;
    progress({ fraction: done / windows.count, message: `${done} of ${windows.count} windows` });
  }
}

function openEmbedding(plan: ExperimentPlan, context: StageContext): Promise<WindowEmbedding> {
  const { embedding } = plan.selection;
  return embedding === 'lsi'
    ? LsiEmbedding.load(context.input('embedding'))
    : SentenceEncoder.open({ folder: embedding.sentenceEncoder });
}

const clusteringSchema = z.object({ clusters: z.number(), inertia: z.number() });

async function writeClustering(
  { directory }: StageContext,
  { clusters, centroids, dimensions, inertia }: Clustering,
  assignments: Uint32Array,
): Promise<void> {
  await writeVectors(join(directory, CENTROIDS_FILE), dimensions, [centroids]);
  const bytes = new Uint8Array(assignments.buffer, assignments.byteOffset, assignments.byteLength);
  await writeFileAtomic(join(directory, ASSIGNMENTS_FILE), bytes);
  await writeFileAtomic(join(directory, CLUSTERING_FILE), JSON.stringify({ clusters, inertia }));
}

export async function readClustering(directory: string): Promise<Clustering> {
  const file = await VectorFile.open(join(directory, CENTROIDS_FILE));
  const centroids = await file.read(0, file.count);
  await file.close();
  return {
    ...(await readJson(directory, CLUSTERING_FILE, clusteringSchema)),
    dimensions: file.dimensions,
    centroids,
  };
}

/** The cluster of every generic training window. */
export async function readAssignments(
  directory: string,
): Promise<{ readonly clusters: number; readonly assignments: Uint32Array }> {
  const { clusters } = await readJson(directory, CLUSTERING_FILE, clusteringSchema);
  const bytes = await readFile(join(directory, ASSIGNMENTS_FILE));
  return { clusters, assignments: new Uint32Array(Uint8Array.from(bytes).buffer) };
}

export function readClusterCards(directory: string): Promise<ClusterCard[]> {
  return readJson(directory, CARDS_FILE, z.array(clusterCardSchema));
}

/** What `histogramStage` left. */
export async function readHistogram(directory: string): Promise<Histogram> {
  return histogramOf(Float64Array.from(await readJson(directory, HISTOGRAM_FILE, z.array(z.number()))));
}

async function readJson<T>(directory: string, name: string, schema: z.ZodType<T>): Promise<T> {
  const path = join(directory, name);
  const parsed = schema.safeParse(JSON.parse(await readFile(path, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new CorruptionError(`${path} is damaged.`, 'Remove the artifact and run again.', parsed.error);
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
