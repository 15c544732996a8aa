/**
 * Clusters of the generic corpus and the domain's histogram over them (paper section 2.3): windows are embedded and
 * grouped by k-means once for all domains; a domain's windows then go to their nearest centroid. The embedding and
 * the vectors are shared by every number of clusters and every seed; each seed has its own k-means, so that a range over
 * seeds holds its chance too. All of it is booked, though the paper leaves it out.
 */
import { join } from 'node:path';
import * as z from 'zod';
import { letSignalsIn } from '../../../common/interruption.ts';
import type { WindowSource } from '../../../corpus/windows/windows.ts';
import type { StageInput } from '../../../pipeline/define-stage.ts';
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
import { defineStage, embeddingPlaces, noPlaces, setFields } from '../define.ts';
import { type MethodInputs, readTokenizer } from '../method-inputs.ts';
import { type DomainSet, readingText, setInWords, setParameters } from '../stage-text.ts';
import { timed } from '../timed.ts';
import { readClustering, writeClusterCards, writeClustering, writeHistogram } from './clustering-files.ts';

const VECTORS_FILE = 'vectors.npy';

/** What an embedding that is fitted here is called, in place of an encoder's hash. */
const LSI = 'lsi';

/** One embedding for all seeds: it costs most of a clustering, and its own chance hardly shows in its vectors. */
const EMBEDDING_SEED = 1;

export const embedding = defineStage({
  kind: 'embedding',
  version: 2,
  /** `lsi`, or the hash of a sentence encoder, whatever folder that is in. */
  parameters: z.strictObject({ embedding: z.string(), context: z.number() }),
  places: embeddingPlaces,
  inputs: { tokenizer: 'one', tokens: 'one' },
  run: ({ parameters, input, directory, signal, progress, book }) =>
    readingText(async (text) => {
      // A sentence encoder is there already: only its content is remembered, as a parameter.
      if (parameters.embedding !== LSI) return;
      await timed({ book }, async () => {
        const tokens = await readTokenizer(input('tokenizer'));
        const windows = await text.training(input('tokens'), parameters.context);
        const lsi = await LsiEmbedding.fit(() => windowTexts(windows, tokens, signal), {
          seed: EMBEDDING_SEED,
          signal,
          onProgress: (fraction) => progress({ fraction, message: 'singular vectors' }),
        });
        await lsi.save(directory);
        return lsi.flops;
      });
    }),
});

/** What windows are compared by, fitted on the generic training windows. */
function embeddingStage({ plan, tokenizer, generic, services }: MethodInputs): Stage {
  const chosen = plan.selection.embedding;
  const isLsi = chosen === LSI;
  const label = isLsi ? 'embedding by latent semantic indexing' : `embedding by ${chosen.sentenceEncoder}`;
  return embedding.stage(
    {
      label,
      subject: label,
      booking: 'generic',
      parameters: { embedding: isLsi ? LSI : chosen.content, context: plan.context },
      places: encoderOf(plan),
      inputs: { tokenizer, tokens: generic },
    },
    services,
  );
}

function encoderOf({ selection }: ExperimentPlan): z.infer<typeof embeddingPlaces> {
  return { encoder: selection.embedding === LSI ? null : selection.embedding.sentenceEncoder };
}

export const windowVectors = defineStage({
  kind: 'window-vectors',
  version: 2,
  parameters: z.strictObject({ context: z.number() }),
  places: embeddingPlaces,
  inputs: { tokenizer: 'one', tokens: 'one', embedding: 'one' },
  run: ({ parameters, places, input, directory, book, ...work }) =>
    readingText((text) =>
      timed({ book }, async () => {
        const windows = await text.training(input('tokens'), parameters.context);
        const path = join(directory, VECTORS_FILE);
        return withEmbedding(places, { input }, async (open) => {
          await writeVectors(path, open.embedding.dimensions, embedded(windows, open, work));
          return open.embedding.flops;
        });
      }),
    ),
});

/** The vectors of all generic training windows, in their order. */
function vectorsStage(given: MethodInputs): Stage {
  const { plan, tokenizer, generic, services } = given;
  const label = 'vectors of the generic windows';
  return windowVectors.stage(
    {
      label,
      subject: label,
      booking: 'generic',
      parameters: { context: plan.context },
      places: encoderOf(plan),
      inputs: { tokenizer, tokens: generic, embedding: embeddingStage(given) },
    },
    services,
  );
}

export const clustering = defineStage({
  kind: 'clustering',
  version: 1,
  parameters: z.strictObject({
    clusters: z.number(),
    context: z.number(),
    engine: z.string(),
    seed: z.number(),
    balanced: z.boolean().optional(),
  }),
  places: noPlaces,
  inputs: { tokenizer: 'one', tokens: 'one', vectors: 'one' },
  run: ({ parameters, input, directory, book, services, ...work }) =>
    readingText((text) =>
      timed({ book }, async () => {
        const { clusters, balanced = false, seed, context } = parameters;
        const options = { clusters, balanced, seed, engine: services.engine() };
        const found = await clusterVectors(input('vectors').directory, work, options);
        const { assigned, flops } = found;
        await writeClustering(directory, found.clustering, assigned.clusters);
        const tokens = await readTokenizer(input('tokenizer'));
        const one = windowReader(await text.training(input('tokens'), context), tokens);
        const cards = await clusterCards({
          generic: clusterHistogram(assigned.clusters, clusters),
          assignments: assigned.clusters,
          squaredDistances: assigned.squaredDistances,
          textsOf: async (windows) => {
            await letSignalsIn(work.signal);
            return Array.from(windows, one);
          },
        });
        await writeClusterCards(directory, cards);
        return flops;
      }),
    ),
});

/** A seed's k-means of the generic windows; the artifact says which windows are in which cluster, and what each is about. */
export function clusteringStage(given: MethodInputs, clusters: number, seed: number): Stage {
  const { plan, tokenizer, generic, services } = given;
  const { balanced } = plan.selection;
  const label = `${clusters}${balanced ? ' balanced' : ''} clusters of the generic windows, seed ${seed}`;
  return clustering.stage(
    {
      label,
      subject: label,
      booking: 'generic',
      parameters: {
        clusters,
        context: plan.context,
        engine: services.engineName,
        seed,
        ...(balanced && { balanced }),
      },
      places: null,
      inputs: { tokenizer, tokens: generic, vectors: vectorsStage(given) },
    },
    services,
  );
}

/** k-means of the vectors of a folder, and the cluster of each of them. */
async function clusterVectors(
  vectorsFolder: string,
  { progress, signal }: Pick<StageContext, 'progress' | 'signal'>,
  options: Pick<Parameters<typeof fitClusters>[1], 'clusters' | 'balanced' | 'seed' | 'engine'>,
) {
  const vectors = await VectorFile.open(join(vectorsFolder, VECTORS_FILE));
  try {
    const onProgress = () => progress({ fraction: 0.5, message: 'k-means' });
    const clustering = await fitClusters(vectors, { ...options, signal, onProgress });
    const assigned = await assignClusters(vectors, clustering, { engine: options.engine, signal });
    return { clustering, assigned, flops: clustering.flops + assigned.flops };
  } finally {
    await vectors.close();
  }
}

export const histogram = defineStage({
  kind: 'histogram',
  version: 3,
  parameters: z.strictObject({ context: z.number(), ...setFields, engine: z.string() }),
  places: embeddingPlaces,
  inputs: { tokenizer: 'one', tokens: 'one', clustering: 'one', embedding: 'one' },
  run: ({ parameters, places, input, directory, book, services, ...work }) =>
    readingText((text) =>
      timed({ book }, async () => {
        const windows = await text.domain(input('tokens'), parameters.context, parameters);
        const rows: Float32Array[] = [];
        const used = await withEmbedding(places, { input }, async (open) => {
          for await (const chunk of embedded(windows, open, work)) rows.push(chunk);
          return open.embedding;
        });
        const vectors = new MemoryVectors(concatenated(rows), used.dimensions);
        const clusters = await readClustering(input('clustering').directory);
        const { signal } = work;
        const assigned = await assignClusters(vectors, clusters, { engine: services.engine(), signal });
        const { counts } = clusterHistogram(assigned.clusters, clusters.clusters);
        await writeHistogram(directory, counts);
        return used.flops + assigned.flops;
      }),
    ),
});

/** How the windows of a domain's training set spread over the clusters. */
export function histogramStage(given: MethodInputs, clusters: Stage, set: DomainSet): Stage {
  const { plan, tokenizer, domain, services } = given;
  const label = `histogram of ${setInWords(set, domain.name)} over ${clusters.label}`;
  return histogram.stage(
    {
      label,
      subject: label,
      booking: 'specialization',
      parameters: { context: plan.context, ...setParameters(set), engine: services.engineName },
      places: encoderOf(plan),
      inputs: {
        tokenizer,
        tokens: domain.tokens,
        clustering: clusters,
        embedding: embeddingStage(given),
      },
    },
    services,
  );
}

async function* embedded(
  windows: WindowSource,
  { embedding, tokenizer }: OpenEmbedding,
  { signal, progress }: Pick<StageContext, 'signal' | 'progress'>,
): AsyncGenerator<Float32Array> {
  let done = 0;
  for await (const batch of windowTexts(windows, tokenizer, signal)) {
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
  { encoder }: z.infer<typeof embeddingPlaces>,
  { input }: { input(role: 'tokenizer' | 'embedding'): StageInput },
  work: (open: OpenEmbedding) => Promise<T>,
): Promise<T> {
  const tokenizer = await readTokenizer(input('tokenizer'));
  const opened =
    encoder === null
      ? await LsiEmbedding.load(input('embedding').directory)
      : await SentenceEncoder.open({ folder: encoder });
  try {
    return await work({ embedding: opened, tokenizer });
  } finally {
    await opened.close();
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
