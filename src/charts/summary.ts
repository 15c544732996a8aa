/** A chart in one or two sentences with its numbers, for those who cannot or need not look at it. */

import { formatPerplexity } from '../common/format.ts';
import { type Chart, type Point, type Series, seriesLabel } from './chart.ts';

/** For example: `Perplexity against …, on letters: slm from 21.30 at 1.0M to 18.20 at 8.0M; …. Lowest: slm-pn, 17.32 at 8.0M.` */
export function summarize(chart: Chart): string {
  const lines = chart.series.map((series) => `${seriesLabel(series)} ${courseOf(chart, series)}`);
  return `${chart.title}, ${chart.context}${sharedPlace(chart)}: ${lines.join('; ')}.${lowestOf(chart)}${frontInWords(chart)}`;
}

/** Where all dots stand at one place, that they do: nothing there can be read from left to right. */
function sharedPlace({ shape, series, axis }: Chart): string {
  const places = new Set(series.flatMap(({ points }) => points.map(({ x }) => x)));
  const [place] = places;
  return shape === 'dots' && series.length > 1 && places.size === 1 ? `, all at ${axis.format(place)}` : '';
}

function courseOf(chart: Chart, { points }: Series): string {
  const first = points[0];
  const last = points[points.length - 1];
  if (points.length === 1) return placeInWords(chart, first);
  return `from ${placeInWords(chart, first)} to ${placeInWords(chart, last)}`;
}

function placeInWords(chart: Chart, point: Point): string {
  const perplexity = formatPerplexity(point.perplexity.mean);
  const place = point.x === 0 ? '' : ` at ${chart.axis.format(point.x)}`;
  const marks = [
    ...(point.x === 0 ? [chart.axis.zero] : []),
    ...(point.estimated === undefined ? [] : [point.estimated]),
  ];
  return `${perplexity}${place}${marks.length === 0 ? '' : ` (${marks.join(', ')})`}`;
}

/** The lowest point within the inference cap, which is named where it leaves something out, where there is more than one line to choose from. */
function lowestOf(chart: Chart): string {
  const candidates = chart.series.filter((series) => !series.ceiling);
  if (candidates.length < 2) return '';
  const ranked = candidates
    .flatMap((series) => series.points.map((point) => ({ series, point })))
    .sort((a, b) => a.point.perplexity.mean - b.point.perplexity.mean);
  const { series, point } = ranked[0];
  const within = candidates.length < chart.series.length ? ' within the inference cap' : '';
  return ` Lowest${within}: ${series.method}, ${placeInWords(chart, point)}.`;
}

function frontInWords(chart: Chart): string {
  if (chart.front === undefined || chart.front.length === 0) return '';
  const places = chart.front.map((point) => {
    const own = chart.series.find(({ points }) => points.includes(point));
    return `${own === undefined ? '' : `${own.method} `}${placeInWords(chart, point)}`;
  });
  return ` Pareto front, cheapest first: ${places.join(', ')}.`;
}
