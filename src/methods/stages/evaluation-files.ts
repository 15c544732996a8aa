/** What an evaluation leaves, and reading it: apart from the stage, so that who only reads results loads no more. */
import { join } from 'node:path';
import * as z from 'zod';
import { readOwnJson } from '../../common/own-json.ts';

export const RESULT_FILE = 'evaluation.json';
/** Apart from the result, which is the same on every run. */
export const SPEED_FILE = 'speed.json';

/** The result, document by document. */
export const DOCUMENTS_FILE = 'documents.json';

const lossSchema = z.object({
  tokens: z.number(),
  negativeLogLikelihood: z.number(),
  perplexity: z.number(),
});

const resultSchema = z.object({
  tokens: z.number(),
  bytes: z.number(),
  negativeLogLikelihood: z.number(),
  perplexity: z.number(),
  bitsPerByte: z.number(),
  contaminatedDocuments: z.number(),
  /** The same model on the validation split, by which methods, experts and budgets are chosen. */
  validation: lossSchema,
  /** On generic held-out text, where there is any. */
  generic: lossSchema.optional(),
  /** The held-out loss on text drawn anew: `Resampling`. */
  resampling: z.object({
    unit: z.enum(['documents', 'windows']),
    units: z.number(),
    nats: z.array(z.number()).readonly(),
  }),
});
export type EvaluationResult = z.infer<typeof resultSchema>;

const documentsSchema = z.array(
  z.object({
    /** The file, relative to its source, and the document's place in it, as `DocumentRecord` has them. */
    source: z.string(),
    record: z.number(),
    tokens: z.number(),
    bytes: z.number(),
    /** In nats, the sum over the tokens. */
    negativeLogLikelihood: z.number(),
    /** The window with the highest loss a token. */
    passage: z
      .object({
        /** The document's index in the token store. */
        document: z.number(),
        /** Tokens of the document before it, and its own. */
        from: z.number(),
        tokens: z.number(),
        negativeLogLikelihood: z.number(),
      })
      .optional(),
  }),
);
export type DocumentEvaluation = z.infer<typeof documentsSchema>[number];

export function readEvaluation(directory: string): Promise<EvaluationResult> {
  return readOwnJson(join(directory, RESULT_FILE), resultSchema);
}

/** What each held-out document contributed, in the order of the evaluation. */
export function readDocumentEvaluations(directory: string): Promise<readonly DocumentEvaluation[]> {
  return readOwnJson(join(directory, DOCUMENTS_FILE), documentsSchema);
}

/** Tokens a second that the model predicted in batches, on the device that evaluated it. */
export async function readSpeed(directory: string): Promise<number> {
  return (await readOwnJson(join(directory, SPEED_FILE), speedSchema)).tokensPerSecond;
}

const speedSchema = z.object({ tokensPerSecond: z.number() });
