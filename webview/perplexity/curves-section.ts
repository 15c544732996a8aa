/** Training and validation as they go: which curves, on which axis, how smooth; drawn, told, and tabled. */

import { colourClass } from '../charts/markers.ts';
import { tableHtml } from '../charts/table.ts';
import { checkbox, select, slider } from '../controls.ts';
import { element, fromMarkup, redraw } from '../dom.ts';
import type { Choices } from '../editor.ts';
import { exportCsv, exportPng, exportSvg } from '../export.ts';
import { exportButtons } from '../figure.ts';
import { type Curve, type CurveAxis, CurveStore, curveName } from './curve-store.ts';
import { DASHES, drawCurves } from './curve-svg.ts';
import { AXES, axisOf, captionOf, curveTable, pointTable, summarizeCurves } from './curve-words.ts';
import { type CurveView, type DrawnLine, drawnLines } from './lines.ts';
import { CurvePlot } from './plot.ts';
import { tellingCurves } from './telling-curves.ts';

/** Between two renewals of the words beside the picture. */
const WORDS_MS = 1000;
const SMOOTHING_STEPS = 50;
const SMOOTHING_AT_FIRST = '15';

/** A curve with how it is drawn. */
interface ListedCurve {
  readonly curve: Curve;
  readonly index: number;
  readonly dash: number;
}

export class CurvesSection {
  readonly element: HTMLElement;
  readonly store = new CurveStore();
  readonly #choices: Choices;
  readonly #plot = new CurvePlot();
  readonly #filters = element('div', { class: 'choices' });
  readonly #legend = element('div', {});
  readonly #caption = element('p', { class: 'quiet' });
  readonly #summary = element('p', { class: 'quiet summary' });
  readonly #table = element('div', {});
  readonly #printing = element('div', { class: 'hidden', 'aria-hidden': 'true' });
  #methods: readonly string[] = [];
  #frameAsked = false;
  #wordsDue = 0;
  #wordsTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(choices: Choices) {
    this.#choices = choices;
    this.element = element(
      'section',
      { class: 'figure', 'aria-labelledby': 'curves-heading' },
      element(
        'div',
        { class: 'figure-head' },
        element('h2', { id: 'curves-heading' }, 'Training and validation'),
        exportButtons('curves', 'Training and validation', {
          svg: () => this.#print((svg) => exportSvg('curves', svg)),
          png: () => this.#print((svg) => exportPng('curves', svg)),
          csv: () => exportCsv('curves', pointTable(this.#visible().map(({ curve }) => curve))),
        }),
      ),
      this.#filters,
      this.#controls(),
      this.#plot.element,
      this.#caption,
      this.#legend,
      this.#summary,
      element(
        'details',
        { 'data-key': 'curves-table' },
        element('summary', {}, 'Numbers as a table'),
        this.#table,
      ),
      this.#printing,
    );
    new ResizeObserver(() => this.askDraw()).observe(this.#plot.element);
    new MutationObserver(() => this.askDraw()).observe(document.body, { attributeFilter: ['class'] });
  }

  /** In the experiment's order, which gives the colours. */
  setMethods(methods: readonly string[]): void {
    this.#methods = methods;
    this.drawAll();
  }

  /** Shows the curves of one method. */
  focus(method: string): void {
    this.#choices.set('curve method', method);
    this.drawAll();
  }

  /** The choices too: after curves came or went. */
  drawAll(): void {
    const all = this.store.curves;
    this.element.hidden = all.length === 0;
    const methods = [...new Set(all.flatMap(({ facts }) => facts.methods))];
    const method = this.#method(methods);
    redraw(
      this.#filters,
      ...this.#filter('Part', 'curve kind', this.#kinds(method), this.#kind(method)),
      ...this.#filter('Method', 'curve method', ['all', ...methods], method),
    );
    this.#drawLegend();
    this.askDraw();
  }

  /** At most once a picture of the screen. */
  askDraw(): void {
    if (this.#frameAsked) return;
    this.#frameAsked = true;
    requestAnimationFrame(() => {
      this.#frameAsked = false;
      this.#draw();
    });
  }

  #filter(label: string, name: string, values: readonly string[], chosen: string): readonly HTMLElement[] {
    if (values.filter((value) => value !== 'all').length < 2) return [];
    const options = values.map((value) => ({ value, text: value }));
    const onChange = (value: string): void => {
      this.#choices.set(name, value);
      this.drawAll();
    };
    return [select(label, options, chosen, onChange)];
  }

  #controls(): HTMLElement {
    const axes = AXES.map(({ id, title }) => ({ value: id, text: title }));
    const smoothing = slider('Smoothing of training', SMOOTHING_STEPS, (position) => {
      this.#set('smoothing', `${position}`);
      smoothing.set(position, `${position} of ${SMOOTHING_STEPS}`);
    });
    const kept = Number(this.#choices.get('smoothing') ?? SMOOTHING_AT_FIRST);
    smoothing.set(kept, `${kept} of ${SMOOTHING_STEPS}`);
    smoothing.element.classList.add('smoothing');
    return element(
      'div',
      { class: 'choices' },
      select('Horizontal axis', axes, this.#view().axis, (axis) => this.#set('axis', axis)),
      checkbox('Log scale', this.#view().isLog, (isLog) => this.#set('log', `${isLog}`)),
      element('label', { class: 'choice' }, element('span', {}, 'Smoothing'), smoothing.element),
    );
  }

  #set(name: string, value: string): void {
    this.#choices.set(name, value);
    this.#wordsDue = 0;
    this.askDraw();
  }

  #view(): CurveView {
    const axis =
      AXES.find(({ id }) => id === this.#choices.get('axis'))?.id ?? ('tokens' satisfies CurveAxis);
    const position = Number(this.#choices.get('smoothing') ?? SMOOTHING_AT_FIRST) / SMOOTHING_STEPS;
    // Towards 1 each step of the slider should smooth about as much more as the one before.
    const smoothing = position === 0 ? 0 : 1 - 10 ** (-3 * position);
    return { axis, isLog: this.#choices.get('log') !== 'false', smoothing };
  }

  /** The parts of training that a method has: one without pretraining has no curve of it. */
  #kinds(method: string): readonly string[] {
    const own = this.store.curves.filter(({ facts }) => method === 'all' || facts.methods.includes(method));
    return [...new Set(own.map(({ facts }) => facts.kind))];
  }

  #kind(method: string): string {
    const kinds = this.#kinds(method);
    const chosen = this.#choices.get('curve kind');
    return chosen !== undefined && kinds.includes(chosen) ? chosen : (kinds.at(-1) ?? '');
  }

  #method(methods: readonly string[]): string {
    const chosen = this.#choices.get('curve method');
    return chosen !== undefined && methods.includes(chosen) ? chosen : 'all';
  }

  /** The curves that the filters leave, with how each is drawn. */
  #listed(): readonly ListedCurve[] {
    const all = this.store.curves;
    const method = this.#method(all.flatMap(({ facts }) => facts.methods));
    const kind = this.#kind(method);
    const dashes = new Map<number, number>();
    return all
      .filter(({ facts }) => facts.kind === kind && (method === 'all' || facts.methods.includes(method)))
      .map((curve) => {
        const place = this.#methods.indexOf(curve.facts.methods[0] ?? '');
        const index = place < 0 ? this.#methods.length : place;
        const dash = dashes.get(index) ?? 0;
        dashes.set(index, dash + 1);
        return { curve, index, dash };
      });
  }

  /** The curves that the filters leave, apart by the reader's word; without it the most telling are shown. */
  #sorted() {
    const listed = this.#listed();
    const telling = tellingCurves(listed.map(({ curve }) => curve));
    const isShown = ({ facts: { id } }: Curve): boolean => {
      const word = this.#choices.get(`curve ${id}`);
      return word === undefined ? telling.has(id) : word === 'shown';
    };
    return {
      shown: listed.filter(({ curve }) => isShown(curve)),
      hidden: listed.filter(({ curve }) => !isShown(curve)),
    };
  }

  #visible() {
    return this.#sorted().shown;
  }

  #lines(): readonly DrawnLine[] {
    return drawnLines(this.#visible(), this.#view(), this.#plot.width);
  }

  #draw(): void {
    if (this.element.hidden) return;
    this.#plot.draw(this.#view(), () => this.#lines());
    if (performance.now() < this.#wordsDue) {
      // One timer for all draws until then: each draw's own would draw again, and ask for one more.
      this.#wordsTimer ??= setTimeout(() => {
        this.#wordsTimer = undefined;
        this.askDraw();
      }, WORDS_MS);
      return;
    }
    this.#wordsDue = performance.now() + WORDS_MS;
    const curves = this.#visible().map(({ curve }) => curve);
    this.#caption.textContent = captionOf(curves);
    this.#summary.textContent = summarizeCurves(curves, this.#view().axis);
    redraw(this.#table, fromMarkup(tableHtml(curveTable(curves))));
  }

  /** The curves that are shown, each a button that hides it; the others fold away. */
  #drawLegend(): void {
    const { shown, hidden } = this.#sorted();
    const list = (curves: readonly ListedCurve[], word: 'shown' | 'hidden') =>
      element(
        'ul',
        {
          class: 'legend',
          'aria-label': word === 'shown' ? 'Curves shown: press to hide' : 'Curves hidden: press to show',
        },
        ...curves.map((one) => this.#toggle(one, word)),
      );
    const more =
      hidden.length === 0
        ? []
        : [
            element(
              'details',
              { 'data-key': 'hidden-curves' },
              element('summary', {}, hidden.length === 1 ? '1 more curve' : `${hidden.length} more curves`),
              list(hidden, 'hidden'),
            ),
          ];
    redraw(this.#legend, list(shown, 'shown'), ...more);
  }

  #toggle({ curve, index, dash }: ListedCurve, word: 'shown' | 'hidden'): HTMLElement {
    const { id } = curve.facts;
    const button = element(
      'button',
      { type: 'button', 'aria-pressed': `${word === 'shown'}`, 'data-key': `curve ${id}` },
      fromMarkup(swatch(index, dash)),
      curveName(curve.facts),
    );
    button.addEventListener('click', () => {
      this.#choices.set(`curve ${id}`, word === 'shown' ? 'hidden' : 'shown');
      this.drawAll();
    });
    return element('li', {}, button);
  }

  /** Draws the curves as SVG beside the screen, hands that on, and takes it away. */
  #print(use: (svg: SVGSVGElement) => void): void {
    const { axis, isLog } = this.#view();
    this.#printing.replaceChildren(fromMarkup(drawCurves(this.#lines(), isLog, axisOf(axis))));
    const svg = this.#printing.querySelector('svg');
    if (svg !== null) use(svg);
    this.#printing.replaceChildren();
  }
}

function swatch(index: number, dash: number): string {
  const dashes = DASHES[dash % DASHES.length].join(' ');
  return `<svg class="chart-swatch chart" viewBox="0 0 28 10" aria-hidden="true"><path class="line ${colourClass(index)}" stroke-dasharray="${dashes}" d="M0 5H28"/></svg>`;
}
