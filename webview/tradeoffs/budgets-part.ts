/**
 * The reader's budgets on one line, which unfolds to the controls, and what to use within them. While no limit is set and
 * the line is folded, what to use is the experiment's answer, which stands above.
 */
import { element } from '../dom.ts';
import type { Choices } from '../editor.ts';
import type { BudgetForm } from './budget-form.ts';
import { type BudgetState, budgetsInWords, sameBudgets } from './budget-state.ts';

const OPEN = 'budgets open';

export class BudgetsPart {
  readonly element: HTMLElement;
  readonly #form = element('div', {});
  readonly #line = element('span', {});
  readonly #fold: HTMLDetailsElement;
  readonly #recommendation = element('p', {
    class: 'recommendation',
    'aria-live': 'polite',
    id: 'recommendation',
  });
  #isAnswer = true;

  constructor(choices: Choices) {
    this.#fold = element(
      'details',
      { class: 'question' },
      element('summary', {}, element('strong', {}, 'Your budgets'), ' ', this.#line),
      this.#form,
    );
    this.#fold.open = choices.get(OPEN) === 'true';
    this.#fold.addEventListener('toggle', () => {
      choices.set(OPEN, `${this.#fold.open}`);
      this.#showOrHide();
    });
    this.element = element('section', { 'aria-label': 'Your budgets' }, this.#fold, this.#recommendation);
  }

  setForm(form: BudgetForm): void {
    this.#form.replaceChildren(form.element);
  }

  /** `unlimited`: the budgets of the experiment's answer. */
  show(state: BudgetState, unlimited: BudgetState, sentence: string): void {
    this.#line.textContent = `${budgetsInWords(state)}.`;
    if (this.#recommendation.textContent !== sentence) this.#recommendation.textContent = sentence;
    this.#isAnswer = sameBudgets(state, unlimited);
    this.#showOrHide();
  }

  #showOrHide(): void {
    this.#recommendation.hidden = this.#isAnswer && !this.#fold.open;
  }
}
