/**
 * The charts as HTML. Every choice (domain, in-domain size, and a unit, number of domains or cost) is a group of radio buttons, and the
 * style sheet shows the figure that matches through `:has()`: no script, so the page's policy can forbid all of
 * them, and where `:has()` is unknown every figure is shown.
 */
import type { View } from '../../budget/views.ts';
import { escapeHtml } from '../../charts/escape.ts';
import { drawFigure, figureInWords, figureTable } from '../../charts/figures.ts';
import {
  type ChartGroup,
  chartGroups,
  type PlacedChart,
  sizeChoice,
  telltaleChoice,
  telltaleSize,
} from '../../charts/groups.ts';
import { tableHtml } from '../../charts/table.ts';
import type { ExperimentResults } from '../results/results.ts';

interface Choice {
  readonly value: string;
  readonly text: string;
}

/** The section of charts, and the style rules that its choices need. */
export function figuresHtml(results: ExperimentResults, views: readonly View[]): string {
  const choices = views.map((view, index) => ({ value: `view-${index}`, text: view.title }));
  const blocks = views.map((view, index) => {
    const groups = chartGroups(results, view).map((group) => groupHtml(group, `v${index}-${group.id}`));
    return `<div class="view" data-view="${index}">${groups.join('\n')}</div>`;
  });
  return [
    '<section id="curves" class="curves" aria-labelledby="curves-title">',
    '<h2 id="curves-title">Curves</h2>',
    '<p class="note">Points are means over seeds, whiskers go from the lowest to the highest seed. Rest the pointer on a point for its numbers; each chart also has them as a table. The dotted staircase is the Pareto front: at its points no method within the inference cap is cheaper and better.</p>',
    choiceHtml('Domain', 'view', choices, 0),
    ...blocks,
    '</section>',
  ].join('\n');
}

/** For each value of each choice: while it is chosen, hide the figures of the other values. */
export function figureStyles(results: ExperimentResults, views: readonly View[]): string {
  const groups = views.flatMap((view) => chartGroups(results, view));
  return [
    ...rules(views.length, 'view', '.curves', '.view'),
    ...rules(Math.max(1, ...groups.map(({ choices }) => choices.length)), 'axis', '.budget', '.placed'),
    ...rules(Math.max(1, ...groups.map(({ sizes }) => sizes.length)), 'size', '.budget', '.placed'),
  ].join('\n');
}

function rules(count: number, choice: string, scope: string, item: string): readonly string[] {
  return Array.from(
    { length: count },
    (_, index) =>
      `${scope}:has([value="${choice}-${index}"]:checked) ${item}:not([data-${choice}="${index}"]) { display: none; }`,
  );
}

function groupHtml(group: ChartGroup, id: string): string {
  const { charts, sizes, choices } = group;
  const shownSizes = [...new Set(charts.map(({ size }) => size))].sort((a, b) => a - b);
  const shownChoices = [...new Set(charts.map(({ choice }) => choice))].sort((a, b) => a - b);
  const sizeChoices = shownSizes.map((index) => ({ value: `size-${index}`, text: sizeChoice(sizes[index]) }));
  const otherChoices = shownChoices.map((index) => ({ value: `axis-${index}`, text: choices[index] }));
  const shown = shownChoices.flatMap((choice) =>
    shownSizes.map((size) => {
      const chart = charts.find((one) => one.choice === choice && one.size === size);
      return chart === undefined
        ? missingHtml(group, choice, size)
        : figureHtml(chart, `${id}-${choice}-${size}`);
    }),
  );
  return [
    `<section class="budget" aria-labelledby="${id}-title">`,
    `<h3 id="${id}-title">${escapeHtml(group.title)}</h3>`,
    `<p class="question">${escapeHtml(group.question)}</p>`,
    '<div class="choices">',
    choiceHtml('In-domain tokens', `${id}-size`, sizeChoices, shownSizes.indexOf(telltaleSize(group) ?? 0)),
    choiceHtml(group.legend, `${id}-axis`, otherChoices, shownChoices.indexOf(telltaleChoice(group) ?? 0)),
    '</div>',
    ...shown,
    '</section>',
  ].join('\n');
}

/** A choice of one needs no buttons. */
function choiceHtml(legend: string, name: string, choices: readonly Choice[], chosen: number): string {
  if (choices.length < 2) return '';
  const buttons = choices.map(
    ({ value, text }, index) =>
      `<label><input type="radio" name="${name}" value="${value}"${index === chosen ? ' checked' : ''}><span>${escapeHtml(text)}</span></label>`,
  );
  return `<fieldset><legend>${legend}</legend>${buttons.join('')}</fieldset>`;
}

function missingHtml({ missing }: ChartGroup, choice: number, size: number): string {
  return `<p class="note placed" data-axis="${choice}" data-size="${size}">${missing}</p>`;
}

function figureHtml({ chart, choice, size }: PlacedChart, id: string): string {
  const name = escapeHtml(`${chart.title}, ${chart.context}, against ${chart.axis.label}`);
  return [
    `<figure class="placed" data-axis="${choice}" data-size="${size}">`,
    `<div class="scroll" role="group" tabindex="0" aria-label="${name}">${drawFigure(chart, id)}</div>`,
    `<figcaption>${escapeHtml(figureInWords(chart))}</figcaption>`,
    `<details><summary>Table of this chart</summary>${tableHtml(figureTable(chart))}</details>`,
    '</figure>',
  ].join('\n');
}
