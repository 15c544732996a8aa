/**
 * What embedding and clustering text will take in floating-point operations, before any text is read: the formulas by
 * which the stages count, with what text has as a rule in the place of what is not known yet. The constants were measured
 * on 0.2 and 1.5 million tokens of the sample's generic corpus (vocabulary 1,024).
 */

import { fitFlops } from './clustering/kmeans.ts';
import type { EncoderCost } from './embedding/encoder-cost.ts';
import { fittedTerms, LSI_DIMENSIONS, sampledWindows } from './embedding/lsi.ts';
import { singularVectorFlops } from './embedding/svd.ts';

export interface TextAmount {
  readonly tokens: number;
  readonly windows: number;
  readonly bytesPerToken: number;
}

export interface PredictedFlops {
  readonly expected: number;
  readonly maximum: number;
}

/** Different known terms of a window, for each byte of its text: 0.17 for each of the sample's tokens of 2.4 bytes. */
const TERMS_PER_BYTE = 0.07;
/** Terms that two windows share: 2.3 n^0.62 for n tokens of 2.4 bytes, after Heaps. */
const TERMS_FACTOR = 1.33;
const TERMS_EXPONENT = 0.62;
/** English text in word pieces of a vocabulary of 30,000, and the two tokens around it. */
const ENCODER_BYTES_PER_TOKEN = 4.2;
const ENCODER_EXTRA_TOKENS = 2;
/** Passes over all vectors after those over the sample. */
const USUAL_PASSES = 3;
/** Unigrams and bigrams of a text, for each byte: 1.0 for each of the sample's tokens of 2.4 bytes. */
const NGRAMS_PER_BYTE = 0.42;

const entriesOf = ({ tokens, bytesPerToken }: TextAmount): number => TERMS_PER_BYTE * bytesPerToken * tokens;

export function lsiFitFlops(text: TextAmount): PredictedFlops {
  const rows = sampledWindows(text.windows);
  const share = rows / text.windows;
  const terms = fittedTerms(TERMS_FACTOR * (text.tokens * text.bytesPerToken * share) ** TERMS_EXPONENT);
  const flops = (columns: number): number =>
    singularVectorFlops(rows, columns, entriesOf(text) * share, LSI_DIMENSIONS);
  return { expected: flops(terms), maximum: flops(fittedTerms(Number.POSITIVE_INFINITY)) };
}

/** `encoder` is absent for latent semantic indexing. */
export function embeddingFlops(text: TextAmount, encoder: EncoderCost | undefined): PredictedFlops {
  if (encoder === undefined) return same(2 * LSI_DIMENSIONS * entriesOf(text));
  const whole = (text.tokens * text.bytesPerToken) / text.windows / ENCODER_BYTES_PER_TOKEN;
  const length = Math.min(encoder.maximumTokens, whole + ENCODER_EXTRA_TOKENS);
  return same(text.windows * length * encoder.flopsPerToken(length));
}

/** k-means of all windows and their assignment. */
export function clusteringFlops(
  { windows }: TextAmount,
  clusters: number,
  encoder: EncoderCost | undefined,
): PredictedFlops {
  const shape = { vectors: windows, clusters, dimensions: encoder?.dimensions ?? LSI_DIMENSIONS };
  const assignment = assignmentFlops(windows, clusters, encoder);
  return {
    expected: fitFlops(shape, USUAL_PASSES) + assignment,
    maximum: fitFlops(shape) + assignment,
  };
}

/** Each window to the nearest of the centroids. */
export function assignmentFlops(windows: number, clusters: number, encoder: EncoderCost | undefined): number {
  return 2 * windows * clusters * (encoder?.dimensions ?? LSI_DIMENSIONS);
}

/** Additions: domain and selected text are counted once, generic text is counted and weighed. */
export function ngramFlops(domain: TextAmount, generic: TextAmount, wantedTokens: number): PredictedFlops {
  const tokens = domain.tokens + 2 * generic.tokens + Math.min(wantedTokens, generic.tokens);
  return same(NGRAMS_PER_BYTE * generic.bytesPerToken * tokens);
}

const same = (flops: number): PredictedFlops => ({ expected: flops, maximum: flops });
