/** Which held-out files a model finds hard: hardest first, pressed to be opened. */
import { sizeOf } from '../../src/budget/in-domain-size.ts';
import { type AnswerSubject, answersOf } from '../../src/experiments/answer.ts';
import type { Measurement } from '../../src/experiments/results.ts';
import { formatBits, formatCompact, formatCount, formatPerplexity } from '../charts/format.ts';
import type { Table } from '../charts/table.ts';
import { element } from '../dom.ts';
import type { HeldOutDocument, ToPanel } from '../messages.ts';

export type DocumentsMessage = Extract<ToPanel, { type: 'documents' }>;

export function evaluationName({
  domain,
  method,
  seed,
  phase,
  pretrainingTokens,
  domainTokens,
}: Measurement): string {
  const tuned =
    phase === 'before fine-tuning' ? 'before fine-tuning' : `${formatCompact(domainTokens)} in-domain tokens`;
  const pretrained =
    pretrainingTokens === 0 ? 'no pretraining' : `${formatCompact(pretrainingTokens)} pretraining tokens`;
  return `${method} on ${domain}: ${pretrained}, ${tuned}, seed ${seed}`;
}

/** The one to show first: of the method that the answer names, at its place there, the lowest seed. */
export function firstEvaluation(
  subject: AnswerSubject,
  all: readonly Measurement[],
): Measurement | undefined {
  const named = answersOf(subject, all).at(0)?.choice?.chosen.point;
  const rank = (one: Measurement): number =>
    named === undefined ||
    (one.method === named.method &&
      one.phase === named.phase &&
      one.pretrainingTokens === named.pretrainingTokens &&
      sizeOf(one) === sizeOf(named))
      ? 0
      : 1;
  return [...all].sort((a, b) => rank(a) - rank(b) || a.seed - b.seed).at(0);
}

export function documentList(
  { documents, total, note }: DocumentsMessage,
  onOpen: (index: number) => void,
): readonly HTMLElement[] {
  if (documents.length === 0) return [element('p', { class: 'quiet' }, note)];
  const rest =
    total > documents.length
      ? ` The ${formatCount(documents.length)} hardest of ${formatCount(total)} are listed.`
      : '';
  const heads = ['File', 'Perplexity', 'Bits per byte', 'Tokens'];
  return [
    element('p', { class: 'quiet' }, `${note}${rest}`),
    element(
      'div',
      { class: 'scroll', role: 'group', tabindex: '0', 'aria-label': 'Held-out files, hardest first' },
      element(
        'table',
        { class: 'documents' },
        element('caption', { class: 'hidden' }, 'Held-out files, hardest first'),
        element(
          'thead',
          {},
          element(
            'tr',
            {},
            ...heads.map((head, i) =>
              element('th', { scope: 'col', class: i === 0 ? 'text' : 'number' }, head),
            ),
          ),
        ),
        element('tbody', {}, ...documents.map((one) => documentRow(one, onOpen))),
      ),
    ),
  ];
}

export function documentTable(documents: readonly HeldOutDocument[]): Table {
  return {
    caption: 'Held-out files',
    columns: ['File', 'Place', 'Perplexity', 'Bits per byte', 'Tokens'].map((title, index) => ({
      title,
      align: index === 0 ? 'text' : 'number',
    })),
    rows: documents.map((one) => [
      { text: one.source },
      { text: `${one.record}` },
      { text: formatPerplexity(perplexityOf(one)) },
      { text: formatBits(bitsOf(one)) },
      { text: `${one.tokens}` },
    ]),
  };
}

function documentRow(one: HeldOutDocument, onOpen: (index: number) => void): HTMLElement {
  const name = one.record > 0 ? `${one.source}, part ${one.record}` : one.source;
  const open = element('button', { type: 'button', 'data-key': `document ${one.index}` }, name);
  open.addEventListener('click', () => onOpen(one.index));
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, open),
    element('td', { class: 'number' }, formatPerplexity(perplexityOf(one))),
    element('td', { class: 'number' }, formatBits(bitsOf(one))),
    element('td', { class: 'number' }, formatCount(one.tokens)),
  );
}

const perplexityOf = ({ negativeLogLikelihood, tokens }: HeldOutDocument): number =>
  Math.exp(negativeLogLikelihood / Math.max(1, tokens));

const bitsOf = ({ negativeLogLikelihood, bytes }: HeldOutDocument): number =>
  negativeLogLikelihood / Math.LN2 / Math.max(1, bytes);
