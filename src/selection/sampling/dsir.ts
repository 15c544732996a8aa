/**
 * Data selection with importance resampling (DSIR, arXiv 2302.03169), a selector without clusters or embeddings:
 *
 *     fit       p_target, p_raw: frequencies of unigrams and bigrams, hashed into 10,000 buckets
 *     weigh     ln w(x) = sum over the n-grams of x of  ln(p_target + 1e-8) - ln(p_raw + 1e-8)
 *     resample  the highest ln w(x) + Gumbel(0, 1): draws by w(x) without replacement
 *
 * Texts stream in batches; what stays is one float a window. How well a selection worked is told by the KL reduction,
 * KL(p_target || p_raw) - KL(p_target || p_selected), which the authors find to predict accuracy downstream. Of a small
 * selection it is an underestimate: buckets that are empty by chance count against it.
 *
 * ln w(x) is a sum, so a short window is never very unlikely and would be selected too often: the authors drop documents
 * under 100 words, here windows under `minimumTokens` are left out.
 */
import * as z from 'zod';
import { InputError } from '../../common/errors.ts';
import { Random } from '../../common/random.ts';
import { type Flops, flops } from '../../common/units.ts';
import { BUCKETS, NgramHasher } from './hashed-ngrams.ts';

/** Texts, some at a time. */
export type TextBatches = Iterable<readonly string[]> | AsyncIterable<readonly string[]>;

/** Frequencies of hashed n-grams; each array has one entry a bucket and sums to 1. */
export interface NgramModel {
  readonly target: Float64Array;
  readonly raw: Float64Array;
  /** How many n-grams each was counted from. */
  readonly ngrams: { readonly target: number; readonly raw: number };
}

export interface ResamplingOptions {
  /** ln w(x) of each window. */
  readonly logWeights: Float32Array;
  readonly tokensOf: (window: number) => number;
  readonly wantedTokens: number;
  /** Shorter windows are left out; 0 takes all. */
  readonly minimumTokens: number;
  readonly seed: number;
}

export interface Resampled {
  /** Window numbers, the likeliest draw first; none occurs twice. */
  readonly windows: Uint32Array;
  /** Tokens of these windows: the wanted ones and less than a window more, or all there are. */
  readonly tokens: number;
  readonly leftOutAsShort: number;
}

export const dsirReportSchema = z.object({
  wantedTokens: z.number(),
  selectedTokens: z.number(),
  selectedWindows: z.number(),
  /** Windows of the raw text. */
  windows: z.number(),
  leftOutAsShort: z.number(),
  /** How often training has to read the selection: above 1 when all of it holds fewer tokens than are wanted. */
  repetition: z.number(),
  /** Nats over the buckets. */
  klToRaw: z.number(),
  klToSelected: z.number(),
  klReduction: z.number(),
});

export type DsirReport = z.infer<typeof dsirReportSchema>;

export interface DsirOptions extends Omit<ResamplingOptions, 'logWeights'> {
  /** The domain's texts; every call starts from the first. */
  readonly target: () => TextBatches;
  /** The texts of all generic windows in the order of their numbers; every call starts from the first. */
  readonly raw: () => TextBatches;
  /** The number of generic windows. */
  readonly windows: number;
  readonly textsOf: (windows: Uint32Array) => TextBatches;
}

export interface Selected {
  readonly windows: Uint32Array;
  readonly tokens: number;
  readonly report: DsirReport;
  /** Additions of counts and of log weights: hashing has no floating-point operations. */
  readonly flops: Flops;
}

/** Added to frequencies inside of a logarithm, as the authors do. */
const EPSILON = 1e-8;

/** Fits, weighs and resamples. Throws an `InputError` when the domain or the generic text has no words. */
export async function selectWindows(options: DsirOptions): Promise<Selected> {
  const model = await fit(options.target(), options.raw());
  const logWeights = await weigh(model, options.raw(), options.windows);
  const { windows, tokens, leftOutAsShort } = resample({ ...options, logWeights });
  const selected = await ngramFrequencies(options.textsOf(windows), 'selected text');
  const klToRaw = divergence(model.target, model.raw);
  const klToSelected = divergence(model.target, selected.shares);
  const report = {
    wantedTokens: options.wantedTokens,
    selectedTokens: tokens,
    selectedWindows: windows.length,
    windows: options.windows,
    leftOutAsShort,
    repetition: Math.max(1, options.wantedTokens / tokens),
    klToRaw,
    klToSelected,
    klReduction: klToRaw - klToSelected,
  };
  const { target, raw } = model.ngrams;
  // Counting takes an addition for each n-gram, weighing another for those of the generic text.
  return { windows, tokens, report, flops: flops(target + 2 * raw + selected.ngrams) };
}

/** p_target and p_raw. */
export async function fit(target: TextBatches, raw: TextBatches): Promise<NgramModel> {
  const [own, other] = [
    await ngramFrequencies(target, 'domain'),
    await ngramFrequencies(raw, 'generic corpus'),
  ];
  return {
    target: own.shares,
    raw: other.shares,
    ngrams: { target: own.ngrams, raw: other.ngrams },
  };
}

/** ln w(x) of each of `count` windows, whose texts come in the order of their numbers. */
export async function weigh(model: NgramModel, texts: TextBatches, count: number): Promise<Float32Array> {
  const logRatios = model.target.map((p, i) => Math.log(p + EPSILON) - Math.log(model.raw[i] + EPSILON));
  const hasher = new NgramHasher();
  const logWeights = new Float32Array(count);
  let window = 0;
  for await (const batch of texts) {
    for (const text of batch) {
      let sum = 0;
      for (const bucket of hasher.buckets(text)) sum += logRatios[bucket];
      logWeights[window++] = sum;
    }
  }
  if (window !== count) throw new RangeError(`${window} texts came for ${count} windows.`);
  return logWeights;
}

/** Draws windows without replacement with probabilities in proportion to w(x) (the Gumbel top-k trick). */
export function resample(options: ResamplingOptions): Resampled {
  const { logWeights, tokensOf, wantedTokens, minimumTokens, seed } = options;
  const random = Random.fromSeed(seed, 'resampling');
  const keys = Float64Array.from(logWeights, (logWeight) => logWeight + gumbel(random));
  const eligible = Uint32Array.from(keys.keys()).filter((window) => tokensOf(window) >= minimumTokens);
  const order = eligible.sort((a, b) => keys[b] - keys[a]);
  let tokens = 0;
  let taken = 0;
  while (taken < order.length && tokens < wantedTokens) tokens += tokensOf(order[taken++]);
  if (taken === 0) {
    throw new InputError(
      `None of the ${keys.length} generic windows has the ${minimumTokens} tokens that a selection asks for.`,
      'Use longer documents as generic corpus, or a smaller context length.',
    );
  }
  return { windows: order.slice(0, taken), tokens, leftOutAsShort: keys.length - eligible.length };
}

/** The frequencies of hashed unigrams and bigrams of all texts together. */
async function ngramFrequencies(
  texts: TextBatches,
  what: string,
): Promise<{ readonly shares: Float64Array; readonly ngrams: number }> {
  const hasher = new NgramHasher();
  const counts = new Float64Array(BUCKETS);
  let total = 0;
  for await (const batch of texts) {
    for (const text of batch) {
      const buckets = hasher.buckets(text);
      for (const bucket of buckets) counts[bucket]++;
      total += buckets.length;
    }
  }
  if (total === 0) {
    throw new InputError(
      `There are no words in the ${what}, so windows cannot be compared by their words.`,
      'Check that the files hold text and are not all excluded.',
    );
  }
  return { shares: counts.map((count) => count / total), ngrams: total };
}

/** KL(p || q) in nats with the same constant inside of the logarithms as in the weights. */
function divergence(p: Float64Array, q: Float64Array): number {
  let nats = 0;
  for (let i = 0; i < p.length; i++) {
    nats += p[i] * (Math.log(p[i] + EPSILON) - Math.log(q[i] + EPSILON));
  }
  return nats;
}

/** A draw from the standard Gumbel distribution. */
function gumbel(random: Random): number {
  return -Math.log(-Math.log(1 - random.uniform()));
}
