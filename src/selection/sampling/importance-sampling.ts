/**
 * Cluster-based importance sampling (arXiv 2402.01093, section 2.4; as an algorithm in CRISP, arXiv 2410.03735):
 *
 *     c ~ P(c | D_spec),   x ~ Uniform(D_gen of cluster c), with replacement
 *
 * Under P(x | c, D_spec) = P(x | c) the mean loss over this stream is the loss on the domain. Drawing instead of
 * weighting the loss by w(c) = P(c|D_spec) / P(c|D_gen) does not spend steps on windows of nearly no weight.
 *
 * Ours, because the paper says nothing of it and small corpora overfit otherwise (arXiv 2410.02498):
 * - smoothing: p = (1 - s) P(c|D_spec) + s P(c|D_gen), then conditioned on the clusters that have generic windows;
 * - a cap: no cluster is drawn for more than R times its tokens. Its excess goes to the other clusters in proportion
 *   to their p: the windows to draw of a cluster of n windows are x = min(lambda p, R n), with the lambda that yields the
 *   wanted tokens. Solved exactly over the sorted limits; no iteration.
 * The closer the wanted tokens come to R times the generic tokens, the closer the stream comes to the generic one.
 */
import * as z from 'zod';
import { InputError } from '../../common/errors.ts';
import { Random } from '../../common/random.ts';
import {
  effectiveClusters,
  entropy,
  type Histogram,
  histogramOf,
  totalVariation,
} from '../clustering/histogram.ts';
import { drawFromPools, type Pools } from './pool-draws.ts';

/**
 * Ours, not the paper's. Four repetitions: up to four epochs over the same text cost a language model next to nothing
 * (Muennighoff et al., "Scaling Data-Constrained Language Models", arXiv 2305.16264).
 */
export const SAMPLING_DEFAULTS = { smoothing: 0.05, maximumRepetition: 4 } as const;

export interface SamplingOptions {
  /** The domain's cluster histogram. */
  readonly domain: Histogram;
  /** Window numbers of the generic corpus, by cluster. */
  readonly windowsByCluster: readonly Uint32Array[];
  /** Tokens of a generic window. */
  readonly tokensOf: (window: number) => number;
  readonly wantedTokens: number;
  /** The share that comes from the generic histogram, 0 to 1. */
  readonly smoothing?: number;
  /** How often the tokens of a cluster may be drawn on average. */
  readonly maximumRepetition?: number;
  readonly seed: number;
}

const share = z.number().min(0).max(1);
const histogram = z.object({
  /** One a cluster. */
  shares: z.array(share),
  /** Nats. */
  entropy: z.number(),
  effectiveClusters: z.number(),
});

/** What was asked for and what was drawn; histograms by windows. */
export const samplingReportSchema = z.object({
  wantedTokens: z.number(),
  drawnTokens: z.number(),
  drawnWindows: z.number(),
  distinctWindows: z.number(),
  /** The domain's histogram. */
  asked: histogram,
  /** Smoothed, conditioned on the clusters that have generic windows, and capped. */
  used: histogram,
  /** Total variation of what was drawn to what was used: chance and the hard limit of the cap. */
  deviation: share,
  smoothing: share,
  /** Share of the domain in clusters without generic windows. */
  uncovered: share,
  /** Share of the stream that the cap moved to other clusters. */
  movedByCap: share,
  maximumRepetition: z.object({
    asked: z.number(),
    /** Greater than asked when the generic text of the clusters that are drawn from is too short for the wanted tokens. */
    used: z.number(),
  }),
  /** Tokens drawn by tokens at hand: of the cluster with most, and over all clusters that were drawn from. */
  repetition: z.object({ maximum: z.number(), mean: z.number() }),
});

export type SamplingReport = z.infer<typeof samplingReportSchema>;

export interface DrawnWindows {
  /** Window numbers of the generic corpus in the order of the draws; some occur several times. */
  readonly windows: Uint32Array;
  /** Tokens of all drawn windows: the wanted ones and less than a window more. */
  readonly tokens: number;
  readonly report: SamplingReport;
}

/**
 * Draws generic windows by the domain's histogram until `wantedTokens` are reached. Equal options give equal draws.
 * Throws an `InputError` when no cluster with generic windows has a share of the smoothed histogram.
 */
export function drawWindows(options: SamplingOptions): DrawnWindows {
  const { domain, wantedTokens, smoothing = SAMPLING_DEFAULTS.smoothing, seed } = options;
  const { maximumRepetition = SAMPLING_DEFAULTS.maximumRepetition } = options;
  check(options, smoothing, maximumRepetition);
  const pools = poolsOf(options);
  const smoothed = smoothedHistogram(domain.shares, pools, smoothing);
  const cap = Math.max(maximumRepetition, smallestCap(smoothed, pools, wantedTokens));
  const used = cappedHistogram(smoothed, pools, wantedTokens, cap);
  const drawn = drawFromPools(used, pools, {
    wantedTokens,
    cap,
    random: Random.fromSeed(seed, 'importance sampling'),
  });
  const report: SamplingReport = {
    wantedTokens,
    drawnTokens: drawn.tokens,
    drawnWindows: drawn.windows.length,
    distinctWindows: distinct(drawn.windows),
    asked: described(domain.shares),
    used: described(used),
    deviation: totalVariation(
      used,
      drawn.windowsOf.map((count) => count / drawn.windows.length),
    ),
    smoothing,
    uncovered: uncovered(domain.shares, pools),
    movedByCap: totalVariation(smoothed, used),
    maximumRepetition: { asked: maximumRepetition, used: cap },
    repetition: repetition(drawn.tokensOf, pools),
  };
  return { windows: drawn.windows, tokens: drawn.tokens, report };
}

function check(options: SamplingOptions, smoothing: number, maximumRepetition: number): void {
  const clusters = options.domain.shares.length;
  if (options.windowsByCluster.length !== clusters) {
    throw new RangeError(
      `The domain has ${clusters} clusters, the generic corpus ${options.windowsByCluster.length}.`,
    );
  }
  if (!(Number.isInteger(options.wantedTokens) && options.wantedTokens > 0)) {
    throw new RangeError(`${options.wantedTokens} tokens cannot be drawn.`);
  }
  if (!(smoothing >= 0 && smoothing <= 1)) throw new RangeError(`Smoothing ${smoothing} is no share.`);
  if (!(maximumRepetition > 0)) throw new RangeError(`Repetition ${maximumRepetition} is not above 0.`);
}

function poolsOf({ windowsByCluster, tokensOf }: SamplingOptions): Pools {
  const tokens = Float64Array.from(windowsByCluster, (windows) =>
    windows.reduce((sum, window) => sum + tokensOf(window), 0),
  );
  return { windows: windowsByCluster, tokens, tokensOf };
}

/** (1 - s) P(c|D_spec) + s P(c|D_gen) over the clusters that have generic windows. */
function smoothedHistogram(spec: Float64Array, pools: Pools, smoothing: number): Float64Array {
  const generic = pools.windows.reduce((sum, { length }) => sum + length, 0);
  const mixed = spec.map((p, c) => {
    const count = pools.windows[c].length;
    return count === 0 ? 0 : (1 - smoothing) * p + (smoothing * count) / generic;
  });
  const total = mixed.reduce((sum, p) => sum + p, 0);
  if (!(total > 0)) {
    throw new InputError(
      'No generic text is in any of the clusters of the domain, so there is nothing to draw.',
      'Use a generic corpus that is closer to the domain, fewer clusters, or a smoothing above 0.',
    );
  }
  return mixed.map((p) => p / total);
}

function uncovered(spec: Float64Array, pools: Pools): number {
  const missing = spec.reduce((sum, p, c) => (pools.windows[c].length === 0 ? sum + p : sum), 0);
  return Math.min(1, missing);
}

/** The repetition that is unavoidable: wanted tokens by the tokens of all clusters that may be drawn from. */
function smallestCap(shares: Float64Array, pools: Pools, wantedTokens: number): number {
  const available = pools.tokens.reduce((sum, tokens, c) => (shares[c] > 0 ? sum + tokens : sum), 0);
  return wantedTokens / available;
}

/**
 * The windows to draw of each cluster, x_c = min(lambda p_c, R n_c) with sum_c x_c m_c = wanted tokens (m_c: mean tokens
 * of a window), as a histogram. Clusters reach their limit in the order of R n_c / p_c, so one pass finds lambda.
 */
function cappedHistogram(p: Float64Array, pools: Pools, wantedTokens: number, cap: number): Float64Array {
  const limits = p.map((share, c) => (cap * pools.windows[c].length) / share);
  const order = [...p.keys()].filter((c) => p[c] > 0).sort((a, b) => limits[a] - limits[b]);
  const perLambda = order.map((c) => (p[c] * pools.tokens[c]) / pools.windows[c].length);
  for (let i = order.length - 2; i >= 0; i--) perLambda[i] += perLambda[i + 1];
  const counts = new Float64Array(p.length);
  let tokensLeft = wantedTokens;
  let place = 0;
  for (; place < order.length && tokensLeft / perLambda[place] > limits[order[place]]; place++) {
    counts[order[place]] = cap * pools.windows[order[place]].length;
    tokensLeft -= cap * pools.tokens[order[place]];
  }
  for (const c of order.slice(place)) counts[c] = (p[c] * Math.max(0, tokensLeft)) / perLambda[place];
  return histogramOf(counts).shares;
}

function distinct(windows: Uint32Array): number {
  const seen = new Uint8Array(windows.reduce((largest, window) => Math.max(largest, window), 0) + 1);
  for (const window of windows) seen[window] = 1;
  return seen.reduce((count, flag) => count + flag, 0);
}

function described(shares: Float64Array): SamplingReport['asked'] {
  return { shares: [...shares], entropy: entropy(shares), effectiveClusters: effectiveClusters(shares) };
}

function repetition(tokensOf: Float64Array, pools: Pools): SamplingReport['repetition'] {
  let maximum = 0;
  let drawn = 0;
  let available = 0;
  for (let c = 0; c < tokensOf.length; c++) {
    if (tokensOf[c] === 0) continue;
    maximum = Math.max(maximum, tokensOf[c] / pools.tokens[c]);
    drawn += tokensOf[c];
    available += pools.tokens[c];
  }
  return { maximum, mean: drawn / available };
}
