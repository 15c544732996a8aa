/** Charts and maps are shown alike: a drawing, a sentence and a table. */
import type { Chart } from './chart.ts';
import { drawMap } from './map-drawing.ts';
import { mapTable, summarizeMap } from './map-words.ts';
import type { MethodMap } from './method-map.ts';
import { drawChart } from './plot.ts';
import { summarize } from './summary.ts';
import { chartTable, type Table } from './table.ts';

export type Figure = Chart | MethodMap;

export function isMap(figure: Figure): figure is MethodMap {
  return figure.shape === 'map';
}

/** One `<svg>` element; `id` must be unique in the page. */
export function drawFigure(figure: Figure, id: string): string {
  return isMap(figure) ? drawMap(figure, id) : drawChart(figure, id);
}

export function figureInWords(figure: Figure): string {
  return isMap(figure) ? summarizeMap(figure) : summarize(figure);
}

export function figureTable(figure: Figure): Table {
  return isMap(figure) ? mapTable(figure) : chartTable(figure);
}
