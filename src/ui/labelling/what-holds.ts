/** What is told after a label was set: where it does not hold. */
import { l10n, window } from 'vscode';
import { exceptionsTo } from '../../corpus/labels/label-edits.ts';
import { type Label, protectsText } from '../../corpus/labels/labels.ts';
import type { ExperimentFacts } from './experiment-facts.ts';
import type { LabelRequest } from './requests.ts';

/** A folder's label does not hold for files, passages and folders in it that have their own. */
export function tellExceptions({ store, targets }: LabelRequest): void {
  const globs = targets.flatMap((target) => (target.kind === 'glob' ? [target.glob] : []));
  const exceptions = globs.flatMap((glob) => exceptionsTo(store.index.entries, glob));
  if (exceptions.length === 0) return;
  const open = l10n.t('Open labels.json');
  const names = globs.join(', ');
  const text =
    exceptions.length === 1
      ? l10n.t('One entry of {0} says more exactly what a part of it is, and still holds.', names)
      : l10n.t(
          '{0} entries of {1} say more exactly what parts of it are, and still hold.',
          exceptions.length,
          names,
        );
  void window.showInformationMessage(text, open).then((answer) => {
    if (answer === open) void window.showTextDocument(store.file);
  });
}

/** Experiments of other folders of the workspace read their own labels alone; of each it is told once. */
export class Elsewhere {
  readonly #facts: ExperimentFacts;
  readonly #told = new Set<string>();

  constructor(facts: ExperimentFacts) {
    this.#facts = facts;
  }

  /** Warns where text that is to be kept out of training is read by an experiment that this label does not reach. */
  async tell({ store, targets }: LabelRequest, label: Label): Promise<void> {
    if (!protectsText({ label })) return;
    for (const file of await this.#facts.readersElsewhere(store.folder.uri.fsPath, targets)) {
      if (this.#told.has(file)) continue;
      this.#told.add(file);
      void window.showWarningMessage(
        l10n.t(
          '{0} reads this text too, but not the labels of {1}: there it may be trained on. Leave it out by "exclude" of its source.',
          file,
          store.folder.name,
        ),
      );
    }
  }
}
