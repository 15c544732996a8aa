/** The question "what do I have?": a slider and a field for each budget, the unit, and whether generic text is at hand. */
import type { MeasuredPoint } from '../../src/budget/measured-point.ts';
import type { PlannedMethod } from '../../src/budget/planner/planner-types.ts';
import { checkbox, type Field, type Slider, select, slider, textField } from '../controls.ts';
import { element, redraw } from '../dom.ts';
import {
  BUDGET_CONTROLS,
  type BudgetControl,
  type BudgetName,
  type BudgetState,
  formatBudget,
  parseBudget,
  scaleFor,
} from './budget-state.ts';
import { positionOf, type Scale, STEPS, valueAt } from './scales.ts';

interface Row {
  readonly name: BudgetName;
  readonly element: HTMLElement;
  readonly slider: Slider;
  readonly field: Field;
  readonly problem: HTMLElement;
}

export class BudgetForm {
  readonly element: HTMLElement;
  readonly #rows: readonly Row[];
  readonly #options: HTMLElement;
  readonly #onChange: (state: BudgetState) => void;
  #state: BudgetState;
  #scales: ReadonlyMap<BudgetName, Scale> = new Map();

  constructor(state: BudgetState, onChange: (state: BudgetState) => void) {
    this.#state = state;
    this.#onChange = onChange;
    this.#rows = BUDGET_CONTROLS.map((control) => this.#row(control));
    this.#options = element('div', { class: 'choices' });
    this.element = element(
      'div',
      { class: 'budgets' },
      ...this.#rows.map((row) => row.element),
      this.#options,
    );
    this.#drawOptions();
  }

  /** Sets the ends of the sliders by what was measured. */
  cover(points: readonly MeasuredPoint[], methods: readonly PlannedMethod[]): void {
    const found = BUDGET_CONTROLS.flatMap(({ name }) => {
      const scale = scaleFor(name, this.#state.unit, points, methods);
      return scale === undefined ? [] : [[name, scale] as const];
    });
    this.#scales = new Map(found);
    for (const row of this.#rows) row.element.hidden = !this.#scales.has(row.name);
    this.#show();
  }

  set(state: BudgetState): void {
    const { unit, genericCorpusAtHand } = this.#state;
    this.#state = state;
    // A list that is open would be closed by one that takes its place.
    if (unit !== state.unit || genericCorpusAtHand !== state.genericCorpusAtHand) this.#drawOptions();
    this.#show();
  }

  #row({ name, title, help }: BudgetControl): Row {
    const problem = element('span', { class: 'problem', role: 'alert' });
    const made = {
      name,
      problem,
      slider: slider(title, STEPS, (position) => this.#move(name, position)),
      field: textField(`${title}, as a number`, (text) => this.#enter(name, text)),
    };
    made.slider.element.dataset.budget = name;
    const caption = element('span', { class: 'budget-name' }, title, element('small', {}, help));
    const row = element(
      'div',
      { class: 'budget-row' },
      caption,
      made.slider.element,
      made.field.element,
      problem,
    );
    return { ...made, element: row };
  }

  #drawOptions(): void {
    const units = [
      { value: 'seconds', text: 'device time, as measured' },
      { value: 'FLOPs', text: 'computation (FLOP), as counted' },
    ];
    redraw(
      this.#options,
      select('Budgets in', units, this.#state.unit, (unit) => this.#changeUnit(unit)),
      checkbox(
        'Generic text can be read when the domain arrives',
        this.#state.genericCorpusAtHand,
        (genericCorpusAtHand) => this.#change({ ...this.#state, genericCorpusAtHand }),
      ),
    );
  }

  /** Amounts of another unit cannot be carried over: how many operations a second holds was measured of none. */
  #changeUnit(chosen: string): void {
    const unit = chosen === 'seconds' ? 'seconds' : 'FLOPs';
    const { pretraining: _, specialization: __, ...values } = this.#state.values;
    this.#change({ ...this.#state, unit, values });
  }

  #move(name: BudgetName, position: number): void {
    const scale = this.#scales.get(name);
    if (scale === undefined) return;
    // There is always a number of domains.
    const value = valueAt(scale, name === 'domains' ? Math.min(position, STEPS - 1) : position);
    this.#change({ ...this.#state, values: { ...this.#state.values, [name]: value } });
  }

  #enter(name: BudgetName, text: string): void {
    const parsed = parseBudget(name, text, this.#state.unit);
    const row = this.#rows.find((one) => one.name === name);
    if ('problem' in parsed) {
      row?.field.refuse(parsed.problem);
      if (row !== undefined) row.problem.textContent = parsed.problem;
      return;
    }
    row?.field.set(text);
    this.#change({ ...this.#state, values: { ...this.#state.values, [name]: parsed.value } });
  }

  #change(state: BudgetState): void {
    this.#state = state;
    this.#show();
    this.#onChange(state);
  }

  #show(): void {
    for (const row of this.#rows) {
      const scale = this.#scales.get(row.name);
      const text = formatBudget(row.name, this.#state);
      if (scale !== undefined) row.slider.set(positionOf(scale, this.#state.values[row.name]), text);
      // What is measured meanwhile does not write over what is being typed.
      if (row.field.isTyped()) continue;
      row.field.set(text);
      row.field.refuse('');
      row.problem.textContent = '';
    }
  }
}
