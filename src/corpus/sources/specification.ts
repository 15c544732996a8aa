/**
 * What a corpus is made of: the part of an experiment file that says where text is found, how it is
 * labelled and how much of it is set aside.
 */
import type { Label } from '../labels/labels.ts';

export type SourceFormat = 'folder' | 'text' | 'jsonl' | 'parquet';

export interface CorpusSource {
  /** Absolute path of a folder or of one file. */
  readonly path: string;
  /** Guessed from the path when absent. For a folder, `text`, `jsonl` or `parquet` holds for all its files. */
  readonly format?: SourceFormat;
  /** Patterns as in `.gitignore`, relative to the folder, with `{a,b}` alternatives; all files when absent. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  /** The field or column that holds the text of a JSONL or Parquet file; `text` when absent. */
  readonly textField?: string;
  /** The label of files that the labels file does not mention, for example for a folder of held-out files. */
  readonly label?: Label;
}

export interface CorpusSpecification {
  /** The domain's name, which the labels file may mention, or a name for the generic corpus. */
  readonly name: string;
  readonly role: 'generic' | 'domain';
  readonly sources: readonly CorpusSource[];
  /** Absolute path of a labels file, usually `<workspace>/.parlance/labels.json`; it need not exist. */
  readonly labelsFile?: string;
  /** Shares of the documents, from 0 to 1; the rest is for training. A share of 0 asks for no such split. */
  readonly split: { readonly validation: number; readonly heldout: number };
}
