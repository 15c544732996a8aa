/**
 * What a person has done with Parlance, for the walkthrough: a step is ticked by its context key, when its thing was done
 * and not when a button was pressed. Remembered for all folders, as the walkthrough itself is.
 */
import { commands, type ExtensionContext } from 'vscode';

const MILESTONES = ['labelled', 'ran', 'sawResults', 'usedModel'] as const;
export type Milestone = (typeof MILESTONES)[number];

export class Milestones {
  readonly #state: ExtensionContext['globalState'];

  constructor({ globalState }: Pick<ExtensionContext, 'globalState'>) {
    this.#state = globalState;
    for (const one of MILESTONES) if (this.#isReached(one)) tellEditor(one);
  }

  reach(milestone: Milestone): void {
    if (this.#isReached(milestone)) return;
    tellEditor(milestone);
    void this.#state.update(keyOf(milestone), true);
  }

  #isReached(milestone: Milestone): boolean {
    return this.#state.get(keyOf(milestone), false);
  }
}

const keyOf = (milestone: Milestone): string => `parlance.milestone.${milestone}`;

function tellEditor(milestone: Milestone): void {
  void commands.executeCommand('setContext', keyOf(milestone), true);
}
