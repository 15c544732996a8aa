/**
 * The budget trade-off panel: what do I have, which method to use, and why. The planner is a pure function and runs
 * here, on every movement of a slider; the charts below follow when it pauses.
 */
import './policy.ts';
import type { GridPlace } from '../src/budget/estimate.ts';
import { planFor } from '../src/budget/planner.ts';
import type { PlannedMethod, PlannerAnswer } from '../src/budget/planner-types.ts';
import { predictionInWords } from '../src/budget/planner-words.ts';
import { domainsIn } from '../src/experiments/answer.ts';
import { plannedMethods } from '../src/experiments/planning.ts';
import type { Measurement } from '../src/experiments/results.ts';
import { AnswerPart } from './answer.ts';
import { type Cell, isMeasurable, type View, viewsOf } from './charts/aggregate.ts';
import type { Subject } from './charts/budgets.ts';
import { type ChartGroup, chartGroups, type PlacedChart, sizeChoice, telltaleSize } from './charts/groups.ts';
import { drawChart } from './charts/plot.ts';
import { summarize } from './charts/summary.ts';
import { chartTable, tableHtml } from './charts/table.ts';
import { select } from './controls.ts';
import { element, fromMarkup, redraw } from './dom.ts';
import { Choices, listen, tell } from './editor.ts';
import { figure } from './figure.ts';
import type { ToPanel } from './messages.ts';
import { emptyPage, notesOf, pageFrame } from './page.ts';
import { breakEvenTable, standingChart, underBudgets } from './tradeoffs/budget-charts.ts';
import { BudgetForm } from './tradeoffs/budget-form.ts';
import { type BudgetState, budgetsOf, initialState, readBudgetState } from './tradeoffs/budget-state.ts';
import { methodTable } from './tradeoffs/method-table.ts';
import { nextSteps, pointsToRun } from './tradeoffs/next-steps.ts';

type Results = Extract<ToPanel, { type: 'results' }>;

/** After the last movement of a slider: until the charts below the answer follow. */
const PAUSE_MS = 60;

const choices = new Choices();
const frame = pageFrame('Budget trade-offs');
const answerPart = new AnswerPart();
const viewChoice = element('div', { class: 'choices' });
const formPlace = element('div', {});
const recommendation = element('p', { class: 'recommendation', 'aria-live': 'polite', id: 'recommendation' });
const methodsPart = element('div', {});
const standingPart = element('div', {});
const chartsPart = element('div', { class: 'figures' });
const doubts = element('p', { class: 'quiet', id: 'prediction' });

let results: Results | undefined;
let state: BudgetState | undefined;
let form: BudgetForm | undefined;
let frameAsked = false;
let pausing = 0;
/** Of the results: made once, because the planner keeps what it fitted to a view's cells. */
let views: readonly View[] = [];

frame.content.append(
  answerPart.element,
  element(
    'section',
    { class: 'question', 'aria-labelledby': 'have' },
    element('h2', { id: 'have' }, 'What do you have?'),
    viewChoice,
    formPlace,
  ),
  element(
    'div',
    { class: 'answer' },
    element(
      'section',
      { 'aria-labelledby': 'use' },
      element('h2', { id: 'use' }, 'What to use'),
      recommendation,
      methodsPart,
      doubts,
    ),
    standingPart,
  ),
  chartsPart,
);

listen((message) => {
  if (message.type === 'results') show(message);
  if (message.type === 'problem') emptyPage(frame, message.message);
});

function show(message: Results): void {
  results = message;
  views = viewsOf(message.measurements.filter(isMeasurable));
  frame.title(message.title);
  notesOf(frame, message);
  if (message.measurements.filter(isMeasurable).length === 0) {
    const what = message.otherRuns > 0 ? 'with the settings of parlance.json as it is now' : 'yet';
    emptyPage(
      frame,
      `Nothing has been measured ${what}. Run the experiment: each finished evaluation appears here at once.`,
    );
    return;
  }
  frame.filled();
  answerPart.show(message);
  const methods = plannedMethods(message.methods, message.models);
  if (state === undefined || form === undefined) {
    state = readBudgetState(choices.get('budgets')) ?? initialState(methods, domainsIn(message.measurements));
    form = new BudgetForm(state, changeBudgets);
    formPlace.replaceChildren(form.element);
  }
  drawAll();
}

function changeBudgets(changed: BudgetState): void {
  const isOtherUnit = changed.unit !== state?.unit;
  state = changed;
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
  if (results === undefined || state === undefined) return undefined;
  const view = views.find(({ title }) => title === choices.get('view')) ?? views.at(0);
  if (view === undefined) return undefined;
  return { results, state, view, methods: plannedMethods(results.methods, results.models) };
}

function drawAll(): void {
  const now = shown();
  if (now === undefined || form === undefined) return;
  const options = views.map(({ title }) => ({ value: title, text: title }));
  viewChoice.replaceChildren(
    ...(views.length < 2
      ? []
      : [select('Domain', options, now.view.title, (title) => choose('view', title))]),
  );
  form.set(now.state);
  form.cover(now.view.cells, now.methods);
  drawAnswer();
}

function choose(name: string, value: string): void {
  choices.set(name, value);
  drawAll();
}

function drawAnswer(): void {
  const now = shown();
  if (now === undefined) return;
  const request = { budgets: budgetsOf(now.state), methods: now.methods, points: now.view.cells };
  const answer = planFor(request);
  if (recommendation.textContent !== answer.recommendation.sentence) {
    recommendation.textContent = answer.recommendation.sentence;
  }
  doubts.textContent = predictionInWords(answer.prediction);
  const breakEven = breakEvenTable(answer);
  redraw(
    methodsPart,
    methodTable(answer, now.results.methods),
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
    pointsToRun(answer, runPoint),
    nextSteps(answer, runPoint),
  );
  drawStanding(now, answer);
  clearTimeout(pausing);
  pausing = window.setTimeout(() => drawCharts(now, answer), PAUSE_MS);
}

function subjectOf(
  { results: { methods, models, measurements }, view }: Shown,
  answer: PlannerAnswer,
): Subject {
  const infeasible = new Map(answer.excluded.map(({ method, reasons }) => [method, reasons.join(' ')]));
  return { methods, models, infeasible, keyOf: (cell) => evaluationOf(measurements, view, cell) };
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
            question:
              'Each method at the budget that is lowest on validation text among those it may use. Hollow marks are not measured: interpolated or predicted.',
            svg: drawChart(standing, 'standing'),
            summary: summarize(standing),
            table: chartTable(standing),
            onPress: openMeasurement,
          }),
        ]),
  );
}

function drawCharts(now: Shown, answer: PlannerAnswer): void {
  const { state: budgets, view } = now;
  const subject = subjectOf(now, answer);
  redraw(
    chartsPart,
    ...chartGroups(subject, view).map((group) => {
      const placed = chosenChart(group, budgets);
      const chart = underBudgets(subject, group, placed, answer, budgets);
      return figure({
        id: group.id,
        title: group.title,
        question: group.question,
        choices: groupChoices(group, placed),
        svg: drawChart(chart, group.id),
        summary: summarize(chart),
        table: chartTable(chart),
        onPress: openMeasurement,
      });
    }),
  );
}

function chosenChart(group: ChartGroup, { unit }: BudgetState): PlacedChart {
  const wanted = choices.get(`${group.id} axis`) ?? (unit === 'FLOPs' ? 'FLOPs' : 'device-seconds');
  const axis = Math.max(0, group.choices.indexOf(wanted));
  const size = choices.get(`${group.id} size`) ?? `${telltaleSize(group)}`;
  const ofAxis = group.charts.filter(({ choice }) => choice === axis);
  return ofAxis.find((one) => `${one.size}` === size) ?? ofAxis.at(-1) ?? group.charts[0];
}

function groupChoices(group: ChartGroup, { choice, size }: PlacedChart): readonly HTMLElement[] {
  const sizes = [...new Set(group.charts.map((one) => one.size))].sort((a, b) => a - b);
  const axes = [...new Set(group.charts.map((one) => one.choice))].sort((a, b) => a - b);
  const sizeOptions = sizes.map((index) => ({ value: `${index}`, text: sizeChoice(group.sizes[index]) }));
  const axisOptions = axes.map((index) => ({ value: group.choices[index], text: group.choices[index] }));
  const name = (what: string): string => `${what} of ${group.title.toLowerCase()}`;
  return [
    ...(sizes.length < 2
      ? []
      : [
          labelled(
            select('In-domain tokens', sizeOptions, `${size}`, (value) => choose(`${group.id} size`, value)),
            name('In-domain tokens'),
          ),
        ]),
    ...(axes.length < 2
      ? []
      : [
          labelled(
            select(group.legend, axisOptions, group.choices[choice], (value) =>
              choose(`${group.id} axis`, value),
            ),
            name(group.legend),
          ),
        ]),
  ];
}

/** Several charts have the same choices: a screen reader hears whose they are, and focus finds its own again. */
function labelled(choice: HTMLElement, name: string): HTMLElement {
  const list = choice.querySelector('select');
  list?.setAttribute('aria-label', name);
  list?.setAttribute('data-key', name);
  return choice;
}

function runPoint(place: GridPlace): void {
  tell({ type: 'runPoint', ...place });
}

function openMeasurement(evaluation: string): void {
  tell({ type: 'openMeasurement', evaluation });
}

/** The evaluation behind a point: of several seeds or domains the first. */
function evaluationOf(measurements: readonly Measurement[], view: View, cell: Cell): string | undefined {
  return measurements.find(
    (one) =>
      one.method === cell.method &&
      one.phase === cell.phase &&
      one.pretrainingTokens === cell.pretrainingTokens &&
      one.requestedDomainTokens === cell.requestedDomainTokens &&
      (view.kind === 'macro average' || one.domain === view.title),
  )?.fingerprint;
}
