/** The Corpus view. The indexer is asked only while the view can be seen: it is a process of its own. */
import { type Disposable, l10n } from 'vscode';
import { ParlanceError } from '../../common/errors.ts';
import type { Subscription } from '../../host/hosts.ts';
import type { IndexedFile, IndexSummary } from '../../indexer/workspace-index.ts';
import { MissingExperimentError, type OpenExperiment } from '../experiments.ts';
import { register } from '../runs/commands.ts';
import type { Services } from '../services.ts';
import { corpusRows, fileRows, filesOfId, PAGE_FILES } from './corpus-nodes.ts';
import type { TreeNode } from './nodes.ts';
import { RowTree } from './row-tree.ts';

/** After hiding, how long the view still listens: switching back and forth must not start the indexer again. */
const LINGER_MS = 30_000;

export function registerCorpusTree(services: Services): Disposable[] {
  const corpus = new CorpusTree(services);
  return [
    corpus,
    register('parlance.showMore', async (id) => {
      if (typeof id === 'string') corpus.showMore(id);
    }),
  ];
}

class CorpusTree implements Disposable {
  readonly #services: Services;
  readonly #tree: RowTree;
  readonly #disposables: Disposable[];
  readonly #watches = new Map<string, Subscription>();
  readonly #summaries = new Map<string, IndexSummary>();
  /** Pages shown of each label, by the id of its row. */
  readonly #pages = new Map<string, number>();
  #experiments: readonly OpenExperiment[] = [];
  #linger: NodeJS.Timeout | undefined;

  constructor(services: Services) {
    this.#services = services;
    this.#tree = new RowTree('parlance.corpus', { children: (node) => this.#files(node) }, { several: true });
    const { view } = this.#tree;
    this.#disposables = [
      this.#tree,
      view.onDidChangeVisibility(({ visible }) => (visible ? void this.#follow() : this.#leave())),
      services.experiments.onDidChange(() => {
        if (this.#watches.size > 0 || view.visible) void this.#follow();
      }),
    ];
  }

  showMore(id: string): void {
    this.#pages.set(id, (this.#pages.get(id) ?? 1) + 1);
    this.#tree.refresh(id);
  }

  dispose(): void {
    clearTimeout(this.#linger);
    this.#unwatch();
    for (const one of this.#disposables) one.dispose();
  }

  async #follow(): Promise<void> {
    clearTimeout(this.#linger);
    this.#experiments = await this.#services.experiments.all();
    const files = new Set(this.#experiments.filter(isUsable).map(({ file }) => file));
    for (const [file, watch] of this.#watches) {
      if (files.has(file)) continue;
      watch.dispose();
      this.#watches.delete(file);
      this.#summaries.delete(file);
    }
    for (const file of files) {
      if (this.#watches.has(file)) continue;
      const watch = this.#services.index.watch(file, (summary) => {
        this.#summaries.set(file, summary);
        this.#show();
      });
      this.#watches.set(file, watch);
    }
    this.#show();
  }

  #leave(): void {
    clearTimeout(this.#linger);
    this.#linger = setTimeout(() => this.#unwatch(), LINGER_MS);
  }

  #unwatch(): void {
    for (const watch of this.#watches.values()) watch.dispose();
    this.#watches.clear();
  }

  #show(): void {
    const rows = this.#experiments.map(({ file, folder, content }) => ({
      file,
      name: content instanceof ParlanceError ? folder.name : content.name,
      ...(content instanceof ParlanceError && { problem: problemOf(content) }),
      summary: this.#summaries.get(file),
    }));
    this.#tree.show(corpusRows(rows, l10n.t));
  }

  async #files(node: TreeNode): Promise<readonly TreeNode[]> {
    const filesOf = filesOfId(node.id);
    if (filesOf === undefined) return [];
    const { experimentFile, corpus, label } = filesOf;
    const files: IndexedFile[] = [];
    let total = 0;
    for (let page = 0; page < (this.#pages.get(node.id) ?? 1); page++) {
      const query = { corpus, label, offset: files.length, limit: PAGE_FILES };
      const answer = await this.#services.index.files(experimentFile, query);
      files.push(...answer.files);
      total = answer.total;
      if (answer.files.length < PAGE_FILES) break;
    }
    return fileRows(filesOf, { files, total }, l10n.t);
  }
}

function problemOf(error: ParlanceError): { readonly message: string; readonly isMissing: boolean } {
  return { message: error.message, isMissing: error instanceof MissingExperimentError };
}

function isUsable({ content }: OpenExperiment): boolean {
  return !(content instanceof ParlanceError);
}
