/** One side of the Playground: its model, what it writes with each token shaded by its probability, and its figures. */
import { tableHtml } from '../../src/charts/table.ts';
import type {
  PlaygroundModels,
  Side,
  WrittenPart,
  WrittenToken,
} from '../../src/panel-protocol/playground.ts';
import { button, select } from '../controls.ts';
import { element, fromMarkup, redraw } from '../dom.ts';
import { tell } from '../editor.ts';
import { shadeOf, stateWords, tokenLines, writtenFigures, writtenTable } from './written.ts';

const NAMES: Readonly<Record<Side, string>> = { left: 'Model A', right: 'Model B' };
const BROWSE = 'browse';
const NONE = 'none';

export class Column {
  readonly #side: Side;
  readonly #onChoice: (folder: string) => void;
  readonly #choice = element('div', { class: 'choices' });
  readonly #prompt = element('span', { class: 'quiet' });
  readonly #written = element('div', { class: 'written' });
  readonly #values = element('div', { class: 'mark-values', 'aria-live': 'polite' });
  readonly #note = element('p', { class: 'quiet', 'aria-live': 'polite' });
  readonly #table = element('div', {});
  readonly element: HTMLElement;
  #tokens: WrittenToken[] = [];
  #spans: HTMLElement[] = [];
  /** The token whose values are shown. */
  #current = -1;

  constructor(side: Side, onChoice: (folder: string) => void) {
    this.#side = side;
    this.#onChoice = onChoice;
    const name = NAMES[side];
    const details = element('details', {}, element('summary', {}, 'In words and numbers'), this.#table);
    details.addEventListener('toggle', () => this.#drawTable(details.open));
    this.#values.hidden = true;
    this.#written.tabIndex = 0;
    this.#written.setAttribute('role', 'group');
    this.#written.setAttribute(
      'aria-label',
      `What ${name} wrote; arrow keys go from token to token and tell its probability`,
    );
    this.#listen();
    const copy = button('Copy', () => tell({ type: 'copy', text: this.#text() }));
    copy.setAttribute('aria-label', `Copy what ${name} wrote`);
    const text = element('div', { class: 'written-frame' }, this.#written, this.#values);
    this.element = element(
      'section',
      { class: 'column', 'aria-label': name },
      this.#choice,
      text,
      this.#note,
      element('div', { class: 'choices' }, copy),
      details,
    );
  }

  /** The models to choose from, and the chosen one. */
  offer(models: PlaygroundModels['models'], chosen: string): void {
    const options = [
      { value: NONE, text: 'none' },
      ...models.map(({ folder, title }) => ({ value: folder, text: title })),
      { value: BROWSE, text: 'Browse…' },
    ];
    const list = select(NAMES[this.#side], options, chosen, (value) => {
      if (value !== BROWSE) return this.#onChoice(value);
      tell({ type: 'browseModel', side: this.#side });
      this.offer(models, chosen);
    });
    const detail = models.find(({ folder }) => folder === chosen)?.detail ?? '';
    redraw(this.#choice, list, element('small', { class: 'quiet' }, detail));
  }

  /** Makes room for the continuation of a text. */
  begin(prompt: string): void {
    this.#tokens = [];
    this.#spans = [];
    this.#prompt.textContent = prompt;
    this.#written.replaceChildren(this.#prompt);
    this.#show(-1);
    this.#note.textContent = '';
    this.#table.replaceChildren();
  }

  add({ tokens, state, note }: WrittenPart): void {
    for (const token of tokens) {
      const span = element('span', { class: `token shade-${shadeOf(token)}` }, token.text);
      this.#tokens.push(token);
      this.#spans.push(span);
      this.#written.append(span);
    }
    this.#note.textContent = stateWords(
      { state, note },
      state === 'writing' ? '' : writtenFigures(this.#tokens),
    );
    this.#note.classList.toggle('failure', state === 'failed');
  }

  #text(): string {
    return `${this.#prompt.textContent}${this.#tokens.map(({ text }) => text).join('')}`;
  }

  #drawTable(isOpen: boolean): void {
    if (!isOpen) return;
    const table = writtenTable(this.#tokens, `What ${NAMES[this.#side]} wrote, token by token`);
    this.#table.replaceChildren(fromMarkup(tableHtml(table)));
  }

  #listen(): void {
    this.#written.addEventListener('pointermove', ({ target }) =>
      this.#show(target instanceof HTMLElement ? this.#spans.indexOf(target) : -1),
    );
    this.#written.addEventListener('pointerleave', () => this.#show(-1));
    this.#written.addEventListener('blur', () => this.#show(-1));
    this.#written.addEventListener('keydown', (event) => {
      const last = this.#spans.length - 1;
      const places: Readonly<Record<string, number>> = {
        ArrowRight: Math.min(last, this.#current + 1),
        ArrowLeft: Math.max(0, this.#current - 1),
        Home: 0,
        End: last,
        Escape: -1,
      };
      const place = places[event.key];
      if (place === undefined || last < 0) return;
      event.preventDefault();
      this.#show(place);
    });
  }

  /** The values of a token beside it; of -1, none. */
  #show(index: number): void {
    if (index === this.#current) return;
    this.#spans[this.#current]?.classList.remove('current');
    this.#current = index;
    const [token, span] = [this.#tokens[index], this.#spans[index]];
    this.#values.hidden = token === undefined;
    if (token === undefined || span === undefined) return;
    span.classList.add('current');
    this.#values.replaceChildren(...tokenLines(token).map((line) => element('div', {}, line)));
    const frame = this.#written.getBoundingClientRect();
    const at = span.getBoundingClientRect();
    const { width } = this.#values.getBoundingClientRect();
    this.#values.style.left = `${Math.max(0, Math.min(at.left - frame.left, frame.width - width))}px`;
    this.#values.style.top = `${at.bottom - frame.top + 4}px`;
  }
}
