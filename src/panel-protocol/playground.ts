/** What the extension and the Playground tell each other: part of the messages of all panels (messages.ts). */
import * as z from 'zod';

/** Two models write side by side. */
export const sides = ['left', 'right'] as const;
export type Side = (typeof sides)[number];
const side = z.enum(sides);

const alternativeSchema = z.object({ text: z.string(), logProbability: z.number() });

/**
 * A token as it was drawn; its probability is the model's own, in nats, whatever the sampling. It is none of its
 * alternatives.
 */
const writtenTokenSchema = alternativeSchema.extend({ alternatives: z.array(alternativeSchema) });
export type WrittenToken = z.infer<typeof writtenTokenSchema>;

const writtenPartSchema = z.object({
  /** Of the `write` that it answers. */
  request: z.int().min(0),
  side,
  /** What came after the parts before. */
  tokens: z.array(writtenTokenSchema),
  state: z.enum(['writing', 'ended', 'stopped', 'failed']),
  /** What else is to be known, or why it failed; in words. */
  note: z.string(),
});
export type WrittenPart = z.infer<typeof writtenPartSchema>;

/** Absolute path of a model's folder: its name in messages. */
const folder = z.string().max(4096);

const playgroundModelsSchema = z.object({
  type: z.literal('playgroundModels'),
  models: z.array(z.object({ folder, title: z.string(), detail: z.string() })),
});
export type PlaygroundModels = z.infer<typeof playgroundModelsSchema>;

export const toPlayground = [
  playgroundModelsSchema,
  /** What was chosen elsewhere for a side; its model may come with the next list. */
  z.object({ type: z.literal('playgroundChoice'), side, folder }),
  z.object({ type: z.literal('written'), parts: z.array(writtenPartSchema) }),
] as const;

/** Bounds of what the page can ask for; what it offers and what is accepted are one. */
export const WRITING = { mostTokens: 1000, hottest: 5, mostUnits: 20_000 } as const;

const writeSchema = z.object({
  type: z.literal('write'),
  request: z.int().min(0),
  prompt: z.string().max(WRITING.mostUnits),
  models: z.array(z.object({ side, folder })).max(sides.length),
  temperature: z.number().min(0).max(WRITING.hottest),
  topP: z.number().gt(0).max(1),
  tokens: z.int().min(1).max(WRITING.mostTokens),
  seed: z.int().min(0),
});
export type WriteRequest = z.infer<typeof writeSchema>;

export const fromPlayground = [
  /** An earlier one is given up. */
  writeSchema,
  z.object({ type: z.literal('stopWriting') }),
  /** A folder that is not in the list. */
  z.object({ type: z.literal('browseModel'), side }),
  z.object({ type: z.literal('copy'), text: z.string().max(1_000_000) }),
] as const;
