/** What comes out of a file: documents, and what is not taken with its reason. */
import type { LostPassage, SkipReason } from '../documents/report.ts';
import type { Standing } from '../labels/holding-entries.ts';
import type { Label } from '../labels/labels.ts';

/** The standing of a document: its file's, or that of the labelled passage that it is. */
export type DocumentStanding = 'file' | Exclude<Standing, 'out'>;

export interface ExtractedDocument {
  readonly kind: 'document';
  /** Line (from 1) of a JSONL file, row (from 0) of a Parquet file, else the how-manieth of its file (from 0). */
  readonly record: number;
  readonly bytes: Buffer;
  readonly standing: DocumentStanding;
}

export interface SkippedText {
  readonly kind: 'skipped';
  readonly reason: SkipReason;
  readonly line?: number;
  /** Lines or rows that it stands for, from `line` on; 1 when absent. */
  readonly count?: number;
}

/** A labelled passage that is no part of the corpus; the parts of overlapping ones come once. */
export interface LeftOutPassage {
  readonly kind: 'left-out';
  readonly label: Label;
  readonly bytes: Buffer;
}

export type Extraction =
  | ExtractedDocument
  | LeftOutPassage
  | SkippedText
  | { readonly kind: 'lost'; readonly passage: LostPassage };

/** A text of a record file before cleaning. */
export type RecordText = { readonly record: number; readonly text: string } | SkippedText;
