/**
 * The charts as HTML. Every choice (domain, in-domain size, unit of the x axis) is a group of radio buttons, and the
 * style sheet shows the figure that matches through `:has()`: no script, so the page's policy can forbid all of
 * them, and where `:has()` is unknown every figure is shown.
 */
import type { View } from '../../../webview/charts/aggregate.ts';
import { BUDGETS, type Budget, chartOf, chartSizes } from '../../../webview/charts/budgets.ts';
import type { Chart } from '../../../webview/charts/chart.ts';
import { escapeHtml } from '../../../webview/charts/escape.ts';
import { formatCompact } from '../../../webview/charts/format.ts';
import { drawChart } from '../../../webview/charts/plot.ts';
import { summarize } from '../../../webview/charts/summary.ts';
import { chartTable, tableHtml } from '../../../webview/charts/table.ts';
import type { ExperimentResults } from '../results.ts';

interface Figure {
  readonly chart: Chart;
  readonly axis: number;
  readonly size: number;
}

interface Choice {
  readonly value: string;
  readonly text: string;
}

/** The section of charts, and the style rules that its choices need. */
export function figuresHtml(results: ExperimentResults, views: readonly View[]): string {
  const choices = views.map((view, index) => ({ value: `view-${index}`, text: view.title }));
  const blocks = views.map((view, index) => {
    const groups = BUDGETS.map((budget) => groupHtml(results, view, budget, `v${index}-${budget.id}`));
    return `<div class="view" data-view="${index}">${groups.join('\n')}</div>`;
  });
  return [
    '<section id="curves" class="curves" aria-labelledby="curves-title">',
    '<h2 id="curves-title">Curves</h2>',
    '<p class="note">Points are means over seeds, whiskers go from the lowest to the highest seed. Rest the pointer on a point for its numbers; each chart also has them as a table.</p>',
    choiceHtml('Domain', 'view', choices, 0),
    ...blocks,
    '</section>',
  ].join('\n');
}

/** For each value of each choice: while it is chosen, hide the figures of the other values. */
export function figureStyles(views: readonly View[]): string {
  const axes = Math.max(...BUDGETS.map((budget) => budget.axes.length));
  const sizes = Math.max(
    1,
    ...views.flatMap((view) => BUDGETS.map((budget) => chartSizes(budget, view).length)),
  );
  return [
    ...rules(views.length, 'view', '.curves', '.view'),
    ...rules(axes, 'axis', '.budget', 'figure'),
    ...rules(sizes, 'size', '.budget', 'figure'),
  ].join('\n');
}

function rules(count: number, choice: string, scope: string, item: string): readonly string[] {
  return Array.from(
    { length: count },
    (_, index) =>
      `${scope}:has([value="${choice}-${index}"]:checked) ${item}:not([data-${choice}="${index}"]) { display: none; }`,
  );
}

function groupHtml(results: ExperimentResults, view: View, budget: Budget, id: string): string {
  const sizes = chartSizes(budget, view);
  const figures: Figure[] = [];
  budget.axes.forEach((axis, axisIndex) => {
    sizes.forEach((size, sizeIndex) => {
      const chart = chartOf(results, view, budget, axis, size);
      if (chart !== undefined) figures.push({ chart, axis: axisIndex, size: sizeIndex });
    });
  });
  if (figures.length === 0) return '';
  const shownSizes = [...new Set(figures.map((figure) => figure.size))];
  const sizeChoices = shownSizes.map((index) => ({ value: `size-${index}`, text: sizeText(sizes[index]) }));
  const axisChoices = [...new Set(figures.map((figure) => figure.axis))].map((index) => ({
    value: `axis-${index}`,
    text: budget.axes[index].choice,
  }));
  return [
    `<section class="budget" aria-labelledby="${id}-title">`,
    `<h3 id="${id}-title">${escapeHtml(budget.title)}</h3>`,
    `<p class="question">${escapeHtml(budget.question)}</p>`,
    '<div class="choices">',
    choiceHtml('In-domain tokens', `${id}-size`, sizeChoices, sizeChoices.length - 1),
    choiceHtml('Horizontal axis', `${id}-axis`, axisChoices, 0),
    '</div>',
    ...figures.map((figure) => figureHtml(figure, `${id}-${figure.axis}-${figure.size}`)),
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

function figureHtml({ chart, axis, size }: Figure, id: string): string {
  const name = escapeHtml(`${chart.title}, ${chart.context}, against ${chart.axis.label}`);
  return [
    `<figure data-axis="${axis}" data-size="${size}">`,
    `<div class="scroll" role="group" tabindex="0" aria-label="${name}">${drawChart(chart, id)}</div>`,
    `<figcaption>${escapeHtml(summarize(chart))}</figcaption>`,
    `<details><summary>Table of this chart</summary>${tableHtml(chartTable(chart))}</details>`,
    '</figure>',
  ].join('\n');
}

function sizeText(size: number | undefined): string {
  return size === undefined || size === 0 ? 'none (before fine-tuning)' : formatCompact(size);
}
