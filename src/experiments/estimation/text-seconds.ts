/**
 * What stages without a model's speed take (reading, comparing, tokenizing and selecting text), from the bytes that they
 * read. For whoever must ask for time beforehand: such a stage does not resume, so too little is worse than too much.
 */
import * as z from 'zod';
import { fingerprint, type Stage } from '../../pipeline/stage.ts';

/** Of starting one, and of little text. */
export const TEXT_SECONDS = 60;

/** Bytes a second that two cores were measured at (bench/README.md). */
const MEASURED: Readonly<Record<string, number>> = {
  tokenizer: 25.2e6,
  tokens: 47.5e6,
  // 200,000 windows of 512 characters in 5.5 s.
  'window-vectors': 18.6e6,
  histogram: 18.6e6,
};
/** Of what was not measured: reading files of many kinds, comparing corpora, counting n-grams. */
const OTHER_BYTES_A_SECOND = 10e6;
/** k-means: 200,000 windows into 256 clusters in 1.9 s. */
const WINDOWS_TIMES_CLUSTERS_A_SECOND = 27e6;
/** A shared disk, a slow core and text unlike that of the measurement: this share of the rates is counted on. */
const SHARE = 0.2;

const clusteringSchema = z.object({ clusters: z.number(), context: z.number() });

export interface TextFacts {
  /** Of a corpus, by the fingerprints of its stages of reading and of tokens. */
  readonly bytes: ReadonlyMap<string, number>;
  readonly bytesPerToken: number;
}

export function textSeconds(stage: Stage, facts: TextFacts): number {
  const bytes = bytesRead(stage, facts.bytes);
  const rate = Object.hasOwn(MEASURED, stage.kind) ? MEASURED[stage.kind] : OTHER_BYTES_A_SECOND;
  const seconds = bytes / rate + clusteringSeconds(stage, bytes, facts.bytesPerToken);
  return Math.max(TEXT_SECONDS, seconds / SHARE);
}

/** A stage of a corpus reads that one, another stage the corpora that it is made from. */
function bytesRead(stage: Stage, bytes: ReadonlyMap<string, number>): number {
  const own = bytes.get(fingerprint(stage));
  if (own !== undefined) return own;
  const inputs = new Set(Object.values(stage.inputs).map(fingerprint));
  return [...inputs].reduce((sum, id) => sum + (bytes.get(id) ?? 0), 0);
}

/** Of windows that are compared with centroids. */
function clusteringSeconds(
  { kind, parameters, inputs }: Stage,
  bytes: number,
  bytesPerToken: number,
): number {
  if (kind !== 'clustering' && kind !== 'histogram') return 0;
  const { clusters, context } = clusteringSchema.parse(
    kind === 'clustering' ? parameters : inputs.clustering.parameters,
  );
  return ((bytes / bytesPerToken / context) * clusters) / WINDOWS_TIMES_CLUSTERS_A_SECOND;
}
