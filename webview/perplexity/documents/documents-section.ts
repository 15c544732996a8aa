/** Which held-out files a model finds hard: by the number that the reader chose, pressed to be opened. */

import {
  type DocumentOrder,
  type HeldOutDocument,
  MOST_DOCUMENTS,
  type ToPanel,
} from '../../../src/panel-protocol/messages.ts';
import { button, select } from '../../controls.ts';
import { element, redraw } from '../../dom.ts';
import { type Choices, tell } from '../../editor.ts';
import { exportCsv } from '../../export.ts';
import {
  DOCUMENT_COLUMNS,
  type DocumentsMessage,
  documentName,
  documentTable,
  evaluationName,
  exportInWords,
  firstEvaluation,
  isWholeList,
  listInWords,
  moreDocuments,
} from './documents.ts';

type Results = Extract<ToPanel, { type: 'results' }>;

const AT_FIRST = 20;

export class DocumentsSection {
  readonly element = element('section', { class: 'figure', 'aria-labelledby': 'documents-heading' });
  readonly #choices: Choices;
  #results: Results | undefined;
  #documents: DocumentsMessage | undefined;
  #order: DocumentOrder = { by: 'bits per byte', isRising: false };
  #most = AT_FIRST;
  #asked = '';
  /** The list that is to be exported when the rest of it is there. */
  #exported: Pick<DocumentsMessage, 'evaluation' | 'order'> | undefined;

  constructor(choices: Choices) {
    this.#choices = choices;
    this.element.hidden = true;
  }

  setResults(results: Results): void {
    this.#results = results;
    this.draw();
  }

  take(documents: DocumentsMessage): void {
    const { evaluation, order } = documents;
    const isExported = JSON.stringify(this.#exported) === JSON.stringify({ evaluation, order });
    if (isExported && isWholeList(documents)) {
      this.#exported = undefined;
      exportList(documents);
      return;
    }
    this.#documents = documents;
    this.draw();
  }

  draw(): void {
    const measurements = this.#results?.measurements ?? [];
    const chosen =
      measurements.find(({ fingerprint }) => fingerprint === this.#choices.get('evaluation')) ??
      (this.#results && firstEvaluation(this.#results, measurements));
    this.element.hidden = chosen === undefined;
    if (chosen === undefined) return;
    const evaluation = chosen.fingerprint;
    this.#ask(evaluation);
    const own = this.#documents?.evaluation === evaluation ? this.#documents : undefined;
    const options = measurements.map((one) => ({ value: one.fingerprint, text: evaluationName(one) }));
    const save = button('CSV', () => own && this.#export(own));
    save.setAttribute('appearance', 'icon');
    save.setAttribute('aria-label', exportInWords(own?.total ?? 0));
    save.setAttribute('data-key', 'export-documents');
    const choose = (value: string): void => {
      this.#choices.set('evaluation', value);
      this.#most = AT_FIRST;
      this.draw();
    };
    redraw(
      this.element,
      element(
        'div',
        { class: 'figure-head' },
        element('h2', { id: 'documents-heading' }, 'Which files does the model find hard?'),
        element('div', { class: 'exports' }, save),
      ),
      element('div', { class: 'choices' }, select('Model', options, evaluation, choose)),
      ...(own === undefined ? [element('p', { class: 'quiet' }, 'Reading…')] : this.#list(own)),
    );
  }

  /** Only what was not asked for yet: each answer draws again. */
  #ask(evaluation: string): void {
    const question = { evaluation, order: this.#order, most: this.#most };
    const key = JSON.stringify(question);
    if (key === this.#asked) return;
    this.#asked = key;
    tell({ type: 'askDocuments', ...question });
  }

  /** Not only what is shown. */
  #export(own: DocumentsMessage): void {
    if (isWholeList(own)) {
      exportList(own);
      return;
    }
    const { evaluation, order } = own;
    this.#exported = { evaluation, order };
    tell({ type: 'askDocuments', evaluation, order, most: MOST_DOCUMENTS });
  }

  #list(own: DocumentsMessage): readonly HTMLElement[] {
    const { documents, note, evaluation } = own;
    if (documents.length === 0) return [element('p', { class: 'quiet' }, note)];
    const more = button('Show More', () => {
      this.#most = moreDocuments(this.#most);
      this.draw();
    });
    more.setAttribute('data-key', 'more-documents');
    return [
      element('p', { class: 'quiet' }, listInWords(own)),
      element(
        'div',
        { class: 'scroll', role: 'group', tabindex: '0', 'aria-label': 'Held-out files' },
        element(
          'table',
          { class: 'documents' },
          element('caption', { class: 'hidden' }, 'Held-out files'),
          element('thead', {}, this.#heads(own)),
          element('tbody', {}, ...documents.map((one) => row(one, evaluation))),
        ),
      ),
      ...(isWholeList(own) ? [] : [more]),
    ];
  }

  /** Each number's head is a button: it lists by that number, and the other way round when it does already. */
  #heads({ order }: DocumentsMessage): HTMLElement {
    const heads = DOCUMENT_COLUMNS.map(({ by, title }) => {
      const isOrder = by === order.by;
      const arrow = isOrder ? (order.isRising ? ' ▲' : ' ▼') : '';
      const press = element('button', { type: 'button', 'data-key': `order ${by}` }, `${title}${arrow}`);
      press.addEventListener('click', () => {
        this.#order = { by, isRising: isOrder && !order.isRising };
        this.draw();
      });
      const sort = isOrder ? (order.isRising ? 'ascending' : 'descending') : undefined;
      return element('th', { scope: 'col', class: 'number', 'aria-sort': sort }, press);
    });
    return element('tr', {}, element('th', { scope: 'col', class: 'text' }, 'File'), ...heads);
  }
}

function exportList({ documents }: DocumentsMessage): void {
  exportCsv('held-out-files', documentTable(documents));
}

function row(one: HeldOutDocument, evaluation: string): HTMLElement {
  const open = element('button', { type: 'button', 'data-key': `document ${one.index}` }, documentName(one));
  open.addEventListener('click', () => tell({ type: 'openDocument', evaluation, index: one.index }));
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, open),
    ...DOCUMENT_COLUMNS.map(({ value, format }) => {
      const number = value(one);
      return element('td', { class: 'number' }, number === undefined ? '–' : format(number));
    }),
  );
}
