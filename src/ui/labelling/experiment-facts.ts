/**
 * What the indexer says of an experiment's files. It is asked from the first lens or hover on, or where there are labels to
 * be checked, not before.
 */
import { basename, dirname } from 'node:path';
import { type Disposable, type Event, EventEmitter, type TextDocument, type Uri } from 'vscode';
import type { LabelTarget } from '../../corpus/labels/label-edits.ts';
import type { Rename } from '../../corpus/labels/label-renames.ts';
import type { CorpusSpecification } from '../../corpus/sources/specification.ts';
import type { Subscription } from '../../host/hosts.ts';
import type { IndexedFile, IndexSummary } from '../../indexer/workspace-index.ts';
import { experimentFileName, type OpenExperiment } from '../experiments.ts';
import type { Services } from '../services.ts';
import { domainsClaiming } from './domain-claims.ts';

export interface FileFacts {
  readonly experiment: OpenExperiment;
  readonly summary: IndexSummary | undefined;
  /** By the name of the corpus. */
  readonly corpora: Readonly<Record<string, IndexedFile>>;
}

/** A label that names nothing any more. */
export interface UnnamedLabel {
  readonly message: string;
  /** What its file or folder may be called now, the likeliest first. */
  readonly renames: readonly Rename[];
}

export class ExperimentFacts implements Disposable {
  readonly #services: Services;
  readonly #summaries = new Map<string, IndexSummary>();
  readonly #watched = new Map<string, Subscription>();
  readonly #changed = new EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly onDidChangeExperiments: Event<void>;

  constructor(services: Services) {
    this.#services = services;
    this.onDidChangeExperiments = services.experiments.onDidChange;
  }

  /** From now on is told what the labels of a folder name, also while none of its texts is open. */
  async follow(uri: Uri): Promise<void> {
    const experiment = await this.#services.experiments.of(uri);
    if (experiment !== undefined && !(experiment.content instanceof Error)) this.#watch(experiment.file);
  }

  /** What is known of a file; `undefined` where there is no experiment. */
  async of(uri: Uri): Promise<FileFacts | undefined> {
    const experiment = await this.#services.experiments.of(uri);
    if (experiment === undefined || experiment.content instanceof Error) return undefined;
    this.#watch(experiment.file);
    const corpora = await this.#services.index.file(experiment.file, uri.fsPath).catch(() => ({}));
    return { experiment, summary: this.#summaries.get(experiment.file), corpora };
  }

  /** The domains of the experiment that a file belongs to. */
  async domains(uri: Uri): Promise<readonly CorpusSpecification[]> {
    const content = (await this.#services.experiments.of(uri))?.content;
    return content === undefined || content instanceof Error ? [] : content.plan.domains;
  }

  /** The files of experiments of other folders that read what is labelled in this one; `folder` is its path. */
  async readersElsewhere(folder: string, targets: readonly LabelTarget[]): Promise<readonly string[]> {
    const all = await this.#services.experiments.all();
    return all.flatMap(({ folder: own, file, content }) => {
      if (own.uri.fsPath === folder || content instanceof Error) return [];
      const { domains, generic } = content.plan;
      const corpora = [...domains, ...(generic === undefined ? [] : [generic])];
      return domainsClaiming(corpora, folder, targets).length > 0 ? [file] : [];
    });
  }

  /** The entries of a labels file that name nothing any more, as the indexer last told. */
  lostLabels(labelsFile: string): ReadonlyMap<string, UnnamedLabel> {
    const lost = new Map<string, UnnamedLabel>();
    const warnings = [...this.#summaries.values()].flatMap(({ corpora }) =>
      corpora.flatMap((one) => one.warnings),
    );
    for (const { entry, files, message, hint } of warnings)
      if (entry !== undefined && files[0] === labelsFile)
        lost.set(entry.text, { message: `${message} ${hint}`, renames: entry.renames });
    return lost;
  }

  dispose(): void {
    for (const one of this.#watched.values()) one.dispose();
    this.#changed.dispose();
  }

  #watch(experimentFile: string): void {
    if (this.#watched.has(experimentFile)) return;
    const subscription = this.#services.index.watch(experimentFile, (summary) => {
      this.#summaries.set(experimentFile, summary);
      this.#changed.fire();
    });
    this.#watched.set(experimentFile, subscription);
  }
}

/** Texts that labels speak of: not the experiment file and the labels themselves. */
export function isText({ uri }: TextDocument): boolean {
  return basename(uri.fsPath) !== experimentFileName && basename(dirname(uri.fsPath)) !== '.parlance';
}
