/** The lens's figures of the text in the status bar; a click leads to the next surprising passage. */
import { type Disposable, l10n, StatusBarAlignment, window } from 'vscode';
import type { ReadText } from './reading.ts';

export class LensStatus implements Disposable {
  readonly #item = window.createStatusBarItem('parlance.lens', StatusBarAlignment.Right, 91);

  constructor() {
    this.#item.name = l10n.t('Parlance: perplexity of the text');
    this.#item.command = 'parlance.nextSurprisingPassage';
  }

  showWorking(model: string): void {
    this.#say('$(loading~spin)', l10n.t('reading…'), l10n.t('{0} reads this text.', model));
  }

  show({ figures, passages }: ReadText, model: string): void {
    if (figures === undefined) {
      this.#say('$(eye)', l10n.t('empty'), l10n.t('This text is empty.'));
      return;
    }
    const { bitsPerByte, perplexity, tokens } = figures;
    const count =
      passages.length === 1
        ? l10n.t('1 surprising passage.')
        : l10n.t('{0} surprising passages.', passages.length);
    this.#say(
      '$(eye)',
      l10n.t('{0} bits/byte', bitsPerByte.toFixed(2)),
      l10n.t(
        'Perplexity {0} over {1} tokens, {2} bits per byte, by {3}. {4}',
        perplexity.toPrecision(4),
        tokens,
        bitsPerByte.toFixed(3),
        model,
        count,
      ),
    );
  }

  hide(): void {
    this.#item.hide();
  }

  dispose(): void {
    this.#item.dispose();
  }

  #say(icon: string, text: string, spoken: string): void {
    this.#item.text = `${icon} ${text}`;
    this.#item.tooltip = spoken;
    this.#item.accessibilityInformation = { label: spoken };
    this.#item.show();
  }
}
