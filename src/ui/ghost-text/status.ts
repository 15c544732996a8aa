/** The item of the status bar that says which model completes text; a click turns completions on or off. */
import { type Disposable, l10n, type Memento, StatusBarAlignment, window, workspace } from 'vscode';
import { chosenModel } from '../models/chosen-model.ts';
import { areCompletionsOn } from './switch.ts';

export class CompletionsStatus implements Disposable {
  readonly #state: Memento;
  readonly #asleep: ReadonlySet<string>;
  readonly #item = window.createStatusBarItem('parlance.completions', StatusBarAlignment.Right, 90);
  readonly #following = window.onDidChangeActiveTextEditor(() => this.show());

  /** `asleep`: folders of models that could not be asked. */
  constructor(state: Memento, asleep: ReadonlySet<string>) {
    this.#state = state;
    this.#asleep = asleep;
    this.#item.name = l10n.t('Parlance: completions');
    this.#item.command = 'parlance.toggleCompletions';
  }

  /** As things are for the text that is open; hidden where no model is chosen. */
  show(): void {
    const document = window.activeTextEditor?.document;
    const model = chosenModel(this.#state, document);
    if (document === undefined || model === undefined || !workspace.isTrusted) {
      this.#item.hide();
      return;
    }
    const isOn = areCompletionsOn(document);
    const isAsleep = this.#asleep.has(model.folder);
    const spoken = isAsleep
      ? l10n.t('{0} cannot complete text at the moment', model.title)
      : isOn
        ? l10n.t('{0} completes text here', model.title)
        : l10n.t('{0} completes no text here', model.title);
    this.#item.text = `$(${isAsleep ? 'warning' : isOn ? 'sparkle' : 'circle-slash'}) ${model.title}`;
    this.#item.tooltip = isOn
      ? l10n.t('{0} (Parlance). Click to turn completions off.', spoken)
      : l10n.t('{0} (Parlance). Click to turn completions on.', spoken);
    this.#item.accessibilityInformation = { label: spoken };
    this.#item.show();
  }

  dispose(): void {
    this.#following.dispose();
    this.#item.dispose();
  }
}
