/** Compares runs in a panel of its own, one for each set of runs; the window's reload brings it back. */
import { type Disposable, l10n, Uri, ViewColumn, type WebviewPanel, window } from 'vscode';
import type { RunView } from '../../experiments/runs/run-view.ts';
import type { ComparisonPanel } from '../panels/comparison-panel.ts';
import type { Services } from '../services.ts';
import type { AllRuns } from './all-runs.ts';
import { runItem, runSubject, subjectOf } from './commands.ts';

const VIEW_TYPE = 'parlance.compare';

export class Comparisons implements Disposable {
  readonly #services: Services;
  readonly #runs: AllRuns;
  readonly #panels = new Map<string, ComparisonPanel>();
  readonly #serializer: Disposable;

  constructor(services: Services, runs: AllRuns) {
    this.#services = services;
    this.#runs = runs;
    this.#serializer = window.registerWebviewPanelSerializer(VIEW_TYPE, {
      deserializeWebviewPanel: (panel, state) => this.#restore(panel, state),
    });
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
    const key = keyOf(chosen);
    const open = this.#panels.get(key);
    if (open !== undefined) return open.reveal();
    const title = l10n.t('Comparison of {0} Runs', chosen.length);
    await this.#fill(window.createWebviewPanel(VIEW_TYPE, title, ViewColumn.Active, {}), key);
  }

  dispose(): void {
    this.#serializer.dispose();
  }

  async #restore(panel: WebviewPanel, state: unknown): Promise<void> {
    const key = typeof state === 'object' && state !== null && 'experiment' in state && state.experiment;
    if (typeof key !== 'string' || this.#panels.has(key)) return panel.dispose();
    await this.#runs.start();
    await this.#fill(panel, key);
  }

  async #fill(panel: WebviewPanel, key: string): Promise<void> {
    const { ComparisonPanel } = await import('../panels/comparison-panel.ts');
    panel.webview.options = {
      enableScripts: true,
      localResourceRoots: [Uri.joinPath(this.#services.context.extensionUri, 'dist')],
    };
    const chosen = () =>
      this.#runs.known.some(({ runs }) => runs === undefined)
        ? undefined
        : this.#runs.all.filter((run) => isIn(key, run)).reverse();
    const made = new ComparisonPanel(this.#services, this.#runs, { panel, key, chosen });
    this.#panels.set(key, made);
    panel.onDidDispose(() => this.#panels.delete(key));
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

/** The runs of a panel as text, which its page keeps over a reload. */
function keyOf(runs: readonly RunView[]): string {
  return runs.map(lineOf).sort().join('\n');
}

function isIn(key: string, run: RunView): boolean {
  return key.split('\n').includes(lineOf(run));
}

function lineOf(run: RunView): string {
  return JSON.stringify(runSubject(run));
}

function isAbout(row: unknown, { id, storage }: RunView): boolean {
  const subject = subjectOf(row);
  return subject?.kind === 'run' && subject.run === id && subject.storage === storage;
}
