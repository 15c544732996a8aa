/** Where the parts of a chart stand: the frame that its axes span, and its points in it. Positions are in pixels. */
import { type Chart, type Point, type Series, seriesLabel } from './chart.ts';
import { visible } from './escape.ts';
import { type Axis, logAxis, logAxisWithZero, paddedRange } from './scale.ts';

export const WIDTH = 700;
export const HEIGHT = 360;
export const TOP = 42;
export const BOTTOM = HEIGHT - 58;
export const LEFT = 58;
export const CHARACTER_WIDTH = 7.4;
const LONGEST_LABEL = 24;
/** Sideways distance between markers that share an x in a chart of dots. */
const DODGE = 13;

export interface Frame {
  readonly x: Axis;
  readonly y: Axis;
  readonly right: number;
}

export interface Placed {
  readonly series: Series;
  readonly points: readonly PlacedPoint[];
}

export interface PlacedPoint {
  readonly point: Point;
  readonly x: number;
  readonly y: number;
  /** Ends of the whisker. */
  readonly top: number;
  readonly bottom: number;
}

export function frameOf(chart: Chart): Frame {
  const points = chart.series.flatMap((series) => series.points);
  const longest = Math.max(...chart.series.map((series) => [...shortLabel(series)].length));
  const right = WIDTH - 62 - longest * CHARACTER_WIDTH;
  const range = paddedRange(
    points.flatMap((point) => [point.perplexity.min, point.perplexity.max]),
    1.08,
  );
  const xs = points.map((point) => point.x);
  return {
    right,
    x: logAxisWithZero(xs, LEFT + insetOf(chart), right),
    y: logAxis(range ?? { min: 1, max: 10 }, BOTTOM, TOP),
  };
}

/** An x of a chart of dots, and the markers that stand there. */
export interface Stand {
  /** In the axis's unit. */
  readonly value: number;
  readonly markers: number;
  /** From the first of the markers to the last. */
  readonly width: number;
}

/** The places of a chart of dots, rising. */
export function standsOf({ series }: Chart): readonly Stand[] {
  const values = series.flatMap(({ points }) => points.map(({ x }) => x));
  return [...new Set(values)]
    .sort((a, b) => a - b)
    .map((value) => {
      const markers = values.filter((other) => other === value).length;
      return { value, markers, width: (markers - 1) * DODGE };
    });
}

/** Room at the left for dots that stand side by side. */
function insetOf(chart: Chart): number {
  return chart.shape === 'curve' ? 0 : Math.max(...standsOf(chart).map(({ width }) => width)) / 2;
}

/** In a chart of dots, methods that share an x stand side by side, the lowest perplexity at the left. */
export function placeSeries(chart: Chart, frame: Frame): readonly Placed[] {
  return chart.series.map((series) => ({
    series,
    points: series.points.map((point) => ({
      point,
      x: frame.x.place(point.x) + (chart.shape === 'dots' ? dodge(chart, series, point) : 0),
      y: frame.y.place(point.perplexity.mean),
      top: frame.y.place(point.perplexity.max),
      bottom: frame.y.place(point.perplexity.min),
    })),
  }));
}

function dodge(chart: Chart, series: Series, point: Point): number {
  const sharing = chart.series
    .filter((other) => other.points.some(({ x }) => x === point.x))
    .sort((a, b) => a.points[0].perplexity.mean - b.points[0].perplexity.mean);
  return (sharing.indexOf(series) - (sharing.length - 1) / 2) * DODGE;
}

/** A method's label, cut where it is too long for the picture. */
export function shortLabel(series: Series): string {
  const characters = [...visible(seriesLabel(series))];
  if (characters.length <= LONGEST_LABEL) return characters.join('');
  return `${characters.slice(0, LONGEST_LABEL - 1).join('')}…`;
}
