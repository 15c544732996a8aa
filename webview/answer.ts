/** The experiment's answer at the head of a panel: the paragraph that the report and the terminal have. */
import { answersOf } from '../src/experiments/answer.ts';
import { element, redraw } from './dom.ts';
import type { ToPanel } from './messages.ts';

type Results = Extract<ToPanel, { type: 'results' }>;

/** In the order in which they are shown. */
export function answerTexts(results: Results): readonly string[] {
  return answersOf(results, results.measurements).map(({ paragraph }) => paragraph);
}

export class AnswerPart {
  readonly #place = element('div', {});
  readonly element = element(
    'section',
    { class: 'verdict', 'aria-labelledby': 'answer-heading' },
    element('h2', { id: 'answer-heading' }, 'Answer'),
    this.#place,
  );

  constructor() {
    this.element.hidden = true;
  }

  /** With several domains that of their average, and each domain's folded below. */
  show(results: Results): void {
    const [first, ...others] = answerTexts(results);
    this.element.hidden = first === undefined;
    if (first === undefined) return;
    redraw(
      this.#place,
      element('p', { id: 'answer' }, first),
      ...(others.length === 0
        ? []
        : [
            element(
              'details',
              { 'data-key': 'answers' },
              element('summary', { 'data-key': 'answers-summary' }, 'By domain'),
              element('ul', {}, ...others.map((text) => element('li', {}, text))),
            ),
          ]),
    );
  }
}
