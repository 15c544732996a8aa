/**
 * Training loss, stage by stage, as it goes: folded away, because losses on unlike text do not compare, and unfolded at
 * first while something trains. Pretraining and training on the domain are two pictures.
 */

import { tableHtml } from '../../src/charts/table.ts';
import { formatPerplexity } from '../../src/common/format.ts';
import { checkbox, select, slider } from '../controls.ts';
import { element, fromMarkup, redraw } from '../dom.ts';
import type { Choices } from '../editor.ts';
import { exportCsv, exportPng, exportSvg } from '../export.ts';
import { exportButtons } from '../figure.ts';
import { type Curve, type CurveAxis, CurveStore } from './curve-store.ts';
import {
  axisOf,
  CURVE_AXES,
  captionOf,
  curveTable,
  KIND_WORDS,
  pointTable,
  summarizeCurves,
} from './curve-words.ts';
import { legendButton } from './legend.ts';
import { type CurveView, curveLines, type ListedCurve, readoutNames, sampleLine } from './lines.ts';
import { Plot, type Subject } from './plot.ts';
import { printed } from './printing.ts';
import { ShownCurves } from './shown-curves.ts';

const TITLE = 'Training loss, stage by stage';
const ID = 'curves';
/** Between two renewals of the words beside the picture. */
const WORDS_MS = 1000;
const SMOOTHING_STEPS = 50;
const SMOOTHING_AT_FIRST = '15';

export class CurvesSection {
  readonly element: HTMLElement;
  readonly store = new CurveStore();
  readonly #choices: Choices;
  readonly #plot = new Plot(ID, TITLE);
  readonly #details: HTMLDetailsElement;
  readonly #filters = element('div', { class: 'choices' });
  readonly #legend = element('div', {});
  readonly #caption = element('p', { class: 'quiet' });
  readonly #summary = element('p', { class: 'quiet summary' });
  readonly #table = element('div', {});
  readonly #shown: ShownCurves;
  #frameAsked = false;
  #wordsDue = 0;
  #wordsTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(choices: Choices) {
    this.#choices = choices;
    this.#shown = new ShownCurves(choices, this.store);
    const summary = element('summary', {}, element('h2', { id: `${ID}-heading`, class: 'inline' }, TITLE));
    this.#details = element('details', {}, summary, this.#content());
    summary.addEventListener('click', () => choices.set('training', this.#details.open ? 'folded' : 'open'));
    this.#details.addEventListener('toggle', () => this.askDraw());
    this.element = element('section', { class: 'figure', 'aria-labelledby': `${ID}-heading` }, this.#details);
    new MutationObserver(() => this.askDraw()).observe(document.body, { attributeFilter: ['class'] });
  }

  /** In the experiment's order, which gives the colours. */
  setMethods(methods: readonly string[]): void {
    this.#shown.methods = methods;
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
    if (all.length === 0) return;
    const chosen = this.#choices.get('training');
    const trains = all.some(({ facts }) => facts.state === 'training');
    if (chosen === 'open' || (chosen === undefined && trains)) this.#details.open = true;
    const methods = [...new Set(all.flatMap(({ facts }) => facts.methods))];
    const kinds = this.#shown.kinds;
    redraw(
      this.#filters,
      ...(kinds.length < 2
        ? []
        : [
            this.#filter(
              'Stage',
              'curve kind',
              kinds.map((kind) => ({ value: kind, text: KIND_WORDS[kind].title })),
              this.#shown.kind,
            ),
          ]),
      ...(methods.length < 2
        ? []
        : [
            this.#filter(
              'Method',
              'curve method',
              ['all', ...methods].map((value) => ({ value, text: value })),
              this.#shown.method,
            ),
          ]),
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

  #content(): HTMLElement {
    const svg = (use: (drawn: SVGSVGElement) => void | Promise<void>) =>
      void printed(this.element, this.#plot.markup(), use);
    return element(
      'div',
      {},
      element(
        'div',
        { class: 'figure-head' },
        this.#filters,
        exportButtons(ID, TITLE, {
          svg: () => svg((drawn) => exportSvg(ID, drawn)),
          png: () => svg((drawn) => exportPng(ID, drawn)),
          csv: () => exportCsv(ID, pointTable(this.#visible(), this.#view())),
        }),
      ),
      this.#controls(),
      this.#caption,
      this.#plot.element,
      this.#legend,
      element(
        'details',
        { 'data-key': `${ID}-table` },
        element('summary', {}, 'In words and numbers'),
        this.#summary,
        this.#table,
      ),
    );
  }

  #filter(
    label: string,
    name: string,
    options: readonly { value: string; text: string }[],
    chosen: string,
  ): HTMLElement {
    return select(label, options, chosen, (value) => {
      this.#choices.set(name, value);
      this.#wordsDue = 0;
      this.drawAll();
    });
  }

  #controls(): HTMLElement {
    const axes = CURVE_AXES.map(({ id, title }) => ({ value: id, text: title }));
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
      CURVE_AXES.find(({ id }) => id === this.#choices.get('axis'))?.id ?? ('tokens' satisfies CurveAxis);
    const position = Number(this.#choices.get('smoothing') ?? SMOOTHING_AT_FIRST) / SMOOTHING_STEPS;
    // Towards 1 each step of the slider should smooth about as much more as the one before.
    const smoothing = position === 0 ? 0 : 1 - 10 ** (-3 * position);
    return { axis, isLog: this.#choices.get('log') !== 'false', smoothing };
  }

  #visible(): readonly Curve[] {
    return this.#shown.sorted().shown.map(({ curve }) => curve);
  }

  #subject(): Subject {
    const view = this.#view();
    const { quantity, title, format } = axisOf(view.axis);
    const { shown } = this.#shown.sorted();
    const names = readoutNames(shown);
    return {
      lines: curveLines(shown, view),
      axes: {
        x: quantity,
        xTitle: title,
        yTitle: `Perplexity${view.isLog ? ', log scale' : ''} (lower is better)`,
        isLog: view.isLog,
      },
      inWords: ({ id }, x, y) => `${names.get(id) ?? ''}: ${formatPerplexity(y)} at ${format(x)}`,
    };
  }

  #draw(): void {
    if (this.element.hidden || !this.#details.open) return;
    this.#plot.draw(() => this.#subject());
    if (performance.now() < this.#wordsDue) {
      // One timer for all draws until then: each draw's own would draw again, and ask for one more.
      this.#wordsTimer ??= setTimeout(() => {
        this.#wordsTimer = undefined;
        this.askDraw();
      }, WORDS_MS);
      return;
    }
    this.#wordsDue = performance.now() + WORDS_MS;
    const curves = this.#visible();
    this.#caption.textContent = captionOf(this.#shown.kind, curves);
    this.#summary.textContent = summarizeCurves(curves, this.#view());
    redraw(this.#table, fromMarkup(tableHtml(curveTable(curves, this.#view()))));
  }

  /** The lines that are shown, each curve a button that hides it; the others fold away. */
  #drawLegend(): void {
    const { shown, hidden } = this.#shown.sorted();
    redraw(
      this.#legend,
      this.#list(shown, true),
      ...(hidden.length === 0
        ? []
        : [
            element(
              'details',
              { 'data-key': 'hidden-curves' },
              element('summary', {}, hidden.length === 1 ? '1 more curve' : `${hidden.length} more curves`),
              this.#list(hidden, false),
            ),
          ]),
    );
  }

  #list(curves: readonly ListedCurve[], isShown: boolean): HTMLElement {
    const items = curves.map((listed) => {
      const { id } = listed.curve.facts;
      const press = (): void => {
        this.#choices.set(`curve ${id}`, isShown ? 'hidden' : 'shown');
        this.drawAll();
      };
      return element('li', {}, legendButton(sampleLine(listed), isShown, press));
    });
    const label = isShown ? 'Curves shown: press to hide' : 'Curves hidden: press to show';
    return element('ul', { class: 'legend', 'aria-label': label }, ...items);
  }
}
