/** What became of a corpus's files, for people and panels: `report.json` in a document store. */
import * as z from 'zod';
import { labelNames } from '../labels/labels.ts';

export const splits = ['train', 'validation', 'heldout'] as const;
export type Split = (typeof splits)[number];

/** Why a file, or a line or row of one, is not in the corpus, in words for people. */
export const skipReasons = {
  unsupported: 'not a type of file that holds text',
  ignored: 'ignored by .gitignore; an include pattern that names the file reads it',
  'ignored-folder':
    'folders ignored by .gitignore, not looked into; an include pattern that names one reads it',
  'no-match': 'an include pattern that matches no file',
  'link-above': 'a link to a folder that contains the source; nothing is read through it',
  pointer: 'a pointer of Git LFS or git-annex, not the text; fetch it with “git lfs pull” or “git annex get”',
  unreadable: 'could not be read',
  failed: 'could not be taken apart; this is a mistake in Parlance, please report it with the file',
  binary: 'binary data (NUL or many control characters)',
  undecodable:
    'not valid UTF-8, nor UTF-16 with a byte-order mark, nor in an encoding that the page declares',
  'seven-bit': 'in an encoding of seven bits that is not read, such as ISO-2022-KR, HZ or UTF-7',
  'half-character': 'half of a character (a lone surrogate); the rest of the text is read',
  'long-line': 'a line too long to be written by people (minified or generated)',
  'too-large': 'larger than the limit for one document',
  empty: 'nothing but white space',
  'bad-json': 'a line that is not valid JSON',
  'missing-field': 'no text in the field that textField names (“text” when it is not set)',
  damaged: 'damaged or cut off; nothing from this line to the end of the file could be read',
  trailing: 'bytes after the end of the compressed text, passed over',
  'bad-parquet': 'not a readable Parquet file',
  'bad-rows': 'rows of a damaged part of a Parquet file',
  'own-output': 'written by Parlance: a storage, a report or a saved model',
} as const;

export type SkipReason = keyof typeof skipReasons;

const isReason = (text: string): text is SkipReason => Object.hasOwn(skipReasons, text);
export const skipReasonSchema = z.enum(Object.keys(skipReasons).filter(isReason));

const count = z.int().min(0);
const amount = z.object({ documents: count, bytes: count });
export type Amount = z.infer<typeof amount>;

const skippedSchema = z.object({
  reason: skipReasonSchema,
  explanation: z.string(),
  /** Files, lines and rows. */
  count,
  /** The first few; `line` is a line (from 1) or, in a Parquet file, a row (from 0). */
  examples: z.array(z.object({ path: z.string(), line: count.optional() })),
});
export type SkippedKind = z.infer<typeof skippedSchema>;

/** A labelled passage that could not be placed in its file; its text is treated as the rest of the file. */
export const lostPassageSchema = z.object({
  path: z.string(),
  label: z.enum(labelNames),
  /** The first characters of the passage. */
  quote: z.string(),
  reason: z.string(),
});
export type LostPassage = z.infer<typeof lostPassageSchema>;

/** `bytes` are UTF-8 bytes of documents, or for files left out their size on disk; `share` is of all bytes. */
const labelShareSchema = amount.extend({ files: count, share: z.number() });

/** Why documents that could be read are not trained on, in words for people. */
export const removalReasons = {
  'copy of held-out': 'near-copies of held-out text',
  'holds held-out': 'held-out text stands in them, or they in it',
  'holds held-out in part': '200 words or a quarter of a held-out text stand in them',
  'holds validation': 'validation text stands in them, or they in it',
  'holds validation in part': '200 words or a quarter of a validation text stand in them',
} as const;

export const removalReasonSchema = z.enum([
  'copy of held-out',
  'holds held-out',
  'holds held-out in part',
  'holds validation',
  'holds validation in part',
]);
export type RemovalReason = z.infer<typeof removalReasonSchema>;

const nearDuplicatesSchema = z.object({
  /** The share of one document's runs of five words that stands in another from which the two are near-copies. */
  threshold: z.number(),
  /** Pairs that made the groups; documents that are in one group already are not compared. */
  pairs: count,
  /** Groups of two or more documents linked by such pairs. Each group is in one split. */
  clusters: count,
  /** Documents that are near-copies of another, but for one of each group. */
  copies: count,
  /** Pairs whose documents would lie in two splits if each were drawn for itself. */
  acrossSplits: z.object({ trainValidation: count, trainHeldout: count, validationHeldout: count }),
  /** Documents left out of training (and of validation, if held-out text is repeated), the most frequent reason first. */
  removed: amount.extend({
    reasons: z.array(amount.extend({ reason: removalReasonSchema, explanation: z.string() })),
    examples: z.array(z.object({ path: z.string(), other: z.string(), reason: removalReasonSchema })),
  }),
  /** Documents that stay although 50 words or more of held-out or validation text stand in them, but no long part. */
  keptInPart: count,
  /** Held-out and validation documents that were not looked for inside others, because there are too many. */
  notLookedFor: count,
});
export type NearDuplicateReport = z.infer<typeof nearDuplicatesSchema>;

export const reportSchema = z.object({
  name: z.string(),
  role: z.enum(['generic', 'domain']),
  splits: z.record(z.enum(splits), amount),
  files: z.object({
    read: count,
    /** Unchanged since the previous store was made; not opened. */
    reused: count,
    /** Labelled as no part of this corpus; not opened. */
    leftOut: count,
  }),
  skipped: z.array(skippedSchema),
  /** Documents whose text equals that of one that is kept. */
  exactDuplicates: amount,
  nearDuplicates: nearDuplicatesSchema,
  labels: z.record(z.enum(labelNames), labelShareSchema),
  lostPassages: z.array(lostPassageSchema),
  /** True when labels say what is held out; false when a share of the documents is drawn by their hash. */
  explicitHeldout: z.boolean(),
  /** Documents moved to another split so that none is empty. */
  movedToFillSplits: count,
});
export type CorpusReport = z.infer<typeof reportSchema>;

const exampleLimit = 10;

/** Counts what was skipped and keeps the first examples. */
export class SkipTally {
  readonly #kinds = new Map<SkipReason, { count: number; examples: { path: string; line?: number }[] }>();

  add(reason: SkipReason, path: string, lines: readonly number[], times: number): void {
    const kind = this.#kinds.get(reason) ?? { count: 0, examples: [] };
    this.#kinds.set(reason, kind);
    kind.count += times;
    const examples = lines.length === 0 ? [{ path }] : lines.map((line) => ({ path, line }));
    kind.examples.push(...examples.slice(0, exampleLimit - kind.examples.length));
  }

  /** By reason, the most frequent first. */
  list(): SkippedKind[] {
    return [...this.#kinds]
      .map(([reason, kind]) => ({ reason, explanation: skipReasons[reason], ...kind }))
      .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
  }
}
