/**
 * Which label holds for a file or passage in one corpus. The more specific entry wins: passage over file over
 * glob over the source's own label; of two globs the later wins. Seen from one corpus a label says one
 * of three things: the text is a member (and may be trained on), it is held out, or it is no part of the corpus.
 */
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { pathMatcher } from '../sources/globs.ts';
import type { CorpusSource, CorpusSpecification } from '../sources/specification.ts';
import { type Label, type LabelEntry, type PassageAnchor, readLabels } from './labels.ts';

/** What a label means for one corpus. */
export type Standing = 'member' | 'held-out' | 'out';

export interface LabelledPassage {
  readonly anchor: PassageAnchor;
  readonly label: Label;
  readonly standing: Standing;
}

export interface FileLabel {
  readonly label: Label;
  readonly standing: Standing;
}

type Role = CorpusSpecification['role'];

export class LabelRules {
  readonly entries: readonly LabelEntry[];
  readonly #corpus: { readonly name: string; readonly role: Role };
  readonly #root: string;
  readonly #globs: readonly { readonly matches: (path: string) => boolean; readonly entry: LabelEntry }[];
  readonly #files = new Map<string, LabelEntry>();
  readonly #passages = new Map<string, LabelEntry[]>();

  constructor(
    entries: readonly LabelEntry[],
    corpus: { readonly name: string; readonly role: Role },
    root: string,
  ) {
    this.entries = entries;
    this.#corpus = corpus;
    this.#root = root;
    const globs: { matches: (path: string) => boolean; entry: LabelEntry }[] = [];
    for (const entry of entries) {
      if (!this.#speaksHere(entry)) continue;
      if (entry.glob !== undefined) globs.push({ matches: pathMatcher([entry.glob]), entry });
      else if (entry.path !== undefined && entry.passage === undefined) this.#addFile(entry.path, entry);
      else if (entry.path !== undefined) {
        this.#passages.set(entry.path, [...(this.#passages.get(entry.path) ?? []), entry]);
      }
    }
    this.#globs = globs.reverse();
  }

  /** Reads the labels of a specification; without a labels file there are none. */
  static async load(specification: CorpusSpecification): Promise<LabelRules> {
    const file = specification.labelsFile;
    if (file === undefined) return new LabelRules([], specification, '/');
    return new LabelRules(await readLabels(file), specification, labelsRoot(file));
  }

  /** The label of a file given by its absolute path. */
  file(path: string, source: CorpusSource): FileLabel {
    const key = this.#key(path);
    const entry =
      key === undefined
        ? undefined
        : (this.#files.get(key) ?? this.#globs.find((glob) => glob.matches(key))?.entry);
    if (entry !== undefined) return { label: entry.label, standing: this.#standing(entry) };
    const label = source.label ?? (this.#corpus.role === 'domain' ? 'in-domain' : 'generic');
    return { label, standing: sourceStanding(label, this.#corpus.role) };
  }

  /** The labelled passages of a file given by its absolute path, in the order of the labels file. */
  passages(path: string): readonly LabelledPassage[] {
    const key = this.#key(path);
    const entries = key === undefined ? undefined : this.#passages.get(key);
    return (entries ?? []).flatMap((entry) =>
      entry.passage === undefined
        ? []
        : [{ anchor: entry.passage, label: entry.label, standing: this.#standing(entry) }],
    );
  }

  /** Whether an entry of the labels file speaks of a file, given by its absolute path, or of a passage in it. */
  mentions(path: string): boolean {
    const key = this.#key(path);
    if (key === undefined) return false;
    return this.#files.has(key) || this.#passages.has(key) || this.#globs.some((glob) => glob.matches(key));
  }

  /** Absolute paths of all files that have labelled passages. */
  filesWithPassages(): readonly string[] {
    return [...this.#passages.keys()].map((path) => resolve(this.#root, path));
  }

  /** A file may be in several domains, one entry each: here holds the one that names this domain, then one for all. */
  #addFile(path: string, entry: LabelEntry): void {
    const before = this.#files.get(path);
    if (before === undefined || this.#closeness(entry) >= this.#closeness(before))
      this.#files.set(path, entry);
  }

  #closeness({ domain }: LabelEntry): number {
    if (domain === undefined) return 1;
    return domain === this.#corpus.name ? 2 : 0;
  }

  #key(path: string): string | undefined {
    const key = relative(this.#root, path);
    return key === '' || key.startsWith('..') || isAbsolute(key) ? undefined : key.split(sep).join('/');
  }

  /** An entry of another domain matters here only when it takes text into that domain. */
  #speaksHere(entry: LabelEntry): boolean {
    return this.#isOwn(entry) || entry.label === 'in-domain' || entry.label === 'held-out';
  }

  #isOwn(entry: LabelEntry): boolean {
    return entry.domain === undefined || entry.domain === this.#corpus.name;
  }

  #standing(entry: LabelEntry): Standing {
    if (this.#corpus.role === 'generic') return entry.label === 'generic' ? 'member' : 'out';
    return this.#isOwn(entry) ? sourceStanding(entry.label, 'domain') : 'out';
  }
}

/** The folder that the paths of a labels file are relative to: the one that holds `.parlance`. */
export function labelsRoot(labelsFile: string): string {
  const folder = dirname(labelsFile);
  return basename(folder) === '.parlance' ? dirname(folder) : folder;
}

function sourceStanding(label: Label, role: Role): Standing {
  if (label === 'held-out') return 'held-out';
  return label === (role === 'domain' ? 'in-domain' : 'generic') ? 'member' : 'out';
}
