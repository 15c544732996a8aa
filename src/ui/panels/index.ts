/**
 * The two panels and their commands. One panel of a kind for each experiment; what a panel needs is loaded when the
 * first is opened, and the window's reload brings open panels back with what was chosen in them.
 */
import {
  commands,
  Disposable,
  l10n,
  TabInputWebview,
  Uri,
  ViewColumn,
  type WebviewPanel,
  window,
} from 'vscode';
import { ParlanceError } from '../../common/errors.ts';
import type { OpenExperiment } from '../experiments.ts';
import { tellOf } from '../next-step.ts';
import { experimentOf } from '../runs/commands.ts';
import type { Services } from '../services.ts';
import type { ExperimentPanel, Focus, PanelKind } from './panel.ts';

const VIEW_TYPES: Readonly<Record<PanelKind, string>> = {
  tradeoffs: 'parlance.tradeoffs',
  perplexity: 'parlance.perplexity',
};

/** Commands `parlance.openTradeoffs` and `parlance.openPerplexity`. */
export function registerPanels(services: Services): Disposable {
  const panels = new Panels(services);
  return Disposable.from(
    commands.registerCommand('parlance.openTradeoffs', (of) => panels.openChosen('tradeoffs', of)),
    commands.registerCommand('parlance.openPerplexity', (of) => panels.openChosen('perplexity', of)),
    ...(['tradeoffs', 'perplexity'] as const).map((kind) =>
      window.registerWebviewPanelSerializer(VIEW_TYPES[kind], {
        deserializeWebviewPanel: (panel, state) => panels.restore(kind, panel, state),
      }),
    ),
  );
}

class Panels {
  readonly #services: Services;
  readonly #panels = new Map<string, ExperimentPanel>();

  constructor(services: Services) {
    this.#services = services;
  }

  /** `of`: a file, a row of the sidebar or a run; the user chooses where it is none. */
  async openChosen(kind: PanelKind, of: unknown): Promise<void> {
    try {
      const experiment = await experimentOf(this.#services, of);
      if (experiment !== undefined) await this.#open(kind, experiment);
    } catch (error) {
      if (!(error instanceof ParlanceError)) throw error;
      await tellOf(error);
    }
  }

  async restore(kind: PanelKind, panel: WebviewPanel, state: unknown): Promise<void> {
    const experiment = await this.#experimentOf(state);
    if (experiment === undefined) panel.dispose();
    else await this.#show(kind, experiment, panel);
  }

  async #open(kind: PanelKind, experiment: OpenExperiment, focus?: Focus): Promise<void> {
    const known = this.#panels.get(keyOf(kind, experiment));
    const shown = known ?? (await this.#show(kind, experiment, await this.#create(kind, experiment)));
    if (focus !== undefined) shown.focus(focus);
    else known?.reveal();
  }

  async #create(kind: PanelKind, { folder }: OpenExperiment): Promise<WebviewPanel> {
    const title =
      kind === 'tradeoffs' ? l10n.t('Trade-offs: {0}', folder.name) : l10n.t('Perplexity: {0}', folder.name);
    // Folders of one name have panels of one title, of which one that lives stays.
    if ([...this.#panels.values()].every((one) => one.title !== title)) await closeUnrestored(kind, title);
    return window.createWebviewPanel(VIEW_TYPES[kind], title, ViewColumn.Active, {});
  }

  async #show(kind: PanelKind, experiment: OpenExperiment, panel: WebviewPanel): Promise<ExperimentPanel> {
    const { ExperimentPanel } = await import('./panel.ts');
    panel.webview.options = {
      enableScripts: true,
      localResourceRoots: [Uri.joinPath(this.#services.context.extensionUri, 'dist')],
    };
    const key = keyOf(kind, experiment);
    const made = new ExperimentPanel(this.#services, { open: experiment, kind, panel }, (focus) => {
      void this.#open('perplexity', experiment, focus);
      void commands.executeCommand('parlance.showRunOf', experiment.storage, focus.evaluation);
    });
    this.#panels.set(key, made);
    panel.onDidDispose(() => {
      if (this.#panels.get(key) === made) this.#panels.delete(key);
    });
    return made;
  }

  async #experimentOf(state: unknown): Promise<OpenExperiment | undefined> {
    if (typeof state !== 'object' || state === null || !('experiment' in state)) return undefined;
    const all = await this.#services.experiments.all();
    return all.find(({ file }) => file === state.experiment);
  }
}

/** After a reload a panel that was not looked at yet is a tab without content, which would stand beside the new one. */
async function closeUnrestored(kind: PanelKind, title: string): Promise<void> {
  const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
  const unrestored = tabs.filter(
    ({ input, label }) =>
      // The editor puts a prefix of its own before the type.
      input instanceof TabInputWebview && input.viewType.endsWith(VIEW_TYPES[kind]) && label === title,
  );
  if (unrestored.length > 0) await window.tabGroups.close(unrestored);
}

const keyOf = (kind: PanelKind, { file }: OpenExperiment): string => `${kind} ${file}`;
