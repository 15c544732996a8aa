/**
 * What an experiment asks of its methods, with every default filled in: sizes, budgets, seeds. The experiment
 * file and its presets become this; stages and methods read nothing else.
 */
import type { CorpusSpecification } from '../corpus/specification.ts';
import type { ModelSize } from '../models/size.ts';

export type ModelName = 'small' | 'large';

export interface ExperimentPlan {
  readonly generic: CorpusSpecification;
  readonly domains: readonly CorpusSpecification[];
  /** Tokens that the tokenizer should have; little text may give fewer. */
  readonly vocabulary: number;
  readonly context: number;
  readonly models: Readonly<Record<ModelName, ModelShape>>;
  readonly pretraining: PretrainingPlan;
  readonly fineTuning: FineTuningPlan;
  readonly seeds: readonly number[];
  /** A factor on every learning rate of the recipe. */
  readonly rate: number;
}

/** A model's size but for what the experiment sets for all: context and vocabulary. */
export type ModelShape = Pick<ModelSize, 'layers' | 'width' | 'heads' | 'feedForward'>;

export interface PretrainingPlan {
  /** Tokens of generic text, rising; one model per budget comes out, from one run with a decay for each. */
  readonly budgets: readonly number[];
  /** Tokens in a batch: a whole number of contexts. */
  readonly batchTokens: number;
}

export interface FineTuningPlan {
  /** Sizes of the in-domain training set in tokens, rising; `all` of it comes last. */
  readonly domainTokens: readonly (number | 'all')[];
  readonly batchTokens: number;
  /** Times that the in-domain set is seen at most; validation stops earlier as a rule. */
  readonly maximumEpochs: number;
  /** Validations without improvement before stopping. */
  readonly patience: number;
}
