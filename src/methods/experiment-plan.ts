/**
 * What an experiment asks of its methods, with every default filled in: sizes, budgets, seeds. The experiment
 * file and its presets become this; stages and methods read nothing else.
 */

import type { ModelShape } from '../common/model-size.ts';
import type { CorpusSpecification } from '../corpus/sources/specification.ts';
import type { LengthLimits } from '../training/stopping.ts';

export type ModelName = 'small' | 'large';

/** What a training step is made for: its graph decides how much memory training takes. */
export type WholeNetwork = ModelName | 'projected' | 'distilled';
/** Of the last kind only factors are trained, beside weights that stay. */
export type TrainedNetwork = WholeNetwork | `low-rank ${ModelName}`;

/** The network whose weights are trained, or stay beside the factors. */
export function wholeNetwork(network: TrainedNetwork): WholeNetwork {
  if (network === 'low-rank small') return 'small';
  return network === 'low-rank large' ? 'large' : network;
}

export interface ExperimentPlan {
  /** Absent where there is only in-domain text. */
  readonly generic?: CorpusSpecification;
  readonly domains: readonly CorpusSpecification[];
  /** Tokens that the tokenizer should have; little text may give fewer. */
  readonly vocabulary: number;
  readonly context: number;
  readonly models: Readonly<Record<ModelName, ModelShape>>;
  /** Models that came in from elsewhere, with which training begins in place of a pretraining. */
  readonly from: Readonly<Partial<Record<ModelName, GivenModel>>>;
  readonly pretraining: PretrainingPlan;
  readonly fineTuning: FineTuningPlan;
  readonly selection: SelectionPlan;
  readonly mixture: MixturePlan;
  readonly projection: ProjectionPlan;
  readonly distillation: DistillationPlan;
  readonly mixing: MixingPlan;
  readonly decay: DecayPlan;
  /** Measured besides the grid, by every method that can. */
  readonly points: readonly PlannedPoint[];
  readonly seeds: readonly number[];
  /** A factor on every learning rate of the recipe. */
  readonly rate: number;
  /**
   * The rates of training from scratch fall with a model's width; without it they are those that narrow models were tuned
   * with. Absent in what was recorded before there was a choice.
   */
  readonly ratesByWidth?: true;
  /** Tokens of a batch that are computed at a time; about a thousand unless said otherwise. */
  readonly microBatchTokens?: number;
}

/** A Hugging Face folder whose model training begins with. */
export interface GivenModel {
  readonly folder: string;
  /** SHA-256 of configuration and weights, and of the tokenizer. */
  readonly content: string;
  readonly tokenizer: string;
  /** Operations that its own pretraining took, as the user states them; absent: not known. */
  readonly flops?: number;
}

/** The generic corpus first, where there is one. */
export function corporaOf({
  generic,
  domains,
}: Pick<ExperimentPlan, 'generic' | 'domains'>): readonly CorpusSpecification[] {
  return [...(generic === undefined ? [] : [generic]), ...domains];
}

/** A pretraining budget and an in-domain size in tokens, of which neither need be one of the grid. */
export interface PlannedPoint {
  readonly pretraining: number;
  readonly domainTokens: number | 'all';
}

export interface PretrainingPlan {
  /** Tokens of generic text, rising; one model per budget comes out, from one run with a decay for each. */
  readonly budgets: readonly number[];
  /** Tokens in a batch: a whole number of contexts. */
  readonly batchTokens: number;
}

export interface FineTuningPlan extends LengthLimits {
  /** Sizes of the in-domain training set in tokens, rising; the last is always `all` of it. */
  readonly domainTokens: readonly (number | 'all')[];
  readonly batchTokens: number;
  /** Tokens trained on without a lower validation loss before stopping, and one pass over the set at least. */
  readonly patienceTokens: number;
  /** Each combination is trained, and that of the lowest validation loss kept. */
  readonly search?: FineTuningSearch;
}

/** What is tried in training on the domain. A list is not empty; one that is absent tries nothing but what is usual. */
export interface FineTuningSearch {
  /** Factors on the learning rates. */
  readonly rates?: readonly number[];
  readonly weightDecay?: readonly number[];
  /** Shares of generic tokens that are mixed in. */
  readonly replay?: readonly number[];
}

/** How generic windows are clustered and drawn for a domain (paper sections 2.3 and 2.4). */
export interface SelectionPlan {
  /** What windows are compared by: latent semantic indexing, or the sentence encoder of a local model folder. */
  readonly embedding: 'lsi' | EncoderChoice;
  /** Clusters are fitted to equal sizes (c-BTM); windows still go to the nearest centroid. */
  readonly balanced: boolean;
  /** Clusters of importance sampling. */
  readonly clusters: number;
  /** Share of the generic histogram mixed into the domain's. */
  readonly smoothing: number;
  /** How often a cluster's text is repeated at most. */
  readonly maximumRepetition: number;
}

export interface EncoderChoice {
  /** The model's folder. */
  readonly sentenceEncoder: string;
  /** SHA-256 of its weights and tokenizer, which is what vectors depend on. */
  readonly content: string;
}

/** The hard mixture of experts (paper section 2.5). */
export interface MixturePlan {
  readonly experts: number;
  /** Which expert is specialised: that of the domain's most frequent cluster, the one with the lowest loss before
   * fine-tuning, or, after fine-tuning all, the best on validation (paper table 5). */
  readonly choice: 'modal' | 'lowest loss' | 'best fine-tuned';
  /** Experts branch from the stable phase of the generic model instead of starting anew (c-BTM). */
  readonly branching: boolean;
}

/** The projected network (paper section 2.5, "hyper-network" in its first version). */
export interface ProjectionPlan {
  /** k, the experts: one a cluster. */
  readonly clusters: number;
  /** h, the slabs that every expert's feed-forward matrices are combined from. */
  readonly slabs: number;
  /** m, the length of an expert's vector. */
  readonly expertSize: number;
  /** Groups of a batch, each of one cluster. */
  readonly groups: number;
  /** Share of the groups whose experts are blended with the mean of the batch's. */
  readonly blended: number;
  /** Projects to the domain's whole histogram (Soup-of-Experts) instead of its most frequent cluster. */
  readonly soft: boolean;
  /** From there fits the expert's vector to the in-domain set. */
  readonly fit: boolean;
}

/** The paper states neither; both are ours. */
export interface DistillationPlan {
  readonly temperature: number;
  /** Share of the teacher's distribution in the loss; the rest is the true token's. */
  readonly weight: number;
}

/** Text of the other corpus in training. */
export interface MixingPlan {
  /** Share of in-domain tokens in the pretraining of every method, which then is paid per domain. */
  readonly domainShare: number;
  /** Share of generic tokens in fine-tuning. */
  readonly replay: number;
}

/**
 * In-domain text where the learning rate of a pretraining for a domain falls (slm-is, slm-is-cont), which is paid per domain
 * anyway; `mixing.domainShare` takes its place unless it is 0. The paper has none in pretraining.
 */
export interface DecayPlan {
  /** Of in-domain tokens, at most. */
  readonly domainShare: number;
  /** How often the in-domain set is seen at most. */
  readonly maximumRepetition: number;
}
