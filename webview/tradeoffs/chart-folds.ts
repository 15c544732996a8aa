/** The experiment's charts under the reader's budgets, each folded under its question; only what is unfolded is drawn. */
import type { PlannerAnswer } from '../../src/budget/planner/planner-types.ts';
import type { View } from '../../src/budget/views.ts';
import type { Subject } from '../../src/charts/budgets.ts';
import { drawFigure, figureInWords, figureTable } from '../../src/charts/figures.ts';
import {
  type ChartGroup,
  chartGroups,
  type PlacedChart,
  sizeChoice,
  telltaleChoice,
  telltaleSize,
} from '../../src/charts/groups.ts';
import { select } from '../controls.ts';
import { element, redraw } from '../dom.ts';
import type { Choices } from '../editor.ts';
import { figure } from '../figure.ts';
import { underBudgets } from './budget-charts.ts';
import type { BudgetState } from './budget-state.ts';

export interface ShownCharts {
  readonly subject: Subject;
  readonly view: View;
  readonly answer: PlannerAnswer;
  readonly budgets: BudgetState;
}

export class ChartFolds {
  readonly element = element('div', { class: 'folds' });
  readonly #choices: Choices;
  readonly #onPress: (evaluation: string) => void;
  #shown: ShownCharts | undefined;

  constructor(choices: Choices, onPress: (evaluation: string) => void) {
    this.#choices = choices;
    this.#onPress = onPress;
  }

  draw(shown: ShownCharts): void {
    this.#shown = shown;
    redraw(this.element, ...chartGroups(shown.subject, shown.view).map((group) => this.#fold(shown, group)));
  }

  #fold(shown: ShownCharts, group: ChartGroup): HTMLElement {
    const isOpen = this.#choices.get(openKey(group)) === 'true';
    const key = `chart ${group.id}`;
    const fold = element(
      'details',
      { class: 'fold', 'data-key': key },
      element('summary', { 'data-key': `${key} summary` }, group.question),
      ...(isOpen ? [this.#figure(shown, group)] : []),
    );
    fold.open = isOpen;
    fold.addEventListener('toggle', () => {
      if (fold.open === isOpen) return;
      this.#choices.set(openKey(group), `${fold.open}`);
      this.#again();
    });
    return fold;
  }

  #figure({ subject, answer, budgets }: ShownCharts, group: ChartGroup): HTMLElement {
    const place = this.#chosen(group, budgets);
    const choices = this.#choicesOf(group, place);
    const placed = chartAt(group, place);
    if (placed === undefined) return missingChart(group, choices);
    const chart = underBudgets(subject, group, placed, { answer, budgets });
    return figure({
      id: group.id,
      title: group.title,
      choices,
      svg: drawFigure(chart, group.id),
      summary: figureInWords(chart),
      table: figureTable(chart),
      onPress: this.#onPress,
    });
  }

  #again(): void {
    if (this.#shown !== undefined) this.draw(this.#shown);
  }

  #choose(name: string, value: string): void {
    this.#choices.set(name, value);
    this.#again();
  }

  /** What the reader chose, where it is offered; else what is shown first, in the unit of the budgets. */
  #chosen(group: ChartGroup, { unit }: BudgetState): Place {
    const { charts, choices } = group;
    const size = charts.find((one) => `${one.size}` === this.#choices.get(`${group.id} size`))?.size;
    const choiceOf = (name: string | undefined) =>
      charts.find(({ choice }) => choices[choice] === name)?.choice;
    const choice =
      choiceOf(this.#choices.get(`${group.id} axis`)) ??
      choiceOf(unit === 'FLOPs' ? 'FLOPs' : 'device-seconds');
    return {
      choice: choice ?? telltaleChoice(group) ?? 0,
      size: size ?? telltaleSize(group) ?? 0,
    };
  }

  #choicesOf(group: ChartGroup, { choice, size }: Place): readonly HTMLElement[] {
    const sizes = [...new Set(group.charts.map((one) => one.size))].sort((a, b) => a - b);
    const axes = [...new Set(group.charts.map((one) => one.choice))].sort((a, b) => a - b);
    const sizeOptions = sizes.map((index) => ({ value: `${index}`, text: sizeChoice(group.sizes[index]) }));
    const axisOptions = axes.map((index) => ({ value: group.choices[index], text: group.choices[index] }));
    const name = (what: string): string => `${what} of ${group.title.toLowerCase()}`;
    const choose = (what: string) => (value: string) => this.#choose(`${group.id} ${what}`, value);
    return [
      ...(sizes.length < 2
        ? []
        : [
            labelled(
              select('In-domain tokens', sizeOptions, `${size}`, choose('size')),
              name('In-domain tokens'),
            ),
          ]),
      ...(axes.length < 2
        ? []
        : [
            labelled(
              select(group.legend, axisOptions, group.choices[choice], choose('axis')),
              name(group.legend),
            ),
          ]),
    ];
  }
}

type Place = Pick<PlacedChart, 'choice' | 'size'>;

function chartAt({ charts }: ChartGroup, { choice, size }: Place): PlacedChart | undefined {
  return charts.find((one) => one.choice === choice && one.size === size);
}

function missingChart({ title, missing }: ChartGroup, choices: readonly HTMLElement[]): HTMLElement {
  return element(
    'section',
    { class: 'figure', 'aria-label': title },
    element('div', { class: 'choices' }, ...choices),
    element('p', { class: 'quiet' }, missing),
  );
}

const openKey = ({ id }: ChartGroup): string => `${id} open`;

/** Several charts have the same choices: a screen reader hears whose they are, and focus finds its own again. */
function labelled(choice: HTMLElement, name: string): HTMLElement {
  const list = choice.querySelector('select');
  list?.setAttribute('aria-label', name);
  list?.setAttribute('data-key', name);
  return choice;
}
