/**
 * What the indexer knows of the files of an experiment, and how the editor asks for it. The indexer is a process of its
 * own (entry.ts); `IndexerClient` (client.ts) speaks to it and implements `WorkspaceIndex`. Paths are absolute.
 */
import type { Label } from '../corpus/labels/labels.ts';
import type { Subscription } from '../host/hosts.ts';

/** Counted with the experiment's tokenizer where there is one already, else estimated from the bytes. */
export interface TokenCount {
  readonly tokens: number;
  readonly source: 'counted' | 'estimated';
}

/**
 * Bytes and tokens are those of texts in the corpus and, in a domain, of files and passages that labels take out of it. A
 * run's report has no passages that are taken out.
 */
export interface LabelTotals extends TokenCount {
  readonly files: number;
  readonly passages: number;
  readonly bytes: number;
}

export interface CorpusFacts {
  readonly name: string;
  readonly role: 'generic' | 'domain';
  /** What the labels of this corpus make of its files; a label that nothing has is absent. */
  readonly labels: Readonly<Partial<Record<Label, LabelTotals>>>;
  /** Whether labels say what is held out; otherwise a share of the documents is drawn by their hash. */
  readonly explicitHeldout: boolean;
  readonly warnings: readonly CorpusWarning[];
}

export interface CorpusWarning {
  readonly kind:
    | 'duplicates'
    | 'contamination'
    | 'lost passage'
    /** An entry of the labels file that names nothing any more. */
    | 'lost label'
    | 'unreadable'
    | 'no text'
    | 'too little text'
    /** The labels file cannot be read; the labels before it broke still hold. */
    | 'labels file'
    /** Changes are noticed late. */
    | 'watching';
  /** One plain sentence that names files and numbers. */
  readonly message: string;
  readonly hint: string;
  /** The files that it is about; the first few. */
  readonly files: readonly string[];
  readonly count: number;
  /** Of a lost label: its entry as the labels file has it, and whether it keeps text out of training. */
  readonly entry?: {
    readonly text: string;
    readonly protects: boolean;
    /** What its file or folder may be called now, the likeliest first. */
    readonly renames: readonly { readonly from: string; readonly to: string }[];
  };
}

export interface IndexSummary {
  readonly experimentFile: string;
  readonly state: 'scanning' | 'ready' | 'failed';
  /** While scanning: files seen so far. When failed: why. */
  readonly message: string;
  readonly corpora: readonly CorpusFacts[];
  /** Files of the domains, in the experiment's folder, that no entry of labels.json speaks of. */
  readonly unlabelledFiles: number;
  readonly files: number;
}

export interface IndexedFile {
  readonly path: string;
  readonly bytes: number;
  readonly size: TokenCount;
  /** Its label in the corpus asked for, and whether an entry of labels.json says so. */
  readonly label: Label;
  readonly labelled: boolean;
  readonly passages: number;
}

export interface FilePage {
  readonly files: readonly IndexedFile[];
  readonly total: number;
}

/** A file whose clusters are unlike those of the rest of its domain, for review. */
export interface ReviewSuggestion {
  readonly path: string;
  readonly corpus: string;
  /** One plain sentence with its numbers. */
  readonly reason: string;
}

export interface WorkspaceIndex {
  /** Begins (or goes on) watching an experiment's files. The listener is called at once and within a second of changes. */
  watch(experimentFile: string, listener: (summary: IndexSummary) => void): Subscription;
  files(
    experimentFile: string,
    query: {
      readonly corpus: string;
      readonly label: Label;
      readonly offset: number;
      readonly limit: number;
    },
  ): Promise<FilePage>;
  /** What each corpus makes of a file; empty for a file of none. */
  file(experimentFile: string, path: string): Promise<Readonly<Record<string, IndexedFile>>>;
  /** The next file of a domain, in the order of paths and around its end, that no entry of labels.json names; none that the editor cannot show as text. */
  nextUnlabelled(experimentFile: string, after: string | undefined): Promise<string | undefined>;
  suggestions(experimentFile: string): Promise<readonly ReviewSuggestion[]>;
  dispose(): void;
}
