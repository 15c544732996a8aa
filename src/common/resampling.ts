/**
 * The paired bootstrap over held-out text (Efron and Tibshirani 1993, section 13.3): the mean loss of a model on sets
 * of documents that are drawn anew, with replacement, from those that were evaluated. The draws depend on the number of
 * parts alone, so two models that were evaluated on the same parts are resampled alike, and the difference of their
 * resamples is that of the pair: what is hard for both cancels out.
 */
import { Random } from './random.ts';

/** How often the evaluated text is drawn anew: enough for an interval of 90 %, few enough for every event log. */
export const RESAMPLES = 200;

/** With fewer documents than this, windows are drawn instead: of five documents only few different sets can be drawn. */
const LEAST_DOCUMENTS = 20;

/** What one part of the evaluated text contributes. */
export interface LossPart {
  readonly tokens: number;
  /** Sum over its tokens, in nats. */
  readonly negativeLogLikelihood: number;
}

/** What is drawn, and from how many. */
export interface DrawnParts {
  /** Documents, or windows where there are few documents. Windows of one document are alike, so that an interval over
   * windows is narrower than one over other documents would be. */
  readonly unit: 'documents' | 'windows';
  readonly units: number;
}

/** A domain's part in an average over domains. */
export interface DomainLoss extends DrawnParts {
  readonly domain: string;
  /** Mean nats a token of all that was evaluated. */
  readonly loss: number;
}

export interface Resampling extends DrawnParts {
  /** Of an average over domains. Its own `units` are the fewest of them. */
  readonly domains?: readonly DomainLoss[];
  /** Mean nats a token, one entry a resample. */
  readonly nats: readonly number[];
}

/** Both lists are of the same text; the order of each decides which parts are drawn together. */
export function resample(documents: readonly LossPart[], windows: readonly LossPart[]): Resampling {
  const unit = documents.length < LEAST_DOCUMENTS ? 'windows' : 'documents';
  const parts = unit === 'windows' ? windows : documents;
  return { unit, units: parts.length, nats: resampledMeans(parts) };
}

function resampledMeans(parts: readonly LossPart[]): number[] {
  const random = Random.fromSeed(parts.length, 'held-out resampling');
  return Array.from({ length: RESAMPLES }, () => {
    let tokens = 0;
    let nats = 0;
    for (let i = 0; i < parts.length; i++) {
      const part = parts[random.below(parts.length)];
      tokens += part.tokens;
      nats += part.negativeLogLikelihood;
    }
    return rounded(nats / tokens);
  });
}

/** To a millionth of a nat: far below any difference that counts, and short in a log. */
const rounded = (nats: number): number => Math.round(nats * 1e6) / 1e6;
