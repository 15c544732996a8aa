/**
 * What the extension and a panel tell each other, checked on both sides: a panel is another process, and what it sends
 * is as little trusted as any input. The extension sends at most ten messages a second (src/ui/panels/pace.ts).
 */
import * as z from 'zod';
import {
  measurementSchema,
  methodFactsSchema,
  modelFactsSchema,
  untrainedSchema,
} from '../budget/measurement.ts';
import { domainHistogramsSchema } from '../experiments/results/selection-facts.ts';
import { curveFactsSchema, curvePointsSchema } from '../experiments/runs/curve-facts.ts';
import { fromPlayground, toPlayground, WRITING } from './playground.ts';

const subject = {
  title: z.string(),
  methods: z.array(methodFactsSchema),
  models: z.array(modelFactsSchema),
  measurements: z.array(measurementSchema),
  /** What the reader must know of the data: where they come from, what is left out. */
  notes: z.array(z.string()),
  /** Runs that measured something else: with other settings, or on other text. */
  otherRuns: z.int().min(0),
};

/** Which models came in from elsewhere (`models.small.from`). */
const givenModelsSchema = z.array(modelFactsSchema.shape.name);

/** Runs of one configuration with other settings than the panel's, on the same text. */
const otherRunsSchema = z.object({
  /** Of the newest of them; ISO 8601, UTC. */
  created: z.string(),
  /** Settings and their values, in words. */
  differs: z.array(z.string()),
  batchTokens: z.number(),
  measurements: z.array(measurementSchema),
  untrained: z.array(untrainedSchema),
  given: givenModelsSchema,
});
export type OtherRuns = z.infer<typeof otherRunsSchema>;

/** So many held-out documents are listed or exported at most. */
export const MOST_DOCUMENTS = 10_000;

/** By which number documents are listed, the highest first unless it is rising. */
const documentOrderSchema = z.object({
  by: z.enum(['bits per byte', 'perplexity', 'hardest passage', 'tokens']),
  isRising: z.boolean(),
});
export type DocumentOrder = z.infer<typeof documentOrderSchema>;

export const documentSchema = z.object({
  /** Its place in the extension's list, by which it is asked to be opened. */
  index: z.number(),
  source: z.string(),
  record: z.number(),
  tokens: z.number(),
  bytes: z.number(),
  negativeLogLikelihood: z.number(),
  /** Perplexity of its hardest window; absent where losses of windows were not kept. */
  worstPerplexity: z.number().optional(),
});
export type HeldOutDocument = z.infer<typeof documentSchema>;

export const comparedRunSchema = z.object({
  /** A letter. */
  name: z.string(),
  /** The experiment's name. */
  title: z.string(),
  /** ISO 8601, UTC. */
  created: z.string(),
  /** Ids. */
  methods: z.array(z.string()),
  /** Ids of the methods whose model is chosen among several after fine-tuning (`MethodFacts.choosesTuned`). */
  choosesTuned: z.array(z.string()),
  /** In words. */
  state: z.string(),
  seeds: z.array(z.number()),
  measurements: z.array(measurementSchema),
});
export type ComparedRun = z.infer<typeof comparedRunSchema>;

export const toPanelSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('results'), ...subject }),
  z.object({ type: z.literal('histograms'), domains: z.array(domainHistogramsSchema) }),
  /** What lines of held-out perplexity over tokens need besides the measurements. */
  z.object({
    type: z.literal('lines'),
    /** Tokens of one step of training on the domain. */
    batchTokens: z.number(),
    untrained: z.array(untrainedSchema),
    given: givenModelsSchema,
    others: z.array(otherRunsSchema),
    /** Other runs that cannot stand beside these: on other text, or on text that their records do not name. */
    leftOut: z.object({ otherText: z.int().min(0), unknown: z.int().min(0) }),
  }),
  z.object({ type: z.literal('curves'), curves: z.array(curveFactsSchema) }),
  z.object({
    type: z.literal('points'),
    /** `from`: points before it stay, those from it on are replaced. */
    parts: z.array(
      z.object({
        curve: z.string(),
        part: z.enum(['training', 'validation']),
        from: z.number(),
        points: curvePointsSchema,
      }),
    ),
  }),
  /** In the order that was asked for; `total` counts those that are not sent too. */
  z.object({
    type: z.literal('documents'),
    evaluation: z.string(),
    order: documentOrderSchema,
    documents: z.array(documentSchema),
    total: z.number(),
    note: z.string(),
  }),
  /** What was clicked elsewhere: the panel shows its curve and its documents. */
  z.object({ type: z.literal('focus'), method: z.string(), evaluation: z.string() }),
  /** Runs side by side. */
  z.object({
    type: z.literal('comparison'),
    runs: z.array(comparedRunSchema),
    /** What is not the same in all runs, one value a run. */
    differences: z.array(z.object({ setting: z.string(), values: z.array(z.string()) })),
    /** Where figures of the runs do not compare. */
    warnings: z.array(z.string()),
  }),
  /** What a model wrote so far after the text of the newest `tryModel`. */
  z.object({
    type: z.literal('tried'),
    text: z.string(),
    state: z.enum(['writing', 'ended', 'failed']),
    /** What else is to be known, or why it failed; in words. */
    note: z.string(),
  }),
  z.object({ type: z.literal('problem'), message: z.string() }),
  ...toPlayground,
]);
export type ToPanel = z.infer<typeof toPanelSchema>;

/** How *Try* draws: what the page says of it and what is done are one. */
export const TRIAL = { temperature: 0.8, mostTokens: 64 } as const;

export const exportFormats = ['svg', 'png', 'csv'] as const;

export const fromPanelSchema = z.discriminatedUnion('type', [
  /** The panel is there and knows nothing yet. */
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('openMeasurement'), evaluation: z.string().max(200) }),
  z.object({
    type: z.literal('askDocuments'),
    evaluation: z.string().max(200),
    order: documentOrderSchema,
    most: z.int().min(1).max(MOST_DOCUMENTS),
  }),
  z.object({ type: z.literal('openDocument'), evaluation: z.string().max(200), index: z.int().min(0) }),
  /** The runs of `otherRuns` beside those that are shown. */
  z.object({ type: z.literal('compareRuns') }),
  /** A further point of the grid to be measured. */
  z.object({
    type: z.literal('runPoint'),
    pretraining: z.int().min(1),
    domainTokens: z.union([z.int().min(1), z.literal('all')]),
  }),
  /** Everything once more, with other random numbers. */
  z.object({ type: z.literal('runAnotherSeed') }),
  /** The model of a measurement, to be copied to where the user wants it. */
  z.object({ type: z.literal('saveModel'), evaluation: z.string().max(200) }),
  /** A text for the model of a measurement to continue; an earlier one is given up. */
  z.object({
    type: z.literal('tryModel'),
    evaluation: z.string().max(200),
    prompt: z.string().max(WRITING.mostUnits),
    /** Of the draw. */
    seed: z.int().min(0),
  }),
  z.object({
    type: z.literal('export'),
    name: z.string().max(200),
    format: z.enum(exportFormats),
    /** Text for SVG and CSV, base64 for PNG. */
    data: z.string().max(64_000_000),
  }),
  ...fromPlayground,
]);
export type FromPanel = z.infer<typeof fromPanelSchema>;

/** What a panel keeps while it is hidden and when the window is reloaded; each panel checks its own part. */
export const panelStateSchema = z.object({
  experiment: z.string(),
  chosen: z.record(z.string(), z.string()),
});
export type PanelState = z.infer<typeof panelStateSchema>;
