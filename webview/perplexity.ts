/**
 * The perplexity panel: curves while models are trained, held-out perplexity before and after fine-tuning, what the
 * domain is made of, and which of its held-out files a model finds hard.
 */
import './policy.ts';
import { isMeasurable, viewsOf } from '../src/budget/views.ts';
import { drawPairBars, pairTable, summarizePairs } from '../src/charts/pair-bars.ts';
import type { DomainHistograms } from '../src/experiments/results/selection-facts.ts';
import type { ToPanel } from '../src/panel-protocol/messages.ts';
import { AnswerPart } from './answer.ts';
import { select } from './controls.ts';
import { element, redraw } from './dom.ts';
import { Choices, listen } from './editor.ts';
import { figure } from './figure.ts';
import { nothingYet } from './nothing-yet.ts';
import { emptyPage, notesOf, pageFrame } from './page.ts';
import { CurvesSection } from './perplexity/curves-section.ts';
import { DocumentsSection } from './perplexity/documents/documents-section.ts';
import {
  beforeAndAfter,
  clusterBars,
  countsInWords,
  histogramName,
  MEASURES,
  tieInWords,
  WEIGHTS_IN_WORDS,
  weightInWords,
  withoutStartInWords,
  wordsOf,
} from './perplexity/held-out.ts';
import { HeldOutSection } from './perplexity/held-out-section.ts';

type Results = Extract<ToPanel, { type: 'results' }>;

const choices = new Choices();
const frame = pageFrame('Perplexity');
const answerPart = new AnswerPart(choices);
const lines = new HeldOutSection(choices);
const curves = new CurvesSection(choices);
const barsPart = element('div', {});
const clustersPart = element('div', {});
const documents = new DocumentsSection(choices);

let results: Results | undefined;
let histograms: readonly DomainHistograms[] = [];

curves.element.hidden = true;
frame.content.append(
  answerPart.element,
  lines.element,
  curves.element,
  element('div', { class: 'figures' }, barsPart, clustersPart),
  documents.element,
);

listen((message) => {
  switch (message.type) {
    case 'results':
      results = message;
      frame.title(message.title);
      notesOf(frame, message);
      answerPart.show(message);
      lines.showResults(message);
      curves.setMethods(message.methods.map(({ id }) => id));
      drawResults();
      documents.setResults(message);
      break;
    case 'tried':
      answerPart.showTried(message);
      break;
    case 'histograms':
      histograms = message.domains;
      drawClusters();
      break;
    case 'lines':
      lines.showLines(message);
      break;
    case 'curves':
      curves.store.setFacts(message.curves);
      curves.drawAll();
      lines.showTraining(curves.store.curves);
      break;
    case 'points':
      for (const part of message.parts) curves.store.add(part);
      curves.askDraw();
      lines.showTraining(curves.store.curves);
      break;
    case 'documents':
      documents.take(message);
      break;
    case 'focus':
      choices.set('evaluation', message.evaluation);
      curves.focus(message.method);
      documents.draw();
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
    emptyPage(
      frame,
      `${nothingYet('trained', results ?? { otherRuns: 0 })} Curves appear here while a run trains.`,
    );
}

function drawResults(): void {
  drawBars();
  drawClusters();
}

function drawBars(): void {
  const views = viewsOf((results?.measurements ?? []).filter(isMeasurable));
  const view = views.find(({ title }) => title === choices.get('view')) ?? views.at(0);
  const methods = results?.methods ?? [];
  const measures = MEASURES.filter((one) => view && beforeAndAfter(view, methods, one) !== undefined);
  // What was chosen may not be there in another domain.
  const measure = measures.find((one) => one === choices.get('measure')) ?? 'perplexity';
  const chart = view && beforeAndAfter(view, methods, measure);
  if (view === undefined || chart === undefined) {
    barsPart.replaceChildren();
    return;
  }
  const titles = views.map(({ title }) => ({ value: title, text: title }));
  const isLog =
    measure === 'bits per byte' ? '' : ' Bars are on a log scale from 1, which is knowing every token.';
  const text =
    measure === 'perplexity on generic text'
      ? 'Generic text that no model was trained on: where it is higher after fine-tuning, adapting to the domain forgot some of it.'
      : 'Held-out text.';
  redraw(
    barsPart,
    figure({
      id: 'held-out',
      title: 'Before and after fine-tuning',
      question: `${text} Each method at its chosen budget, with the largest in-domain set; lower is better.${isLog}${withoutStartInWords(methods)}`,
      choices: [
        ...(titles.length < 2 ? [] : [select('Domain', titles, view.title, choose('view', drawBars))]),
        select(
          'Measure',
          measures.map((value) => ({ value, text: value })),
          measure,
          choose('measure', drawBars),
        ),
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
    question: `What generic text resembles the domain. ${countsInWords(shown.histogram)}${tieInWords(shown.histogram)}`,
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
  const items = cards.map(({ cluster, windows, terms, excerpts }) =>
    element(
      'li',
      {},
      element('strong', {}, `Cluster ${cluster}`),
      ` · ${weightInWords(weights[cluster])}`,
      element('div', {}, windows === 0 ? 'no generic text' : wordsOf(terms).join(', ')),
      ...excerpts.slice(0, 1).map((text) => element('blockquote', {}, text)),
    ),
  );
  return element(
    'details',
    { 'data-key': 'cards' },
    element('summary', { 'data-key': 'cards-summary' }, 'Cluster cards'),
    element('p', { class: 'quiet' }, WEIGHTS_IN_WORDS),
    element('ul', { class: 'cards' }, ...items),
  );
}

function choose(name: string, draw: () => void): (value: string) => void {
  return (value) => {
    choices.set(name, value);
    draw();
  };
}
