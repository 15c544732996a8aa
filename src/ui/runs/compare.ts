/** Compares runs in a Markdown preview that cannot be edited. */
import {
  commands,
  type Disposable,
  EventEmitter,
  l10n,
  type TextDocumentContentProvider,
  Uri,
  window,
  workspace,
} from 'vscode';
import type { RunView } from '../../experiments/run-view.ts';
import type { AllRuns } from './all-runs.ts';
import { runItem, subjectOf } from './commands.ts';
import { comparison } from './comparison.ts';

const SCHEME = 'parlance-comparison';

export class Comparisons implements TextDocumentContentProvider, Disposable {
  readonly #runs: AllRuns;
  readonly #changed = new EventEmitter<Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #registration: Disposable;
  #text = '';

  constructor(runs: AllRuns) {
    this.#runs = runs;
    this.#registration = workspace.registerTextDocumentContentProvider(SCHEME, this);
  }

  /** Of the rows that are selected, or of the runs that the user picks. */
  async show(argument: unknown, selected: unknown): Promise<void> {
    await this.#runs.start();
    const rows = Array.isArray(selected) && selected.length > 1 ? selected : [argument];
    const named = this.#runs.all.filter((run) => rows.some((row) => isAbout(row, run)));
    const chosen = named.length > 1 ? named : await this.#pick(named);
    if (chosen === undefined) return;
    if (chosen.length < 2) {
      void window.showInformationMessage(l10n.t('Choose two runs at least; then they can be compared.'));
      return;
    }
    const { readRun } = await import('../../experiments/runs.ts');
    const compared = chosen.map(async (run) => ({
      run,
      configuration: (await readRun(run.storage, run.id)).record.configuration,
    }));
    this.#text = comparison(await Promise.all(compared), l10n.t);
    const uri = Uri.from({ scheme: SCHEME, path: `/${l10n.t('Comparison of Runs')}.md` });
    this.#changed.fire(uri);
    await commands.executeCommand('markdown.showPreview', uri);
  }

  provideTextDocumentContent(): string {
    return this.#text;
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }

  async #pick(named: readonly RunView[]): Promise<readonly RunView[] | undefined> {
    const { all } = this.#runs;
    if (all.length < 2) {
      void window.showInformationMessage(l10n.t('There are fewer than two runs to compare.'));
      return undefined;
    }
    const items = all.map((run) => ({ ...runItem(run), picked: named.includes(run) }));
    const options = {
      canPickMany: true,
      placeHolder: l10n.t('Which runs?'),
      matchOnDescription: true,
    } as const;
    return (await window.showQuickPick(items, options))?.map(({ run }) => run);
  }
}

function isAbout(row: unknown, { id, storage }: RunView): boolean {
  const subject = subjectOf(row);
  return subject?.kind === 'run' && subject.run === id && subject.storage === storage;
}
