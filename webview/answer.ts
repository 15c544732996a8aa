/** The experiment's answer at the head of a panel: the card that the report has too, and what one can do with it. */

import { measurementsOf } from '../src/budget/views.ts';
import { answersOf } from '../src/experiments/results/answer.ts';
import { type AnswerCard, answerCard } from '../src/experiments/results/answer-card.ts';
import type { ToPanel } from '../src/panel-protocol/messages.ts';
import { button } from './controls.ts';
import { element, redraw } from './dom.ts';
import { type Choices, tell } from './editor.ts';
import { TryPart } from './try-model.ts';

type Results = Extract<ToPanel, { type: 'results' }>;
type Tried = Extract<ToPanel, { type: 'tried' }>;

export class AnswerPart {
  readonly #body = element('div', {});
  readonly #trying: TryPart;
  readonly element: HTMLElement;

  constructor(choices: Choices) {
    this.#trying = new TryPart(choices);
    this.element = element(
      'section',
      { class: 'card', 'aria-label': 'Answer' },
      this.#body,
      this.#trying.element,
    );
    this.element.hidden = true;
  }

  /** What the model writes that is tried. */
  showTried(message: Tried): void {
    this.#trying.show(message);
  }

  /** Of the domain or average that is looked at, the first without a word; the others' are folded below. */
  show(results: Results, view?: string): void {
    const answers = answersOf(results, results.measurements);
    const first = answers.find((one) => one.view.title === view) ?? answers.at(0);
    const others = answers.filter((one) => one !== first);
    this.element.hidden = first === undefined;
    if (first === undefined) return;
    const card = answerCard(first);
    redraw(
      this.#body,
      headline(card),
      ...(card.certainty === undefined ? [] : [element('p', { id: 'certainty' }, card.certainty.sentence)]),
      facts(card),
      element(
        'div',
        { class: 'choices' },
        ...this.#actions(results, card),
        element(
          'details',
          { class: 'whole-answer', 'data-key': 'answers' },
          element('summary', { 'data-key': 'answers-summary' }, 'The whole answer'),
          element('p', { id: 'answer' }, first.paragraph),
          ...(others.length === 0
            ? []
            : [element('ul', {}, ...others.map(({ paragraph }) => element('li', {}, paragraph)))]),
        ),
      ),
    );
  }

  /** What one does next: with the model of the seed that is lowest on validation text. */
  #actions({ measurements }: Results, { chosen }: AnswerCard): readonly HTMLElement[] {
    if (chosen === undefined) return [];
    const [best] = [...measurementsOf(measurements, chosen.point)].sort(
      (a, b) => a.validationPerplexity - b.validationPerplexity,
    );
    this.#trying.of(best?.fingerprint);
    const withModel =
      best === undefined
        ? []
        : [
            action('Try', () => this.#trying.toggle()),
            action('Save Model…', () => tell({ type: 'saveModel', evaluation: best.fingerprint })),
          ];
    return [...withModel, action('Run Another Seed', () => tell({ type: 'runAnotherSeed' }))];
  }
}

function headline({ title, certainty }: AnswerCard): HTMLElement {
  return element(
    'h2',
    { id: 'answer-title' },
    title,
    ...(certainty === undefined ? [] : [' ', element('span', { class: 'certainty' }, certainty.word)]),
  );
}

function facts({ facts: all }: AnswerCard): HTMLElement {
  return element(
    'dl',
    { class: 'facts' },
    ...all.map(({ name, value, detail, explanation }) =>
      element(
        'div',
        { title: explanation },
        element('dt', {}, name),
        element('dd', {}, element('strong', {}, value), element('small', {}, detail)),
      ),
    ),
  );
}

function action(text: string, onPress: () => void): HTMLElement {
  const made = button(text, onPress);
  made.setAttribute('data-key', text);
  return made;
}
