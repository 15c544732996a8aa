/** What the editor and the indexer say to each other, as JSON-RPC over the indexer's standard input and output. */
import * as z from 'zod';
import { labelNames } from '../corpus/labels/labels.ts';

const count = z.number().min(0);
const label = z.enum(labelNames);
const source = z.enum(['counted', 'estimated']);

/** Methods by name; notifications have no answer. */
export const methods = {
  /** Notification to the indexer. */
  watch: 'watch',
  /** Notification to the indexer. */
  unwatch: 'unwatch',
  /** Notification from the indexer. */
  summary: 'summary',
  files: 'files',
  file: 'file',
  nextUnlabelled: 'nextUnlabelled',
  suggestions: 'suggestions',
} as const;

/** Entries of one page at most, so that no message keeps the editor busy. */
export const largestPage = 1000;

export const watchSchema = z.object({ experimentFile: z.string(), trusted: z.boolean() });
export const experimentSchema = z.object({ experimentFile: z.string() });
export const fileRequestSchema = experimentSchema.extend({ path: z.string() });
export const nextRequestSchema = experimentSchema.extend({ after: z.string().optional() });
export const filesRequestSchema = experimentSchema.extend({
  corpus: z.string(),
  label,
  offset: count,
  limit: count,
});

const labelTotalsSchema = z.object({ files: count, passages: count, bytes: count, tokens: count, source });

export const warningKinds = [
  'duplicates',
  'contamination',
  'lost passage',
  'lost label',
  'unreadable',
  'no text',
  'too little text',
  'labels file',
  'watching',
] as const;

const warningSchema = z.object({
  kind: z.enum(warningKinds),
  message: z.string(),
  hint: z.string(),
  files: z.array(z.string()),
  count,
  entry: z
    .object({
      text: z.string(),
      protects: z.boolean(),
      renames: z.array(z.object({ from: z.string(), to: z.string() })),
    })
    .optional(),
});

const corpusSchema = z.object({
  name: z.string(),
  role: z.enum(['generic', 'domain']),
  labels: z.partialRecord(label, labelTotalsSchema),
  explicitHeldout: z.boolean(),
  warnings: z.array(warningSchema),
});

export const summarySchema = z.object({
  experimentFile: z.string(),
  state: z.enum(['scanning', 'ready', 'failed']),
  message: z.string(),
  corpora: z.array(corpusSchema),
  unlabelledFiles: count,
  files: count,
});

const indexedFileSchema = z.object({
  path: z.string(),
  bytes: count,
  size: z.object({ tokens: count, source }),
  label,
  labelled: z.boolean(),
  passages: count,
});

export const filePageSchema = z.object({ files: z.array(indexedFileSchema), total: count });
export const fileFactsSchema = z.record(z.string(), indexedFileSchema);
export const nextAnswerSchema = z.object({ path: z.string().optional() });
export const suggestionsSchema = z.array(
  z.object({ path: z.string(), corpus: z.string(), reason: z.string() }),
);
