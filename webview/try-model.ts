/** *Try* below the answer: a text of the reader's, continued by the model that was chosen. */

import { type ToPanel, TRIAL } from '../src/panel-protocol/messages.ts';
import { button } from './controls.ts';
import { element } from './dom.ts';
import { type Choices, tell } from './editor.ts';
import { type SentText, sentText } from './sent-text.ts';

type Tried = Extract<ToPanel, { type: 'tried' }>;

/** What was typed outlives hiding and reloading. */
const PROMPT = 'prompt to try';

const HINT = `Each time another continuation is drawn, at temperature ${TRIAL.temperature}. Empty: the model begins a text.`;

export class TryPart {
  readonly #prompt = element('textarea', {
    rows: '3',
    'aria-label': 'Text to continue',
    placeholder: 'Text to continue, best as your own begins',
  });
  readonly #written = element('blockquote', {});
  readonly #note = element('p', { class: 'quiet', 'aria-live': 'polite' }, HINT);
  readonly element = element(
    'section',
    { class: 'trial', 'aria-label': 'Try the model' },
    this.#prompt,
    element(
      'div',
      { class: 'choices' },
      button('Continue', () => this.#ask()),
    ),
    this.#written,
    this.#note,
  );
  #evaluation: string | undefined;
  /** The text that is being continued. */
  #asked: SentText = { text: '', note: '' };
  #seed = 0;

  constructor(choices: Choices) {
    this.element.hidden = true;
    this.#written.hidden = true;
    this.#prompt.value = choices.get(PROMPT) ?? '';
    this.#prompt.addEventListener('input', () => choices.set(PROMPT, this.#prompt.value));
    this.#prompt.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) this.#ask();
    });
  }

  /** The measurement whose model is asked from now on; without one there is nothing to try. */
  of(evaluation: string | undefined): void {
    this.#evaluation = evaluation;
    if (evaluation === undefined) this.element.hidden = true;
  }

  toggle(): void {
    this.element.hidden = !this.element.hidden;
    if (!this.element.hidden) this.#prompt.focus();
  }

  show({ text, state, note }: Tried): void {
    this.#written.hidden = this.#asked.text === '' && text === '';
    this.#written.replaceChildren(element('span', { class: 'quiet' }, this.#asked.text), text);
    const words = { writing: 'Writing…', ended: HINT, failed: '' };
    this.#note.textContent = [note, this.#asked.note, words[state]].filter((part) => part !== '').join(' ');
  }

  #ask(): void {
    if (this.#evaluation === undefined) return;
    this.#asked = sentText(this.#prompt.value);
    this.#seed += 1;
    tell({ type: 'tryModel', evaluation: this.#evaluation, prompt: this.#asked.text, seed: this.#seed });
  }
}
