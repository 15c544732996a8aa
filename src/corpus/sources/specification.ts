/**
 * What a corpus is made of: the part of an experiment file that says where text is found, how it is
 * labelled and how much of it is set aside.
 */
import * as z from 'zod';
import { labelNames } from '../labels/labels.ts';

const formats = ['folder', 'text', 'jsonl', 'parquet'] as const;
export type SourceFormat = (typeof formats)[number];

const sourceSchema = z.strictObject({
  /** Absolute path of a folder or of one file. */
  path: z.string(),
  /** Guessed from the path when absent. For a folder, `text`, `jsonl` or `parquet` holds for all its files. */
  format: z.enum(formats).optional(),
  /** Patterns as in `.gitignore`, relative to the folder, with `{a,b}` alternatives; all files when absent. */
  include: z.array(z.string()).readonly().optional(),
  exclude: z.array(z.string()).readonly().optional(),
  /** The field or column that holds the text of a JSONL or Parquet file; `text` when absent. */
  textField: z.string().optional(),
  /** The label of files that the labels file does not mention, for example for a folder of held-out files. */
  label: z.enum(labelNames).optional(),
});
export type CorpusSource = Readonly<z.infer<typeof sourceSchema>>;

export const corpusSpecificationSchema = z.strictObject({
  /** The domain's name, which the labels file may mention, or a name for the generic corpus. */
  name: z.string(),
  role: z.enum(['generic', 'domain']),
  sources: z.array(sourceSchema.readonly()).readonly(),
  /** Absolute path of a labels file, usually `<workspace>/.parlance/labels.json`; it need not exist. */
  labelsFile: z.string().optional(),
  /** Shares of the documents, from 0 to 1; the rest is for training. A share of 0 asks for no such split. */
  split: z.strictObject({ validation: z.number(), heldout: z.number() }).readonly(),
});
export type CorpusSpecification = Readonly<z.infer<typeof corpusSpecificationSchema>>;
