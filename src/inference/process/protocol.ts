/** What a program and the model process say to each other, as JSON-RPC over the process's standard input and output. */
import * as z from 'zod';

/** Methods by name; notifications have no answer. */
export const methods = {
  generate: 'generate',
  /** Notification from the process: a token of a request that is still being answered. */
  token: 'token',
  score: 'score',
  facts: 'facts',
} as const;

const count = z.int().min(0);

const generationSchema = z.object({
  prompt: z.string(),
  temperature: z.number().min(0),
  topK: count,
  topP: z.number().positive().max(1),
  repetitionPenalty: z.number().positive(),
  seed: count,
  mostTokens: count,
  stop: z.array(z.string().min(1)),
  alternatives: count,
});

export const factsRequestSchema = z.object({ folder: z.string() });
/** `stream` is the caller's number for the tokens that come before the answer. */
export const generateRequestSchema = z.object({
  folder: z.string(),
  stream: count,
  request: generationSchema,
});
export const scoreRequestSchema = z.object({ folder: z.string(), text: z.string(), alternatives: count });

const alternativeSchema = z.object({ id: count, text: z.string(), logProbability: z.number() });
const tokenSchema = alternativeSchema.extend({ alternatives: z.array(alternativeSchema) });

export const tokenMessageSchema = z.object({ stream: count, token: tokenSchema });

export const generationEndSchema = z.object({
  ending: z.enum(['end of text', 'most tokens', 'stop']),
  promptTokens: count,
  dropped: count,
});

export const textScoreSchema = z.object({
  tokens: z.array(tokenSchema.extend({ start: count, end: count })),
  bytes: count,
});

export const modelFactsSchema = z.object({ parameters: count, context: count, vocabulary: count });
export type ModelFacts = Readonly<z.infer<typeof modelFactsSchema>>;

/** What an error answer carries besides its message, so that both sides show the same words. */
export const failureSchema = z.object({ hint: z.string(), exitCode: count });
