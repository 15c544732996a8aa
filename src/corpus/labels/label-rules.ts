/**
 * Which label holds for a file or passage in one corpus. The more specific entry wins: passage over file over
 * glob over the source's own label (holding-entries.ts). Seen from one corpus a label says one
 * of three things: the text is a member (and may be trained on), it is held out, or it is no part of the corpus.
 */
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import type { CorpusSource, CorpusSpecification } from '../sources/specification.ts';
import {
  addTo,
  HoldingEntries,
  type LabelledCorpus,
  preferred,
  type Standing,
  sourceStanding,
  standingOf,
} from './holding-entries.ts';
import { type Label, type LabelEntry, type PassageAnchor, readLabels, subjectOf } from './labels.ts';

export interface LabelledPassage {
  readonly anchor: PassageAnchor;
  readonly label: Label;
  readonly standing: Standing;
}

export interface FileLabel {
  readonly label: Label;
  readonly standing: Standing;
}

export class LabelRules {
  readonly entries: readonly LabelEntry[];
  readonly #corpus: LabelledCorpus;
  readonly #root: string;
  readonly #holding: HoldingEntries;
  readonly #passages = new Map<string, LabelEntry[]>();

  constructor(entries: readonly LabelEntry[], corpus: LabelledCorpus, root: string) {
    this.entries = entries;
    this.#corpus = corpus;
    this.#root = root;
    this.#holding = new HoldingEntries(entries);
    const ofPassages = entries.filter(({ passage }) => passage !== undefined);
    const places = new Map<string, LabelEntry[]>();
    for (const entry of ofPassages) addTo(places, subjectOf(entry), entry);
    for (const entry of ofPassages) {
      const there = places.get(subjectOf(entry)) ?? [];
      if (preferred(there, corpus) === entry) addTo(this.#passages, entry.path ?? '', entry);
    }
  }

  /** Reads the labels of a specification; without a labels file there are none. */
  static async load(specification: CorpusSpecification): Promise<LabelRules> {
    const file = specification.labelsFile;
    if (file === undefined) return new LabelRules([], specification, '/');
    return new LabelRules(await readLabels(file), specification, labelsRoot(file));
  }

  /** The label of a file given by its absolute path. */
  file(path: string, source: CorpusSource): FileLabel {
    const entry = this.#entryOf(path);
    if (entry !== undefined) return { label: entry.label, standing: standingOf(entry, this.#corpus) };
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
        : [{ anchor: entry.passage, label: entry.label, standing: standingOf(entry, this.#corpus) }],
    );
  }

  /** Whether an entry of the labels file speaks of a file, given by its absolute path, or of a passage in it. */
  mentions(path: string): boolean {
    const key = this.#key(path);
    return key !== undefined && (this.#passages.has(key) || this.#entryOf(path) !== undefined);
  }

  /** Absolute paths of all files that have labelled passages. */
  filesWithPassages(): readonly string[] {
    return [...this.#passages.keys()].map((path) => resolve(this.#root, path));
  }

  #entryOf(path: string): LabelEntry | undefined {
    const key = this.#key(path);
    return key === undefined ? undefined : this.#holding.of(key, this.#corpus);
  }

  #key(path: string): string | undefined {
    const key = relative(this.#root, path);
    return key === '' || key.startsWith('..') || isAbsolute(key) ? undefined : key.split(sep).join('/');
  }
}

/** The folder that the paths of a labels file are relative to: the one that holds `.parlance`. */
export function labelsRoot(labelsFile: string): string {
  const folder = dirname(labelsFile);
  return basename(folder) === '.parlance' ? dirname(folder) : folder;
}
