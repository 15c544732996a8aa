/**
 * The perplexity panel: curves while models are trained, held-out perplexity before and after fine-tuning, what the
 * domain is made of, and which of its held-out files a model finds hard.
 */
import './policy.ts';
import type { DomainHistograms } from '../src/experiments/results-schema.ts';
import { AnswerPart } from './answer.ts';
import { isMeasurable, viewsOf } from './charts/aggregate.ts';
import { drawPairBars, pairTable, summarizePairs } from './charts/pair-bars.ts';
import { button, select } from './controls.ts';
import { element, redraw } from './dom.ts';
import { Choices, listen, tell } from './editor.ts';
import { exportCsv } from './export.ts';
import { figure } from './figure.ts';
import type { ToPanel } from './messages.ts';
import { emptyPage, notesOf, pageFrame } from './page.ts';
import { CurvesSection } from './perplexity/curves-section.ts';
import {
  type DocumentsMessage,
  documentList,
  documentTable,
  evaluationName,
  firstEvaluation,
} from './perplexity/documents.ts';
import {
  beforeAndAfter,
  clusterBars,
  formatShare,
  histogramName,
  type Measure,
  tieInWords,
} from './perplexity/held-out.ts';

type Results = Extract<ToPanel, { type: 'results' }>;

const choices = new Choices();
const frame = pageFrame('Perplexity');
const answerPart = new AnswerPart();
const curves = new CurvesSection(choices);
const barsPart = element('div', {});
const clustersPart = element('div', {});
const documentsPart = element('section', { class: 'figure', 'aria-labelledby': 'documents-heading' });

let results: Results | undefined;
let histograms: readonly DomainHistograms[] = [];
let documents: DocumentsMessage | undefined;
let asked = '';

curves.element.hidden = true;
documentsPart.hidden = true;
frame.content.append(
  answerPart.element,
  curves.element,
  element('div', { class: 'figures' }, barsPart, clustersPart),
  documentsPart,
);

listen((message) => {
  switch (message.type) {
    case 'results':
      results = message;
      frame.title(message.title);
      notesOf(frame, message);
      answerPart.show(message);
      curves.setMethods(message.methods.map(({ id }) => id));
      drawResults();
      break;
    case 'histograms':
      histograms = message.domains;
      drawClusters();
      break;
    case 'curves':
      curves.store.setFacts(message.curves);
      curves.drawAll();
      break;
    case 'points':
      for (const part of message.parts) curves.store.add(part);
      curves.askDraw();
      break;
    case 'documents':
      documents = message;
      drawDocuments();
      break;
    case 'focus':
      choices.set('evaluation', message.evaluation);
      curves.focus(message.method);
      drawDocuments();
      break;
    case 'problem':
      emptyPage(frame, message.message);
      return;
  }
  showOrExplain();
});

function showOrExplain(): void {
  if ((results?.measurements.length ?? 0) > 0 || curves.store.curves.length > 0) frame.filled();
  else
    emptyPage(frame, 'Nothing has been trained yet. Run the experiment: curves appear here while it trains.');
}

function drawResults(): void {
  drawBars();
  drawClusters();
  drawDocuments();
}

function drawBars(): void {
  const views = viewsOf((results?.measurements ?? []).filter(isMeasurable));
  const view = views.find(({ title }) => title === choices.get('view')) ?? views.at(0);
  const measure: Measure = choices.get('measure') === 'bits per byte' ? 'bits per byte' : 'perplexity';
  const methods = results?.methods.map(({ id }) => id) ?? [];
  const chart = view && beforeAndAfter(view, methods, measure);
  if (view === undefined || chart === undefined) {
    barsPart.replaceChildren();
    return;
  }
  const titles = views.map(({ title }) => ({ value: title, text: title }));
  const measures = ['perplexity', 'bits per byte'].map((value) => ({ value, text: value }));
  const isLog =
    measure === 'perplexity' ? ' Bars are on a log scale from 1, which is knowing every token.' : '';
  redraw(
    barsPart,
    figure({
      id: 'held-out',
      title: 'Before and after fine-tuning',
      question: `Held-out text; each method at its chosen budget, with the largest in-domain set; lower is better.${isLog}`,
      choices: [
        ...(titles.length < 2 ? [] : [select('Domain', titles, view.title, choose('view', drawBars))]),
        select('Measure', measures, measure, choose('measure', drawBars)),
      ],
      svg: drawPairBars(chart, 'held-out'),
      summary: summarizePairs(chart),
      table: pairTable(chart),
    }),
  );
}

function drawClusters(): void {
  const all = histograms.flatMap(({ domain, histograms: own }) =>
    own.map((histogram) => ({ name: histogramName(domain, histogram), domain, histogram })),
  );
  const shown = all.find(({ name }) => name === choices.get('histogram')) ?? all.at(0);
  if (shown === undefined) {
    clustersPart.replaceChildren();
    return;
  }
  const chart = clusterBars(shown.domain, shown.histogram);
  const options = all.map(({ name }) => ({ value: name, text: name }));
  const part = figure({
    id: 'clusters',
    title: chart.title,
    question: `What generic text resembles the domain. Hardly covered by generic text: ${formatShare(shown.histogram.uncoveredShare)} of the domain.${tieInWords(shown.histogram)}`,
    choices:
      options.length < 2 ? [] : [select('Histogram', options, shown.name, choose('histogram', drawClusters))],
    svg: drawPairBars(chart, 'clusters'),
    summary: summarizePairs(chart),
    table: pairTable(chart),
  });
  part.append(clusterCards(shown.histogram));
  redraw(clustersPart, part);
}

function clusterCards({ cards, weights }: DomainHistograms['histograms'][number]): HTMLElement {
  const items = cards.map(({ cluster, terms, excerpts }) =>
    element(
      'li',
      {},
      element('strong', {}, `Cluster ${cluster}`),
      ` · shown ${Number((weights[cluster] ?? 0).toPrecision(2))} times as often as by plain pretraining`,
      element('div', {}, terms.length === 0 ? 'no generic text' : terms.join(', ')),
      ...excerpts.slice(0, 1).map((text) => element('blockquote', {}, text)),
    ),
  );
  return element(
    'details',
    { 'data-key': 'cards' },
    element('summary', { 'data-key': 'cards-summary' }, 'Cluster cards'),
    element('ul', { class: 'cards' }, ...items),
  );
}

function drawDocuments(): void {
  const measurements = results?.measurements ?? [];
  const chosen =
    measurements.find(({ fingerprint }) => fingerprint === choices.get('evaluation')) ??
    (results && firstEvaluation(results, measurements));
  documentsPart.hidden = chosen === undefined;
  if (chosen === undefined) return;
  const evaluation = chosen.fingerprint;
  if (asked !== evaluation) {
    asked = evaluation;
    tell({ type: 'askDocuments', evaluation });
  }
  const own = documents?.evaluation === evaluation ? documents : undefined;
  const options = measurements.map((one) => ({ value: one.fingerprint, text: evaluationName(one) }));
  const heading = element('h2', { id: 'documents-heading' }, 'Which files does the model find hard?');
  const save = button('CSV', () => own && exportCsv('held-out-files', documentTable(own.documents)));
  save.setAttribute('appearance', 'icon');
  save.setAttribute('aria-label', 'Export the list of files as CSV');
  redraw(
    documentsPart,
    element('div', { class: 'figure-head' }, heading, element('div', { class: 'exports' }, save)),
    element(
      'div',
      { class: 'choices' },
      select('Model', options, evaluation, choose('evaluation', drawDocuments)),
    ),
    ...(own === undefined
      ? [element('p', { class: 'quiet' }, 'Reading…')]
      : documentList(own, (index) => tell({ type: 'openDocument', evaluation, index }))),
  );
}

function choose(name: string, draw: () => void): (value: string) => void {
  return (value) => {
    choices.set(name, value);
    draw();
  };
}
