/**
 * What was measured, and of what: the facts that answers, charts and plans are made of. They come back in from files and
 * from messages to panels, so each is a schema and its type. Pure; the browser's side checks with the same.
 */
import * as z from 'zod';
import { modelShapeSchema } from '../common/model-size.ts';
import { flops, seconds, tokens } from '../common/units.ts';
import { chosenTuningSchema } from '../methods/tuning.ts';

const modelName = z.enum(['small', 'large']);

export const modelFactsSchema = z.object({
  name: modelName,
  ...modelShapeSchema.shape,
  context: z.number(),
  vocabulary: z.number(),
  parameters: z.number(),
  trainingFlopsPerToken: z.number(),
  inferenceFlopsPerToken: z.number(),
});
export type ModelFacts = Readonly<z.infer<typeof modelFactsSchema>>;

export const methodFactsSchema = z.object({
  /** For example `slm`. */
  id: z.string(),
  /** For example `Pretrained on generic text`. */
  title: z.string(),
  model: modelName,
  /** Whether it reads generic text after the domain is known, as importance sampling does. */
  readsGenericForDomain: z.boolean().optional(),
  /** Whether its model is chosen among several after fine-tuning, so that the one measured before need not be its start. */
  choosesTuned: z.boolean().optional(),
});
export type MethodFacts = Readonly<z.infer<typeof methodFactsSchema>>;

const stoppingFactsSchema = z.object({
  /**
   * What ended it: no lower validation loss within the patience, or the cap on its length. Trainings that a user stopped
   * are kept beside the store, and are no measurements.
   */
  ending: z.enum(['patience', 'cap']),
  /** Distinct tokens of validation text that decided when to stop: in-domain text beside that of the training set. */
  validationTokens: z.number().transform(tokens),
});
export type StoppingFacts = Readonly<z.infer<typeof stoppingFactsSchema>>;

/** One evaluation on the held-out split of a domain, and on its validation split for choosing. */
export const measurementSchema = z.object({
  domain: z.string(),
  method: z.string(),
  seed: z.number(),
  /** Tokens of generic text that the model was pretrained on; 0 without pretraining. */
  pretrainingTokens: z.number().transform(tokens),
  /** Size of the in-domain set that was fine-tuned on, in tokens; before fine-tuning 0, though pretraining may hold in-domain text. */
  domainTokens: z.number().transform(tokens),
  /**
   * The in-domain set as the experiment asks for it: for fine-tuning, or before it for choosing generic text; absent
   * where the model has seen none.
   */
  requestedDomainTokens: z.union([z.number(), z.literal('all')]).optional(),
  phase: z.enum(['before fine-tuning', 'after fine-tuning']),
  /** Held-out perplexity per token of the experiment's tokenizer: what is reported, never what is chosen by. */
  perplexity: z.number(),
  /** Of the held-out text's own tokens; the end of a document has no bytes and is not counted. */
  bitsPerByte: z.number(),
  /** Perplexity per token on the validation split: what methods, experts and budgets are chosen by. */
  validationPerplexity: z.number(),
  /** Perplexity per token on generic held-out text: what adapting to a domain forgets. Absent where there is none. */
  genericPerplexity: z.number().optional(),
  /** The held-out loss on sets of documents that are drawn anew, alike for every measurement of the domain. */
  resampling: z.object({
    unit: z.enum(['documents', 'windows']),
    units: z.number(),
    nats: z.array(z.number()).readonly(),
  }),
  evaluatedTokens: z.number().transform(tokens),
  /** Tokens a second of the evaluation: forward passes in batches, on the device that it ran on. */
  inferenceTokensPerSecond: z.number(),
  /** Steps of fine-tuning up to the best validation loss, and steps run in all, patience included. */
  bestStep: z.number(),
  steps: z.number(),
  /** How fine-tuning was stopped; absent before it. */
  stopping: stoppingFactsSchema.optional(),
  /** Where validation chose among several trainings on the domain. */
  tuning: chosenTuningSchema.optional(),
  /** All that this point cost, stage by stage: what a newcomer would pay who starts with nothing. */
  genericFlops: z.number().transform(flops),
  genericSeconds: z.number().transform(seconds),
  specializationFlops: z.number().transform(flops),
  specializationSeconds: z.number().transform(seconds),
  /** Fingerprint of the evaluation's artifact; `parlance why <fingerprint>` tells what made it. */
  fingerprint: z.string(),
});
export type Measurement = Readonly<z.infer<typeof measurementSchema>>;

/**
 * A model as its seed draws it, before any training, on the held-out and the validation split of a domain. Of no method
 * and no budget, so that it is no `Measurement`: lines over tokens begin there, and nothing is chosen or priced by it.
 */
export const untrainedSchema = z.object({
  domain: z.string(),
  model: modelName,
  seed: z.number(),
  perplexity: z.number(),
  bitsPerByte: z.number(),
  validationPerplexity: z.number(),
  evaluatedTokens: z.number().transform(tokens),
  fingerprint: z.string(),
});
export type UntrainedMeasurement = Readonly<z.infer<typeof untrainedSchema>>;
