/**
 * The live curves on a canvas, by uPlot. The canvas is for eyes only: the summary and the table beside it say the same.
 * What it is given has been reduced to the screen's columns (reduce.ts), so that a hundred thousand points redraw
 * within a frame.
 */
import uPlot from 'uplot';
import { formatPerplexity } from '../charts/format.ts';
import { colourClass } from '../charts/markers.ts';
import { logTicks } from '../charts/scale.ts';
import { element } from '../dom.ts';
import { DASHES } from './curve-svg.ts';
import { axisOf } from './curve-words.ts';
import type { CurveView, DrawnLine } from './lines.ts';

const HEIGHT = 360;
/** Of the measurement that each redraw leaves in the browser's timeline. */
const REDRAW = 'parlance-redraw';

export class CurvePlot {
  readonly element: HTMLElement;
  #plot: uPlot | undefined;
  /** What the plot was made for; its data alone change without making it anew. */
  #made = '';
  #startedMs = 0;

  constructor() {
    this.element = element('div', { class: 'plot', 'aria-hidden': 'true' });
    new ResizeObserver(() => this.#plot?.setSize({ width: this.width, height: HEIGHT })).observe(
      this.element,
    );
  }

  get width(): number {
    return Math.max(320, Math.floor(this.element.clientWidth));
  }

  /** `prepare` makes the lines; it is part of what is timed. */
  draw(view: CurveView, prepare: () => readonly DrawnLine[]): void {
    this.#startedMs = performance.now();
    const lines = prepare();
    const data = joined(lines);
    const made = JSON.stringify([
      view.axis,
      view.isLog,
      lines.map(({ name }) => name),
      document.body.className,
    ]);
    if (made !== this.#made || this.#plot === undefined) {
      this.#plot?.destroy();
      this.#plot = new uPlot(this.#options(view, lines), data, this.element);
      this.#made = made;
    } else {
      this.#plot.setData(data);
    }
  }

  /** From the first step of the preparation to the last line on the canvas. */
  #measure(): void {
    performance.clearMeasures(REDRAW);
    performance.measure(REDRAW, { start: this.#startedMs, end: performance.now() });
  }

  #options(view: CurveView, lines: readonly DrawnLine[]): uPlot.Options {
    const style = getComputedStyle(document.body);
    const text = style.color;
    const grid =
      style.getPropertyValue('--chart-grid') ||
      style.getPropertyValue('--vscode-editorIndentGuide-background1') ||
      'rgba(128, 128, 128, 0.3)';
    const font = `12px ${style.fontFamily}`;
    const axis = { stroke: text, font, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid, width: 1 } };
    const { format } = axisOf(view.axis);
    const isReducedMotion = matchMedia('(prefers-reduced-motion: reduce)').matches;
    return {
      width: this.width,
      height: HEIGHT,
      legend: { show: false },
      cursor: { show: !isReducedMotion, points: { show: false }, drag: { x: false, y: false } },
      scales: { x: { time: false }, y: { range: (_, min, max) => padded(min, max) } },
      axes: [
        { ...axis, space: 110, values: (_, splits) => splits.map((value) => format(value)) },
        {
          ...axis,
          size: 64,
          ...(view.isLog && {
            splits: (_: uPlot, __: number, min: number, max: number) =>
              logTicks({ min: Math.exp(min), max: Math.exp(max) }, 7).map(Math.log),
          }),
          values: (_, splits) =>
            splits.map((value) => formatPerplexity(view.isLog ? Math.exp(value) : value)),
        },
      ],
      series: [{}, ...lines.map((line) => seriesOf(line, colourOf(line.index), style.backgroundColor))],
      hooks: { draw: [() => this.#measure()] },
    };
  }
}

function seriesOf({ name, dash, part }: DrawnLine, stroke: string, paper: string): uPlot.Series {
  const isValidation = part === 'validation';
  return {
    label: name,
    stroke,
    width: isValidation ? 2 : 1.5,
    dash: [...DASHES[dash % DASHES.length]],
    spanGaps: true,
    points: isValidation ? { show: true, size: 9, fill: stroke, stroke: paper, width: 1.5 } : { show: false },
  };
}

/** The colour that the charts' style sheet gives a place, in the theme that is on. */
function colourOf(index: number): string {
  const probe = element('i', { class: colourClass(index) });
  const holder = element('span', { class: 'chart', hidden: '' }, probe);
  document.body.append(holder);
  const colour = getComputedStyle(probe).getPropertyValue('--colour').trim();
  holder.remove();
  return colour;
}

/** Lines with their own places on the x axis as one table, as uPlot wants them. */
function joined(lines: readonly DrawnLine[]): uPlot.AlignedData {
  if (lines.length === 0) return [[]];
  return uPlot.join(lines.map(({ x, y }): uPlot.AlignedData => [[...x], [...y]]));
}

function padded(min: number, max: number): [number, number] {
  const room = max > min ? 0.04 * (max - min) : 0.5;
  return [min - room, max + room];
}
