/**
 * What selection did for a domain, as results tell it: histograms over clusters with the clusters' cards, draws of
 * generic windows, and chosen experts. Shares are of windows, 0 to 1; entropies and divergences are in nats. Each fact
 * names the artifact that it was read from.
 */
import * as z from 'zod';
import type { DsirReport } from '../../selection/sampling/dsir.ts';
import type { SamplingReport } from '../../selection/sampling/importance-sampling.ts';

const sourceSchema = z.object({
  fingerprint: z.string(),
  /** Ids of the methods that used it. */
  methods: z.array(z.string()).readonly(),
  seed: z.number(),
  /** The in-domain training set that it was made for, as it was asked for. */
  domainTokens: z.union([z.number(), z.literal('all')]),
});
type Source = Readonly<z.infer<typeof sourceSchema>>;

const cardSchema = z.object({
  cluster: z.number(),
  /** Generic windows. */
  windows: z.number(),
  /** What sets the cluster apart, best first. */
  terms: z.array(z.string()).readonly(),
  /** Beginnings of the generic windows nearest to the centre, nearest first. */
  excerpts: z.array(z.string()).readonly(),
});
export type CardFacts = Readonly<z.infer<typeof cardSchema>>;

/** A domain's histogram over clusters of the generic text; the arrays have one entry a cluster. */
const histogramSchema = sourceSchema.extend({
  clusters: z.number(),
  domainWindows: z.number(),
  genericWindows: z.number(),
  entropy: z.number(),
  /** exp(entropy). */
  effectiveClusters: z.number(),
  modalCluster: z.number(),
  /** The clusters that are as frequent as the modal one, which is the first of them; none when there is no tie. */
  tiedClusters: z.array(z.number()).readonly(),
  modalShare: z.number(),
  /** Share of the domain in clusters that the generic text hardly has: less than a tenth of an even share. */
  uncoveredShare: z.number(),
  domainShares: z.array(z.number()).readonly(),
  genericShares: z.array(z.number()).readonly(),
  /** P(c|spec) / P(c|gen), the domain conditioned on the clusters that have generic windows. */
  weights: z.array(z.number()).readonly(),
  /** Of the clusters that hold most of the domain, the largest share first. */
  cards: z.array(cardSchema).readonly(),
});
export type HistogramFacts = Readonly<z.infer<typeof histogramSchema>>;

/** A domain's histograms over clusters; of `SelectionFacts` what the panels show. */
export const domainHistogramsSchema = z.object({
  domain: z.string(),
  /** One for each in-domain set and clustering: of the largest set and the first seed first. */
  histograms: z.array(histogramSchema).readonly(),
});
export type DomainHistograms = Readonly<z.infer<typeof domainHistogramsSchema>>;

export interface SelectionFacts extends DomainHistograms {
  readonly draws: readonly DrawFacts[];
  readonly ngramSelections: readonly NgramSelectionFacts[];
  readonly choices: readonly ChoiceFacts[];
  /** Labels of artifacts that could not be told of, because they were cleaned away or are damaged. */
  readonly unread: readonly string[];
}

interface WindowSource extends Source {
  /** The pretraining budgets that read these windows: all of one, and the decay of a larger one, may ask for as many. */
  readonly budgetTokens: readonly number[];
}

/** Generic windows drawn by importance (paper section 2.4); smoothing and cap are ours. */
export interface DrawFacts extends WindowSource, Omit<SamplingReport, 'asked' | 'used'> {
  readonly clusters: number;
  /** Total variation between the domain's histogram and the one drawn by: what smoothing and cap changed. */
  readonly change: number;
}

/** Generic windows selected by n-grams (DSIR). */
export interface NgramSelectionFacts extends WindowSource, DsirReport {}

/** The expert of a hard mixture that was specialised (paper table 5). */
export interface ChoiceFacts extends Source {
  /** What was compared, and on which text. */
  readonly rule: string;
  readonly pretrainingTokens: number;
  /** Number of the chosen expert, which is that of its cluster. */
  readonly expert: number;
  /** Experts that the rule does not tell apart, of which the first was taken; none when there is no tie. */
  readonly tied: readonly number[];
  readonly experts: number;
  /** Nats a token of every expert, where losses decided. */
  readonly losses?: readonly number[];
  /** Terms of the expert's cluster; none when its clustering was cleaned away. */
  readonly terms: readonly string[];
}
