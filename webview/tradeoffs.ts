/**
 * The budget trade-off panel: the answer, what it becomes within the reader's budgets, and the charts behind it. The
 * planner is a pure function and runs here, on every movement of a slider; the folded charts follow when it pauses.
 */
import './policy.ts';
import type { Measurement } from '../src/budget/measurement.ts';
import { planFor } from '../src/budget/planner/planner.ts';
import type { PlannedMethod, PlannerAnswer } from '../src/budget/planner/planner-types.ts';
import { predictionInWords } from '../src/budget/planner/planner-words.ts';
import type { GridPlace } from '../src/budget/prediction/estimate.ts';
import { pretrainedPerDomain } from '../src/budget/pretraining-booking.ts';
import { type Cell, isMeasurable, measurementsOf, type View, viewsOf } from '../src/budget/views.ts';
import type { Subject } from '../src/charts/budgets.ts';
import { drawChart } from '../src/charts/plot.ts';
import { summarize } from '../src/charts/summary.ts';
import { chartTable, tableHtml } from '../src/charts/table.ts';
import { domainsIn } from '../src/experiments/results/answer.ts';
import { plannedMethods } from '../src/experiments/results/planned-methods.ts';
import type { ToPanel } from '../src/panel-protocol/messages.ts';
import { AnswerPart } from './answer.ts';
import { select } from './controls.ts';
import { element, fromMarkup, redraw } from './dom.ts';
import { Choices, listen, tell } from './editor.ts';
import { figure } from './figure.ts';
import { nothingYet } from './nothing-yet.ts';
import { emptyPage, notesOf, pageFrame } from './page.ts';
import { breakEvenTable, standingChart } from './tradeoffs/budget-charts.ts';
import { BudgetForm } from './tradeoffs/budget-form.ts';
import { type BudgetState, budgetsOf, initialState, readBudgetState } from './tradeoffs/budget-state.ts';
import { BudgetsPart } from './tradeoffs/budgets-part.ts';
import { ChartFolds } from './tradeoffs/chart-folds.ts';
import { methodTable } from './tradeoffs/method-table.ts';
import { nextSteps, pointsToRun } from './tradeoffs/next-steps.ts';

type Results = Extract<ToPanel, { type: 'results' }>;

/** After the last movement of a slider: until the charts below the answer follow. */
const PAUSE_MS = 60;

const choices = new Choices();
const frame = pageFrame('Budget trade-offs');
const answerPart = new AnswerPart(choices);
const viewChoice = element('div', { class: 'choices' });
const budgetsPart = new BudgetsPart(choices);
const pointsPart = element('div', { class: 'choices' });
const standingPart = element('div', {});
const methodsPart = element('section', { 'aria-label': 'Methods within your budgets' });
const folds = new ChartFolds(choices, openMeasurement);
const doubts = element('p', { class: 'quiet', id: 'prediction' });

let results: Results | undefined;
/** As the reader set them; until then those of the answer stand, which change with what is measured. */
let chosen: BudgetState | undefined;
let form: BudgetForm | undefined;
let frameAsked = false;
let pausing = 0;
/** Of the results: made once, because the planner keeps what it fitted to a view's cells. */
let views: readonly View[] = [];
/** The domains to choose from and the chosen one, as they were drawn. */
let drawnChoice = '';

frame.content.append(
  viewChoice,
  answerPart.element,
  budgetsPart.element,
  pointsPart,
  element('div', { class: 'answer' }, standingPart, methodsPart),
  folds.element,
  doubts,
);

listen((message) => {
  if (message.type === 'results') show(message);
  if (message.type === 'tried') answerPart.showTried(message);
  if (message.type === 'problem') emptyPage(frame, message.message);
});

function show(message: Results): void {
  results = message;
  views = viewsOf(message.measurements.filter(isMeasurable));
  frame.title(message.title);
  notesOf(frame, message);
  if (message.measurements.filter(isMeasurable).length === 0) {
    const nothing = nothingYet('measured', message);
    emptyPage(frame, `${nothing} Each evaluation of a run appears here as soon as it is finished.`);
    return;
  }
  frame.filled();
  chosen ??= readBudgetState(choices.get('budgets'));
  if (form === undefined) {
    form = new BudgetForm(chosen ?? unlimited(message), changeBudgets);
    budgetsPart.setForm(form);
  }
  drawAll();
}

/** No limit but the inference cap: the budgets of the experiment's answer. */
function unlimited({ methods, models, measurements }: Results): BudgetState {
  return initialState(plannedMethods(methods, models), domainsIn(measurements));
}

function changeBudgets(changed: BudgetState): void {
  const isOtherUnit = changed.unit !== shown()?.state.unit;
  chosen = changed;
  choices.set('budgets', JSON.stringify(changed));
  if (isOtherUnit) drawAll();
  else askFrame();
}

/** At most once a picture of the screen, however fast a slider moves. */
function askFrame(): void {
  if (frameAsked) return;
  frameAsked = true;
  requestAnimationFrame(() => {
    frameAsked = false;
    drawAnswer();
  });
}

interface Shown {
  readonly results: Results;
  readonly state: BudgetState;
  readonly view: View;
  readonly methods: readonly PlannedMethod[];
}

function shown(): Shown | undefined {
  if (results === undefined) return undefined;
  const view = views.find(({ title }) => title === choices.get('view')) ?? views.at(0);
  if (view === undefined) return undefined;
  const methods = plannedMethods(results.methods, results.models);
  return { results, state: chosen ?? unlimited(results), view, methods };
}

function drawAll(): void {
  const now = shown();
  if (now === undefined || form === undefined) return;
  drawViewChoice(now.view);
  answerPart.show(now.results, now.view.title);
  form.set(now.state);
  form.cover(now.view.cells, now.methods);
  drawAnswer();
}

/** Not without need: a list that is open would be closed by one that takes its place. */
function drawViewChoice({ title }: View): void {
  const titles = views.map((one) => one.title);
  const choice = JSON.stringify([titles, title]);
  if (choice === drawnChoice) return;
  drawnChoice = choice;
  const chooseView = (value: string): void => {
    choices.set('view', value);
    drawAll();
  };
  const options = titles.map((value) => ({ value, text: value }));
  redraw(viewChoice, ...(titles.length < 2 ? [] : [select('Domain', options, title, chooseView)]));
}

function drawAnswer(): void {
  const now = shown();
  if (now === undefined) return;
  const { unit } = now.state;
  const answer = planFor({
    budgets: budgetsOf(now.state),
    unit,
    methods: now.methods,
    points: now.view.cells,
    kind: now.view.kind,
  });
  budgetsPart.show(now.state, unlimited(now.results), answer.recommendation.sentence);
  redraw(pointsPart, ...pointsToRun(answer, runPoint));
  doubts.textContent = predictionInWords(answer.prediction);
  drawStanding(now, answer);
  drawMethods(now, answer);
  clearTimeout(pausing);
  pausing = window.setTimeout(
    () => folds.draw({ subject: subjectOf(now, answer), view: now.view, answer, budgets: now.state }),
    PAUSE_MS,
  );
}

function drawMethods({ results: { methods }, view }: Shown, answer: PlannerAnswer): void {
  const breakEven = breakEvenTable(answer);
  redraw(
    methodsPart,
    methodTable(answer, methods, pretrainedPerDomain(view.cells)),
    ...(breakEven === undefined
      ? []
      : [
          element(
            'details',
            { 'data-key': 'break-even' },
            element('summary', { 'data-key': 'break-even-summary' }, breakEven.caption),
            fromMarkup(tableHtml(breakEven)),
          ),
        ]),
    nextSteps(answer, runPoint),
  );
}

function subjectOf(
  { results: { methods, models, measurements }, view, state }: Shown,
  answer: PlannerAnswer,
): Subject {
  const infeasible = new Map(answer.excluded.map(({ method, reasons }) => [method, reasons.join(' ')]));
  const inferenceCap = state.values.inference ?? Number.POSITIVE_INFINITY;
  const keyOf = (cell: Cell) => evaluationOf(measurements, view, cell);
  return { methods, models, infeasible, inferenceCap, keyOf };
}

function drawStanding(now: Shown, answer: PlannerAnswer): void {
  const standing = standingChart(subjectOf(now, answer), now.view, answer);
  redraw(
    standingPart,
    ...(standing === undefined
      ? []
      : [
          figure({
            id: 'standing',
            title: standing.title,
            svg: drawChart(standing, 'standing'),
            summary: `Each method at the budget that is lowest on validation text among those it may use; ringed is what to use. Hollow marks are not measured: interpolated or predicted. ${summarize(standing)}`,
            table: chartTable(standing),
            onPress: openMeasurement,
          }),
        ]),
  );
}

function runPoint(place: GridPlace): void {
  tell({ type: 'runPoint', ...place });
}

function openMeasurement(evaluation: string): void {
  tell({ type: 'openMeasurement', evaluation });
}

/** The evaluation behind a point: of several seeds or domains the first. */
function evaluationOf(measurements: readonly Measurement[], view: View, cell: Cell): string | undefined {
  const own = measurementsOf(measurements, cell);
  return own.find((one) => view.kind === 'macro average' || one.domain === view.title)?.fingerprint;
}
