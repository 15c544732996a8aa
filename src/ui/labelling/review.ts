/**
 * Going through files: the next one without a label, and the review of those whose clusters are far from their domain.
 * While a review goes on, labelling its file opens the next one.
 */
import { l10n, Uri, ViewColumn, window, workspace } from 'vscode';
import type { ReviewSuggestion } from '../../indexer/workspace-index.ts';
import type { Services } from '../services.ts';
import type { LabelStores } from './store/label-stores.ts';

/** The index learns of a label a moment later: files that were just labelled are passed over, so many at most. */
const passedOver = 1000;

export class Review {
  readonly #services: Services;
  readonly #stores: LabelStores;
  #left: readonly ReviewSuggestion[] = [];

  constructor(services: Services, stores: LabelStores) {
    this.#services = services;
    this.#stores = stores;
  }

  /** Why a file is being reviewed. */
  reasonOf(file: string): string | undefined {
    return this.#left.find(({ path }) => path === file)?.reason;
  }

  /** Whether a file is the one that is being reviewed. */
  isAt({ fsPath }: Uri): boolean {
    return this.#left[0]?.path === fsPath;
  }

  /** Offers the files that are far from the domain, the reasons beside them. */
  async start(): Promise<void> {
    const experiment = await this.#services.experiments.choose();
    if (experiment === undefined) return;
    const all = await this.#services.index.suggestions(experiment.file);
    if (all.length === 0) {
      void window.showInformationMessage(
        l10n.t('No file stands out from its domain, or no clusters have been made yet (a run makes them).'),
      );
      return;
    }
    const items = all.map((suggestion, at) => ({
      label: workspace.asRelativePath(suggestion.path),
      description: suggestion.corpus,
      detail: suggestion.reason,
      at,
    }));
    const picked = await window.showQuickPick(items, {
      title: l10n.t('Files far from the domain'),
      placeHolder: l10n.t('Choose one to look at; labelling it opens the next'),
      matchOnDetail: true,
    });
    if (picked === undefined) return;
    this.#left = [...all.slice(picked.at), ...all.slice(0, picked.at)];
    await this.#open();
  }

  /** A file was labelled: goes on with the review when it was the one that is reviewed. */
  async labelled(files: readonly Uri[]): Promise<void> {
    if (files.some((file) => this.isAt(file))) await this.next();
  }

  /** Opens the next file of the review. */
  async next(): Promise<void> {
    const files = this.#left;
    const labelled = await Promise.all(files.map(({ path }, at) => at > 0 && this.#hasOwnLabel(path)));
    this.#left = files.filter((_, at) => at > 0 && !labelled[at]);
    if (this.#left.length > 0) await this.#open();
    else void window.showInformationMessage(l10n.t('The review is done: there are no more files.'));
  }

  /** The path of the next file after another, around the end, that no entry names. Throws without an experiment. */
  async nextUnlabelled(after: Uri | undefined): Promise<string | undefined> {
    const experiment =
      (after && (await this.#services.experiments.of(after))) ?? (await this.#services.experiments.choose());
    if (experiment === undefined) return undefined;
    const store = this.#stores.ofFolder(experiment.folder);
    await store.settled();
    let from = after?.fsPath;
    for (let tries = 0; tries < passedOver; tries++) {
      const next = await this.#services.index.nextUnlabelled(experiment.file, from);
      if (next === undefined || (tries > 0 && next === after?.fsPath)) return undefined;
      if (!store.index.names(store.pathOf(Uri.file(next)))) return next;
      from = next;
    }
    return undefined;
  }

  async #open(): Promise<void> {
    const [{ path, reason }] = this.#left;
    const isFirst = window.visibleTextEditors.length <= 1;
    await window.showTextDocument(Uri.file(path), {
      viewColumn: isFirst ? ViewColumn.Beside : ViewColumn.Active,
      preview: true,
    });
    window.setStatusBarMessage(`$(checklist) ${reason}`, 10_000);
  }

  async #hasOwnLabel(path: string): Promise<boolean> {
    const store = this.#stores.of(Uri.file(path));
    await store?.settled();
    return (
      store?.index.holding(store.pathOf(Uri.file(path))).some((entry) => entry.path !== undefined) ?? false
    );
  }
}
