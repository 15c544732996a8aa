/**
 * A picture of lines under the reader's hand: values at the cursor, zoom by dragging, moving with Shift, all of it back
 * with a double click; the same by keys. The words and the table beside it say what it shows to who cannot see it.
 */
import { coordinate } from '../../src/charts/markers.ts';
import { button } from '../controls.ts';
import { element, fromMarkup, setAttributes } from '../dom.ts';
import { Frame, type PictureLine, type View, wholeView } from './frame.ts';
import { type Axes, drawPicture } from './picture.ts';
import { nearestTo } from './reduce.ts';
import { cursorPlaces, insideOf, movedView, zoomedView } from './zoom.ts';

const HEIGHT = 360;
/** Of the measurement that each redraw leaves in the browser's timeline. */
const REDRAW = 'parlance-redraw';
/** A shorter drag is a click, in pixels. */
const SHORTEST_DRAG = 6;
const KEYS = 'arrow keys read values, plus and minus zoom, Shift and arrow keys move, Escape shows all';

export interface Subject {
  readonly lines: readonly PictureLine[];
  readonly axes: Axes;
  /** A value of a line in words, for the readout: `slm: 91.48 at 262k tokens`. */
  inWords(line: PictureLine, x: number, y: number): string;
}

export class Plot {
  readonly element: HTMLElement;
  readonly #id: string;
  readonly #drawing: HTMLElement;
  readonly #readout = element('ul', { class: 'readout' });
  readonly #reset: HTMLElement;
  #subject: Subject | undefined;
  #whole: View = wholeView([], true);
  #zoom: View | undefined;
  #frame: Frame | undefined;
  #cursor: number | undefined;
  #drag: { readonly x: number; readonly y: number; readonly isMove: boolean } | undefined;

  /** `name`: what a screen reader says of the picture. */
  constructor(id: string, name: string) {
    this.#id = id;
    this.#drawing = element('div', {
      class: 'plot',
      tabindex: '0',
      role: 'group',
      'aria-label': `${name}: ${KEYS}`,
    });
    this.#reset = button('Reset Zoom', () => this.showAll());
    this.#reset.hidden = true;
    const hint = element(
      'span',
      { class: 'quiet' },
      'Point at it for values; drag to zoom, Shift and drag to move, double-click to see all.',
    );
    this.element = element(
      'div',
      {},
      this.#drawing,
      element('div', { class: 'plot-foot' }, hint, this.#reset),
      this.#readout,
    );
    this.#listen();
    new ResizeObserver(() => this.#draw()).observe(this.#drawing);
  }

  get width(): number {
    return Math.max(320, Math.floor(this.#drawing.clientWidth));
  }

  /** `prepare` makes the lines; it is part of what is timed. */
  draw(prepare: () => Subject): void {
    const startedMs = performance.now();
    const before = this.#subject?.axes;
    this.#subject = prepare();
    const { lines, axes } = this.#subject;
    this.#whole = wholeView(lines, axes.isLog);
    // Another axis is another picture.
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(axes)) this.#zoom = undefined;
    this.#draw();
    performance.clearMeasures(REDRAW);
    performance.measure(REDRAW, { start: startedMs, end: performance.now() });
  }

  /** Forgets the zoom. */
  showAll(): void {
    this.#show(undefined);
  }

  /** What is seen now as a drawing of its own, with a legend. */
  markup(): string {
    const { lines, axes } = this.#subject ?? { lines: [], axes: undefined };
    if (axes === undefined) return '';
    const size = { width: this.width, height: HEIGHT };
    return drawPicture(lines, axes, this.#view, { id: `${this.#id}-file`, size, withLegend: true });
  }

  get #view(): View {
    return this.#zoom ?? this.#whole;
  }

  #show(zoom: View | undefined): void {
    this.#zoom = zoom && insideOf(this.#whole, zoom, this.#subject?.axes.isLog ?? true);
    this.#draw();
  }

  #draw(): void {
    const { lines, axes } = this.#subject ?? { lines: [], axes: undefined };
    this.#reset.hidden = this.#zoom === undefined;
    if (axes === undefined || this.#drawing.clientWidth === 0) return;
    const size = { width: this.width, height: HEIGHT };
    this.#frame = new Frame(size, this.#view, axes.isLog, lines);
    const svg = drawPicture(lines, axes, this.#view, { id: this.#id, size });
    this.#drawing.replaceChildren(fromMarkup(svg));
    this.#drawCursor();
  }

  #listen(): void {
    const drawing = this.#drawing;
    drawing.addEventListener('pointermove', (event) => this.#onMove(this.#place(event)));
    drawing.addEventListener('pointerleave', () => this.#pointAt(undefined));
    drawing.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      this.#drag = { ...this.#place(event), isMove: event.shiftKey };
      drawing.setPointerCapture(event.pointerId);
    });
    drawing.addEventListener('pointerup', (event) => this.#onUp(this.#place(event)));
    drawing.addEventListener('pointercancel', () => {
      this.#drag = undefined;
    });
    drawing.addEventListener('dblclick', () => this.showAll());
    drawing.addEventListener('keydown', (event) => {
      if (this.#onKey(event)) event.preventDefault();
    });
  }

  /** Where on the drawing, in its own units, which are pixels. */
  #place(event: PointerEvent): { x: number; y: number } {
    const box = this.#drawing.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  #onMove({ x, y }: { x: number; y: number }): void {
    const frame = this.#frame;
    if (frame === undefined) return;
    const drag = this.#drag;
    if (drag?.isMove === true) {
      this.#drag = { x, y, isMove: true };
      this.#show(movedView(frame, { x: x - drag.x, y: y - drag.y }));
      return;
    }
    this.#readout.setAttribute('aria-live', 'off');
    const within = Math.min(frame.right, Math.max(frame.left, x));
    this.#pointAt(frame.xAt(within));
    if (drag !== undefined) this.#drawSelection(drag, { x, y });
  }

  #onUp({ x, y }: { x: number; y: number }): void {
    const [frame, drag] = [this.#frame, this.#drag];
    this.#drag = undefined;
    if (frame === undefined || drag === undefined || drag.isMove) return;
    if (Math.max(Math.abs(x - drag.x), Math.abs(y - drag.y)) < SHORTEST_DRAG) return;
    this.#show(zoomedView(frame, drag, { x, y }));
  }

  #onKey({ key, shiftKey }: KeyboardEvent): boolean {
    const frame = this.#frame;
    if (frame === undefined) return false;
    const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
    if (direction !== undefined && shiftKey) {
      const [dx, dy] = direction;
      this.#show(movedView(frame, { x: -dx * 60, y: -dy * 40 }));
    } else if (direction !== undefined && direction[0] !== 0) {
      this.#step(direction[0]);
    } else if (key === '+' || key === '=' || key === '-') {
      const share = key === '-' ? -0.5 : 0.25;
      const [dx, dy] = [share * (frame.right - frame.left), share * (frame.bottom - frame.top)];
      const from = { x: frame.left + dx, y: frame.top + dy };
      this.#show(zoomedView(frame, from, { x: frame.right - dx, y: frame.bottom - dy }));
    } else if (key === 'Escape' && this.#zoom !== undefined) {
      this.showAll();
    } else return false;
    return true;
  }

  /** To the next place where something was measured, that can be seen. */
  #step(direction: number): void {
    const places = cursorPlaces(this.#subject?.lines ?? [], this.#view.x);
    if (places.length === 0) return;
    const next =
      this.#cursor === undefined
        ? direction > 0
          ? 0
          : places.length - 1
        : nearestTo(places, this.#cursor) + direction;
    this.#readout.setAttribute('aria-live', 'polite');
    this.#pointAt(places[Math.min(places.length - 1, Math.max(0, next))]);
  }

  #pointAt(x: number | undefined): void {
    this.#cursor = x;
    this.#drawCursor();
  }

  #drawCursor(): void {
    const [frame, subject, x] = [this.#frame, this.#subject, this.#cursor];
    const svg = this.#drawing.querySelector('svg');
    for (const old of this.#drawing.querySelectorAll('.cursor, .selection')) old.remove();
    if (frame === undefined || subject === undefined || svg === null || x === undefined) {
      this.#readout.replaceChildren();
      return;
    }
    const at = coordinate(frame.x(x));
    svg.append(svgPath('cursor', `M${at} ${frame.top}V${frame.bottom}`));
    const values = subject.lines.flatMap((line) => {
      const nearest = nearestPlace(line, x);
      return nearest === undefined ? [] : [subject.inWords(line, nearest.x, nearest.y)];
    });
    this.#readout.replaceChildren(...values.map((text) => element('li', {}, text)));
  }

  #drawSelection(from: { x: number; y: number }, to: { x: number; y: number }): void {
    const svg = this.#drawing.querySelector('svg');
    svg?.append(svgPath('selection', `M${from.x} ${from.y}H${to.x}V${to.y}H${from.x}z`));
  }
}

/** The point that is drawn and nearest to a place of the axis: nothing is read between points. */
function nearestPlace({ strokes, marked }: PictureLine, x: number): { x: number; y: number } | undefined {
  const all = strokes.flatMap((stroke) => {
    const at = nearestTo(stroke.x, x);
    return at < 0 ? [] : [{ x: stroke.x[at], y: stroke.y[at] }];
  });
  const candidates = all.length === 0 ? marked : [...all, ...marked.filter((one) => one.x === x)];
  return candidates.reduce<{ x: number; y: number } | undefined>(
    (best, one) => (best === undefined || Math.abs(one.x - x) < Math.abs(best.x - x) ? one : best),
    undefined,
  );
}

function svgPath(kind: string, d: string): SVGPathElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  setAttributes(made, { class: kind, d });
  return made;
}
