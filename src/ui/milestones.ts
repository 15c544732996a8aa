/**
 * What a person has done with Parlance, for the walkthrough: a step is ticked by its context key, when its thing was done
 * and not when a button was pressed. Remembered for all folders, as the walkthrough itself is.
 *
 * The editor ticks a step when its key becomes true, and never again in that window if it was true before the editor
 * knew the walkthrough. So keys are set only while a page of the editor's own, as the walkthrough is, stands open.
 */
import { commands, type Disposable, type ExtensionContext, window, workspace } from 'vscode';

const MILESTONES = ['opened', 'created', 'labelled', 'ran', 'sawResults', 'usedModel'] as const;
export type Milestone = (typeof MILESTONES)[number];

/** By then the editor has taken in the walkthrough of a page that it restores. */
const SETTLED_MS = 1000;

export class Milestones implements Disposable {
  readonly #state: ExtensionContext['globalState'];
  readonly #told = new Set<Milestone>();
  readonly #disposables: readonly Disposable[];
  #timer: NodeJS.Timeout | undefined;

  constructor({ globalState }: Pick<ExtensionContext, 'globalState'>) {
    this.#state = globalState;
    this.#disposables = [
      window.tabGroups.onDidChangeTabs(() => this.#tellSoon()),
      workspace.onDidChangeWorkspaceFolders(() => this.#tellSoon()),
    ];
    this.#tellSoon();
  }

  reach(milestone: Milestone): void {
    if (!this.#isReached(milestone)) void this.#state.update(keyOf(milestone), true);
    this.#tellSoon();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const one of this.#disposables) one.dispose();
  }

  #isReached(milestone: Milestone): boolean {
    return this.#state.get(keyOf(milestone), false);
  }

  #tellSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#tell();
    }, SETTLED_MS);
  }

  #tell(): void {
    const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
    if (!tabs.some(({ input }) => input === undefined)) return;
    if ((workspace.workspaceFolders ?? []).length > 0 && !this.#isReached('opened')) {
      void this.#state.update(keyOf('opened'), true);
    }
    for (const one of MILESTONES) {
      if (this.#told.has(one) || !this.#isReached(one)) continue;
      this.#told.add(one);
      void commands.executeCommand('setContext', keyOf(one), true);
    }
  }
}

const keyOf = (milestone: Milestone): string => `parlance.milestone.${milestone}`;
