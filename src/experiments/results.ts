/** What an experiment found: the document behind the report, in HTML, JSON and Markdown, and behind the panels. */
import type { LedgerEntry } from '../budget/ledger.ts';
import type { Json } from '../common/json.ts';
import type { Resampling } from '../common/resampling.ts';
import type { Flops, Seconds, Tokens } from '../common/units.ts';
import type { CorpusNote } from './corpus-notes.ts';
import type { SelectionFacts } from './selection-facts.ts';

export interface ExperimentResults {
  readonly format: 1;
  readonly name: string;
  /** ISO 8601 times, UTC. */
  readonly started: string;
  readonly finished: string;
  /** The command that repeats the measurement. */
  readonly command: string;
  readonly versions: Versions;
  readonly configuration: Json;
  readonly seeds: readonly number[];
  readonly corpora: readonly CorpusFacts[];
  readonly models: readonly ModelFacts[];
  readonly methods: readonly MethodFacts[];
  readonly measurements: readonly Measurement[];
  /** One entry a domain that clusters, windows or experts were selected for. */
  readonly selections: readonly SelectionFacts[];
  readonly ledger: readonly LedgerEntry[];
  /** What the user should know of the text: what was left out, lost or is repeated. */
  readonly textNotes: readonly CorpusNote[];
}

export interface Versions {
  readonly parlance: string;
  readonly node: string;
  readonly engine: string;
  readonly platform: string;
  readonly processor: string;
  readonly threads: number;
}

export interface CorpusFacts {
  readonly role: 'generic' | 'domain';
  readonly name: string;
  readonly fingerprint: string;
  readonly documents: Readonly<Record<Split, number>>;
  readonly tokens: Readonly<Record<Split, number>>;
  /** Bytes of UTF-8 text after cleaning. */
  readonly bytes: Readonly<Record<Split, number>>;
  /** Documents or parts left out, by reason. */
  readonly skipped: readonly { readonly reason: string; readonly count: number }[];
  /** Copies of others; near-copies, which are kept in one split; documents that repeat held-out or validation text. */
  readonly duplicates: { readonly exact: number; readonly near: number; readonly takenOut: number };
}

export type Split = 'train' | 'validation' | 'heldout';

export interface ModelFacts {
  readonly name: 'small' | 'large';
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly feedForward: number;
  readonly context: number;
  readonly vocabulary: number;
  readonly parameters: number;
  readonly trainingFlopsPerToken: number;
  readonly inferenceFlopsPerToken: number;
}

export interface MethodFacts {
  /** For example `slm`. */
  readonly id: string;
  /** For example `Pretrained on generic text`. */
  readonly title: string;
  readonly model: 'small' | 'large';
  /** Whether it reads generic text after the domain is known, as importance sampling does. */
  readonly readsGenericForDomain?: boolean;
}

export interface StoppingFacts {
  /** What ended it: no lower validation loss within the patience, or the cap on its length. Trainings that a user stopped are
   * kept beside the store, and are no measurements. */
  readonly ending: 'patience' | 'cap';
  /** Distinct tokens of validation text that decided when to stop: in-domain text beside that of the training set. */
  readonly validationTokens: Tokens;
}

/** One evaluation on the held-out split of a domain, and on its validation split for choosing. */
export interface Measurement {
  readonly domain: string;
  readonly method: string;
  readonly seed: number;
  /** Tokens of generic text that the model was pretrained on; 0 without pretraining. */
  readonly pretrainingTokens: Tokens;
  /** Size of the in-domain training set in tokens; for `before`, the set has not been used and this is 0. */
  readonly domainTokens: Tokens;
  /** The in-domain set as the experiment asks for it: for fine-tuning, or before it for choosing generic text; absent
   * where the model has seen none. */
  readonly requestedDomainTokens?: number | 'all';
  readonly phase: 'before fine-tuning' | 'after fine-tuning';
  /** Held-out perplexity per token of the experiment's tokenizer: what is reported, never what is chosen by. */
  readonly perplexity: number;
  /** Of the held-out text's own tokens; the end of a document has no bytes and is not counted. */
  readonly bitsPerByte: number;
  /** Perplexity per token on the validation split: what methods, experts and budgets are chosen by. */
  readonly validationPerplexity: number;
  /** The held-out loss on sets of documents that are drawn anew, alike for every measurement of the domain. */
  readonly resampling: Resampling;
  readonly evaluatedTokens: Tokens;
  /** Tokens a second of the evaluation: forward passes in batches, on the device that it ran on. */
  readonly inferenceTokensPerSecond: number;
  /** Steps of fine-tuning up to the best validation loss, and steps run in all, patience included. */
  readonly bestStep: number;
  readonly steps: number;
  /** How fine-tuning was stopped; absent before it. */
  readonly stopping?: StoppingFacts;
  /** All that this point cost, stage by stage: what a newcomer would pay who starts with nothing. */
  readonly genericFlops: Flops;
  readonly genericSeconds: Seconds;
  readonly specializationFlops: Flops;
  readonly specializationSeconds: Seconds;
  /** Fingerprint of the evaluation's artifact; `parlance why <fingerprint>` tells what made it. */
  readonly fingerprint: string;
}

/**
 * A model as its seed draws it, before any training, on the held-out and the validation split of a domain. Of no method
 * and no budget, so that it is no `Measurement`: lines over tokens begin there, and nothing is chosen or priced by it.
 */
export interface UntrainedMeasurement
  extends Pick<
    Measurement,
    | 'domain'
    | 'seed'
    | 'perplexity'
    | 'bitsPerByte'
    | 'validationPerplexity'
    | 'evaluatedTokens'
    | 'fingerprint'
  > {
  readonly model: 'small' | 'large';
}
