/** Tables as values, so that one table is written as HTML here and as Markdown by the report. */

import { pretrainingFigure } from '../budget/pretraining-words.ts';
import { formatPerplexity } from '../common/format.ts';
import { type Chart, type Point, type Series, seriesLabel } from './chart.ts';
import { escapeHtml } from './escape.ts';

export interface Table {
  readonly caption: string;
  readonly columns: readonly Column[];
  /** The first cell of each row names the row. */
  readonly rows: readonly (readonly TableCell[])[];
}

export interface Column {
  readonly title: string;
  /** Of the cells' values. */
  readonly unit?: string;
  readonly align: 'text' | 'number';
}

export interface TableCell {
  readonly text: string;
  /** The number behind the text, in the column's unit: what is exported. */
  readonly value?: number;
  /** A second, quieter line: a range, a fuller name. */
  readonly detail?: string;
  /** The best value of its column. */
  readonly best?: true;
}

/** The numbers of a chart. */
export function chartTable(chart: Chart): Table {
  const isMixed = chart.series.some(({ points }) => points.some(({ estimated }) => estimated !== undefined));
  const tellsBudget = chart.series.every(({ points }) =>
    points.every(({ pretrainingTokens }) => pretrainingTokens !== undefined),
  );
  return {
    caption: `${chart.title}, ${chart.context}`,
    columns: [
      { title: 'Method', align: 'text' },
      { title: chart.axis.label, align: 'number', ...(chart.axis.unit && { unit: chart.axis.unit }) },
      ...(tellsBudget ? [{ title: 'Pretraining tokens', align: 'number' as const }] : []),
      { title: 'Perplexity, mean', align: 'number' },
      { title: 'Lowest', align: 'number' },
      { title: 'Highest', align: 'number' },
      { title: 'Seeds', align: 'number' },
      ...(isMixed ? [{ title: 'Basis', align: 'text' as const }] : []),
      ...(chart.front === undefined ? [] : [{ title: 'Pareto front', align: 'text' as const }]),
    ],
    rows: chart.series.flatMap((series) =>
      series.points.map((point) => [
        { text: seriesLabel(series) },
        { text: point.x === 0 ? chart.axis.zero : chart.axis.formatExact(point.x), value: point.x },
        ...(tellsBudget ? [budgetCell(series, point)] : []),
        ...[point.perplexity.mean, point.perplexity.min, point.perplexity.max].map((value) => ({
          text: formatPerplexity(value),
          value,
        })),
        { text: point.estimated === undefined ? `${point.perplexity.n}` : 'none' },
        ...(isMixed ? [{ text: point.estimated ?? 'measured' }] : []),
        ...(chart.front === undefined ? [] : [{ text: chart.front.includes(point) ? 'yes' : 'no' }]),
      ]),
    ),
  };
}

function budgetCell({ method }: Series, { pretrainingTokens = 0 }: Point): TableCell {
  return { text: pretrainingFigure({ method, pretrainingTokens }), value: pretrainingTokens };
}

/**
 * A table as HTML, in a box that scrolls by itself on a narrow screen and can be reached from the keyboard.
 */
export function tableHtml(table: Table): string {
  const caption = escapeHtml(table.caption);
  const head = table.columns.map(
    ({ title, align }) => `<th scope="col" class="${align}">${escapeHtml(title)}</th>`,
  );
  const body = table.rows.map(
    (row) =>
      `<tr>${row.map((cell, index) => cellHtml(cell, index, table.columns[index].align)).join('')}</tr>`,
  );
  return [
    `<div class="scroll" role="group" tabindex="0" aria-label="${caption}">`,
    `<table><caption>${caption}</caption>`,
    `<thead><tr>${head.join('')}</tr></thead>`,
    `<tbody>${body.join('\n')}</tbody></table></div>`,
  ].join('\n');
}

function cellHtml(cell: TableCell, index: number, align: Column['align']): string {
  const detail = cell.detail === undefined ? '' : ` <small>${escapeHtml(cell.detail)}</small>`;
  const text = cell.best ? `<strong>${escapeHtml(cell.text)}</strong>` : escapeHtml(cell.text);
  if (index === 0) return `<th scope="row" class="${align}">${text}${detail}</th>`;
  return `<td class="${align}">${text}${detail}</td>`;
}
