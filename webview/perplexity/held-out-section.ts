/** The main picture: held-out perplexity by tokens trained, one line a method, and where trainings stand now. */
import { tableHtml } from '../../src/charts/table.ts';
import type { ToPanel } from '../../src/panel-protocol/messages.ts';
import { checkbox, select } from '../controls.ts';
import { element, fromMarkup, redraw } from '../dom.ts';
import type { Choices } from '../editor.ts';
import { exportCsv, exportPng, exportSvg } from '../export.ts';
import { exportButtons } from '../figure.ts';
import type { Curve } from './curve-store.ts';
import type { PictureLine } from './frame.ts';
import { heldOutLines, type LineData } from './held-out-lines.ts';
import {
  asideOf,
  captionOf,
  lineNumbers,
  lineTable,
  nameOf,
  othersInWords,
  pictureLine,
  pointInWords,
  type ShownLine,
  summarizeLines,
  trainingNow,
} from './held-out-words.ts';
import { legendButton, strokeKey } from './legend.ts';
import type { Axes } from './picture.ts';
import { Plot } from './plot.ts';
import { printed } from './printing.ts';

type Results = Extract<ToPanel, { type: 'results' }>;
type LinesMessage = Extract<ToPanel, { type: 'lines' }>;

const TITLE = 'Held-out perplexity by tokens trained';
const ID = 'held-out-lines';
const AXES: Axes = {
  x: 'tokens',
  xTitle: 'tokens trained',
  yTitle: 'Held-out perplexity, log scale (lower is better)',
  isLog: true,
};

export class HeldOutSection {
  readonly element: HTMLElement;
  readonly #choices: Choices;
  readonly #plot = new Plot(ID, TITLE);
  readonly #controls = element('div', { class: 'choices' });
  readonly #legend = element('div', {});
  readonly #caption = element('p', { class: 'quiet', id: `${ID}-caption` });
  readonly #now = element('ul', { class: 'now', 'aria-label': 'Training now' });
  readonly #words = element('div', {});
  readonly #details = element(
    'details',
    { 'data-key': `${ID}-table` },
    element('summary', {}, 'In words and numbers'),
    this.#words,
  );
  #results: Results | undefined;
  #lines: LinesMessage | undefined;

  constructor(choices: Choices) {
    this.#choices = choices;
    const drawn = (use: (svg: SVGSVGElement) => void | Promise<void>) =>
      void printed(this.element, this.#plot.markup(), use);
    this.element = element(
      'section',
      { class: 'figure', 'aria-labelledby': `${ID}-heading` },
      element(
        'div',
        { class: 'figure-head' },
        element('h2', { id: `${ID}-heading` }, TITLE),
        exportButtons(ID, TITLE, {
          svg: () => drawn((svg) => exportSvg(ID, svg)),
          png: () => drawn((svg) => exportPng(ID, svg)),
          csv: () => exportCsv(ID, lineNumbers(this.#shown(), this.#domain())),
        }),
      ),
      this.#controls,
      this.#plot.element,
      this.#legend,
      this.#caption,
      this.#now,
      this.#details,
    );
    this.element.hidden = true;
    this.#now.hidden = true;
  }

  showResults(results: Results): void {
    this.#results = results;
    this.#draw();
  }

  showLines(lines: LinesMessage): void {
    this.#lines = lines;
    this.#draw();
  }

  /** What trains, told beside the picture: its first point comes when a model is measured. */
  showTraining(curves: readonly Curve[]): void {
    const now = trainingNow(curves);
    const changes = this.#now.hidden !== (now.length === 0);
    this.#now.hidden = now.length === 0;
    this.#now.replaceChildren(...now.map((text) => element('li', {}, text)));
    if (changes) this.#draw();
  }

  #domains(): readonly string[] {
    return [...new Set(this.#results?.measurements.map(({ domain }) => domain))];
  }

  #domain(): string {
    const domains = this.#domains();
    const chosen = this.#choices.get('line domain');
    return chosen !== undefined && domains.includes(chosen) ? chosen : (domains.at(0) ?? '');
  }

  /** All lines of the domain: this experiment's first, then those of other runs where they are asked for. */
  #all(): readonly ShownLine[] {
    const [results, lines] = [this.#results, this.#lines];
    if (results === undefined || lines === undefined) return [];
    const { methods } = results;
    const made = (
      { measurements, untrained, given, batchTokens }: Omit<LineData, 'methods'>,
      aside?: string,
    ): readonly ShownLine[] => {
      const isHere = ({ domain }: { readonly domain: string }): boolean => domain === this.#domain();
      const data = {
        methods,
        given,
        batchTokens,
        measurements: measurements.filter(isHere),
        untrained: untrained.filter(isHere),
      };
      return heldOutLines(data).map((line) => ({
        ...line,
        index: methods.findIndex(({ id }) => id === line.method),
        ...(aside !== undefined && { aside }),
      }));
    };
    const own = made({ ...lines, measurements: results.measurements });
    const others = this.#withOthers ? lines.others.flatMap((other) => made(other, asideOf(other))) : [];
    return [...own, ...others];
  }

  get #withOthers(): boolean {
    return this.#choices.get('other runs') === 'shown';
  }

  #shown(): readonly ShownLine[] {
    return this.#all().filter((line) => this.#choices.get(`line ${nameOf(line)}`) !== 'hidden');
  }

  #draw(): void {
    const all = this.#all();
    const isEmpty = all.length === 0;
    this.element.hidden = isEmpty && this.#now.hidden;
    for (const part of [this.#plot.element, this.#legend, this.#details]) part.hidden = isEmpty;
    if (isEmpty) {
      this.#caption.textContent =
        'Nothing is measured on held-out text yet: a line begins with the first model that is evaluated.';
      return;
    }
    const shown = this.#shown();
    const byId = new Map(shown.map((line) => [nameOf(line), line]));
    this.#plot.draw(() => ({
      lines: shown.map(pictureLine),
      axes: AXES,
      inWords: ({ id }: PictureLine, x, y) => {
        const line = byId.get(id);
        return line === undefined ? '' : pointInWords(line, x, y);
      },
    }));
    this.#drawControls();
    this.#drawLegend(all, shown);
    const domain = this.#domain();
    this.#caption.textContent = captionOf(shown, domain);
    redraw(
      this.#words,
      element('p', { class: 'quiet summary' }, summarizeLines(shown)),
      fromMarkup(tableHtml(lineTable(shown, domain))),
    );
  }

  #drawControls(): void {
    const domains = this.#domains();
    const { others, leftOut } = this.#lines ?? { others: [], leftOut: { otherText: 0, unknown: 0 } };
    const change = (name: string) => (value: string) => {
      this.#choices.set(name, value);
      this.#plot.showAll();
      this.#draw();
    };
    const options = domains.map((value) => ({ value, text: value }));
    const overlay = checkbox('Earlier runs with other settings', this.#withOthers, (on) =>
      change('other runs')(on ? 'shown' : 'hidden'),
    );
    const left = othersInWords(others.length, leftOut);
    redraw(
      this.#controls,
      ...(domains.length < 2 ? [] : [select('Domain', options, this.#domain(), change('line domain'))]),
      ...(others.length === 0 ? [] : [overlay]),
      ...(left === '' || others.length + leftOut.otherText + leftOut.unknown === 0
        ? []
        : [element('span', { class: 'quiet' }, left)]),
    );
  }

  #drawLegend(all: readonly ShownLine[], shown: readonly ShownLine[]): void {
    const hasSeeds = shown.some(({ points }) => points.some(({ seeds }) => seeds.length > 1));
    const toggles = all.map((line) => {
      const isShown = shown.includes(line);
      return element(
        'li',
        {},
        legendButton(pictureLine(line), isShown, () => {
          this.#choices.set(`line ${nameOf(line)}`, isShown ? 'hidden' : 'shown');
          this.#draw();
        }),
      );
    });
    redraw(
      this.#legend,
      element('ul', { class: 'legend', 'aria-label': 'Lines: press to hide or show' }, ...toggles),
      strokeKey(hasSeeds),
    );
  }
}
