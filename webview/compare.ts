/** The panel that compares runs: who they are, what they measured, what sets them apart, and every figure. */
import './policy.ts';
import { drawGroupDots, groupTable, summarizeGroups } from '../src/charts/group-dots.ts';
import { type Table, tableHtml } from '../src/charts/table.ts';
import { formatLocalTime, formatPlural, formatZone } from '../src/common/format.ts';
import { BITS_PER_BYTE_EXPLAINED, PERPLEXITY_EXPLAINED } from '../src/common/measures.ts';
import { methodInWords } from '../src/methods/titles.ts';
import type { ComparedRun, ToPanel } from '../src/panel-protocol/messages.ts';
import { comparedChart, figureTable, MEASURES, type Measure, viewTitles } from './compare/measured.ts';
import { button, select } from './controls.ts';
import { element, fromMarkup, redraw } from './dom.ts';
import { Choices, listen } from './editor.ts';
import { exportCsv } from './export.ts';
import { figure } from './figure.ts';
import { emptyPage, pageFrame } from './page.ts';

type Comparison = Extract<ToPanel, { type: 'comparison' }>;

const choices = new Choices();
const frame = pageFrame('Comparison of runs');
const part = element('div', {});
frame.content.append(part);

let shown: Comparison | undefined;

listen((message) => {
  if (message.type === 'problem') emptyPage(frame, message.message);
  if (message.type !== 'comparison') return;
  shown = message;
  frame.title(formatPlural(message.runs.length, 'run'));
  frame.notes.replaceChildren(...message.warnings.map((text) => element('li', { class: 'warning' }, text)));
  frame.notes.hidden = message.warnings.length === 0;
  draw();
  frame.filled();
});

function draw(): void {
  if (shown === undefined) return;
  const { runs, differences } = shown;
  const titles = viewTitles(runs);
  const title = titles.find((one) => one === choices.get('view')) ?? titles.at(0);
  redraw(
    part,
    ...(title === undefined
      ? [element('p', { class: 'quiet' }, 'None of these runs has measured anything yet.')]
      : chartOf(runs, title, titles)),
    tableSection('differences', 'What differs between the runs', differenceTable(runs, differences)),
    tableSection('runs', 'The runs', runTable(runs)),
    ...(title === undefined ? [] : [tableSection('figures', 'Every figure', figureTable(runs, title))]),
  );
}

function chartOf(
  runs: readonly ComparedRun[],
  title: string,
  titles: readonly string[],
): readonly HTMLElement[] {
  const measure = MEASURES.find((one) => one === choices.get('measure')) ?? 'perplexity';
  const chart = comparedChart(runs, title, measure);
  const options = (names: readonly string[]) => names.map((value) => ({ value, text: value }));
  const selects = [
    ...(titles.length < 2 ? [] : [select('Domain', options(titles), title, choose('view'))]),
    select('Measure', options(MEASURES), measure, choose('measure')),
  ];
  if (chart === undefined) return selects;
  const drawn = figure({
    id: 'compared',
    title: chart.title,
    question: QUESTIONS[measure],
    choices: selects,
    svg: drawGroupDots(chart, 'compared'),
    summary: summarizeGroups(chart),
    table: groupTable(chart),
  });
  const explanation = EXPLANATIONS[measure];
  if (explanation !== undefined) drawn.querySelector('h2')?.setAttribute('title', explanation);
  return [drawn];
}

const STANDING =
  'Each method at its chosen pretraining budget, with the largest in-domain set that the run measured; whiskers reach over the seeds.';

const QUESTIONS: Readonly<Record<Measure, string>> = {
  perplexity: STANDING,
  'bits per byte': STANDING,
  time: 'What a newcomer would wait who starts with nothing, at the points of the perplexities. Measured on the machine that ran it: compare runs of one machine only.',
  computation: 'What a newcomer would compute who starts with nothing, at the points of the perplexities.',
};

const EXPLANATIONS: Readonly<Partial<Record<Measure, string>>> = {
  perplexity: PERPLEXITY_EXPLAINED,
  'bits per byte': BITS_PER_BYTE_EXPLAINED,
};

function differenceTable(runs: readonly ComparedRun[], differences: Comparison['differences']): Table {
  return {
    caption:
      differences.length === 0
        ? 'Nothing: settings, text, engine and version are the same'
        : 'Settings, text, engine and version, where they are not the same',
    columns: [
      { title: 'What', align: 'text' },
      ...runs.map(({ name }) => ({ title: name, align: 'text' as const })),
    ],
    rows: differences.map(({ setting, values }) => [{ text: setting }, ...values.map((text) => ({ text }))]),
  };
}

function runTable(runs: readonly ComparedRun[]): Table {
  const zone = formatZone(new Date(runs.at(0)?.created ?? 0));
  const titles = ['Run', 'Experiment', 'Methods', `Begun (${zone})`, 'State', 'Seeds'];
  return {
    caption: 'The runs',
    columns: titles.map((title) => ({ title, align: 'text' })),
    rows: runs.map(({ name, title, methods, created, state, seeds }) =>
      [
        name,
        title,
        methods.map((id) => methodInWords(id)).join(', '),
        formatLocalTime(created),
        state,
        seeds.join(', '),
      ].map((text) => ({ text })),
    ),
  };
}

function tableSection(id: string, title: string, table: Table): HTMLElement {
  const save = button('CSV', () => exportCsv(id, table));
  save.setAttribute('appearance', 'icon');
  save.setAttribute('aria-label', `Export ${title} as CSV`);
  save.setAttribute('title', 'Export as CSV');
  save.setAttribute('data-key', `${id}-csv`);
  return element(
    'section',
    { class: 'figure', 'aria-labelledby': `${id}-heading` },
    element(
      'div',
      { class: 'figure-head' },
      element('h2', { id: `${id}-heading` }, title),
      element('div', { class: 'exports' }, save),
    ),
    fromMarkup(tableHtml(table)),
  );
}

function choose(name: string): (value: string) => void {
  return (value) => {
    choices.set(name, value);
    draw();
  };
}
