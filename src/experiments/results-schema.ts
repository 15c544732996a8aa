/**
 * The parts of results that come back in from files and messages, checked: measurements, methods, models, and what
 * selection did. Pure, so that the panels check the same on the browser's side.
 */
import * as z from 'zod';
import { flops, seconds, tokens } from '../common/units.ts';
import type { Measurement, MethodFacts, ModelFacts, UntrainedMeasurement } from './results.ts';
import type { CardFacts, HistogramFacts } from './selection-facts.ts';

export const measurementSchema: z.ZodType<Measurement> = z.object({
  domain: z.string(),
  method: z.string(),
  seed: z.number(),
  pretrainingTokens: z.number().transform(tokens),
  domainTokens: z.number().transform(tokens),
  requestedDomainTokens: z.union([z.number(), z.literal('all')]).optional(),
  phase: z.enum(['before fine-tuning', 'after fine-tuning']),
  perplexity: z.number(),
  bitsPerByte: z.number(),
  validationPerplexity: z.number(),
  resampling: z.object({
    unit: z.enum(['documents', 'windows']),
    units: z.number(),
    nats: z.array(z.number()),
  }),
  evaluatedTokens: z.number().transform(tokens),
  inferenceTokensPerSecond: z.number(),
  bestStep: z.number(),
  steps: z.number(),
  stopping: z
    .object({ ending: z.enum(['patience', 'cap']), validationTokens: z.number().transform(tokens) })
    .optional(),
  genericFlops: z.number().transform(flops),
  genericSeconds: z.number().transform(seconds),
  specializationFlops: z.number().transform(flops),
  specializationSeconds: z.number().transform(seconds),
  fingerprint: z.string(),
});

export const untrainedSchema: z.ZodType<UntrainedMeasurement> = z.object({
  domain: z.string(),
  model: z.enum(['small', 'large']),
  seed: z.number(),
  perplexity: z.number(),
  bitsPerByte: z.number(),
  validationPerplexity: z.number(),
  evaluatedTokens: z.number().transform(tokens),
  fingerprint: z.string(),
});

export const methodFactsSchema: z.ZodType<MethodFacts> = z.object({
  id: z.string(),
  title: z.string(),
  model: z.enum(['small', 'large']),
  readsGenericForDomain: z.boolean().optional(),
});

export const modelFactsSchema: z.ZodType<ModelFacts> = z.object({
  name: z.enum(['small', 'large']),
  layers: z.number(),
  width: z.number(),
  heads: z.number(),
  feedForward: z.number(),
  context: z.number(),
  vocabulary: z.number(),
  parameters: z.number(),
  trainingFlopsPerToken: z.number(),
  inferenceFlopsPerToken: z.number(),
});

const cardSchema: z.ZodType<CardFacts> = z.object({
  cluster: z.number(),
  windows: z.number(),
  terms: z.array(z.string()),
  excerpts: z.array(z.string()),
});

const histogramSchema: z.ZodType<HistogramFacts> = z.object({
  fingerprint: z.string(),
  methods: z.array(z.string()),
  seed: z.number(),
  domainTokens: z.union([z.number(), z.literal('all')]),
  clusters: z.number(),
  domainWindows: z.number(),
  genericWindows: z.number(),
  entropy: z.number(),
  effectiveClusters: z.number(),
  modalCluster: z.number(),
  tiedClusters: z.array(z.number()),
  modalShare: z.number(),
  uncoveredShare: z.number(),
  domainShares: z.array(z.number()),
  genericShares: z.array(z.number()),
  weights: z.array(z.number()),
  cards: z.array(cardSchema),
});

/** A domain's histograms over clusters; of `SelectionFacts` what the panels show. */
export const domainHistogramsSchema = z.object({ domain: z.string(), histograms: z.array(histogramSchema) });
export type DomainHistograms = z.infer<typeof domainHistogramsSchema>;
