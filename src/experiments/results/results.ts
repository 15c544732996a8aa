/** What an experiment found: the document behind the report, in HTML, JSON and Markdown, and behind the panels. */
import type { LedgerEntry } from '../../budget/ledger.ts';
import type { Measurement, MethodFacts, ModelFacts } from '../../budget/measurement.ts';
import type { Json } from '../../common/json.ts';
import type { Split } from '../../corpus/documents/report.ts';
import type { CorpusNote } from '../execution/corpus-notes.ts';
import type { SelectionFacts } from './selection-facts.ts';

export interface ExperimentResults {
  readonly format: 1;
  readonly name: string;
  /** ISO 8601 times, UTC. */
  readonly started: string;
  readonly finished: string;
  /** The command that repeats the measurement. */
  readonly command: string;
  readonly versions: Versions;
  readonly configuration: Json;
  readonly seeds: readonly number[];
  readonly corpora: readonly CorpusFacts[];
  readonly models: readonly ModelFacts[];
  readonly methods: readonly MethodFacts[];
  readonly measurements: readonly Measurement[];
  /** One entry a domain that clusters, windows or experts were selected for. */
  readonly selections: readonly SelectionFacts[];
  readonly ledger: readonly LedgerEntry[];
  /** What the user should know of the text: what was left out, lost or is repeated. */
  readonly textNotes: readonly CorpusNote[];
}

export interface Versions {
  readonly parlance: string;
  readonly node: string;
  readonly engine: string;
  readonly platform: string;
  readonly processor: string;
  readonly threads: number;
}

export interface CorpusFacts {
  readonly role: 'generic' | 'domain';
  readonly name: string;
  readonly fingerprint: string;
  readonly documents: Readonly<Record<Split, number>>;
  readonly tokens: Readonly<Record<Split, number>>;
  /** Bytes of UTF-8 text after cleaning. */
  readonly bytes: Readonly<Record<Split, number>>;
  /** Documents or parts left out, by reason. */
  readonly skipped: readonly { readonly reason: string; readonly count: number }[];
  /** Copies of others; near-copies, which are kept in one split; documents that repeat held-out or validation text. */
  readonly duplicates: { readonly exact: number; readonly near: number; readonly takenOut: number };
}
