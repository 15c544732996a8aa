/** Which held-out files a model finds hard, as words and numbers. */
import { selectionInWords, sizeOf } from '../../../src/budget/in-domain-size.ts';
import type { Measurement } from '../../../src/budget/measurement.ts';
import { pretrainingInWords } from '../../../src/budget/pretraining-words.ts';
import type { Table } from '../../../src/charts/table.ts';
import { formatBits, formatCompact, formatCount, formatPerplexity } from '../../../src/common/format.ts';
import { type AnswerSubject, answersOf } from '../../../src/experiments/results/answer.ts';
import {
  type DocumentOrder,
  type HeldOutDocument,
  MOST_DOCUMENTS,
  type ToPanel,
} from '../../../src/panel-protocol/messages.ts';

export type DocumentsMessage = Extract<ToPanel, { type: 'documents' }>;

/** `slm-is on docs: 1M pretraining tokens, before fine-tuning, selection by 2k in-domain tokens, seed 1`. */
export function evaluationName(measurement: Measurement): string {
  const { domain, method, seed, phase, domainTokens, requestedDomainTokens } = measurement;
  const tuned =
    phase === 'before fine-tuning'
      ? `before fine-tuning${selectionInWords(requestedDomainTokens)}`
      : `${formatCompact(domainTokens)} in-domain tokens`;
  return `${method} on ${domain}: ${pretrainingInWords(measurement)}, ${tuned}, seed ${seed}`;
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

/** What is listed of a document besides its name; the order is one of these. */
export const DOCUMENT_COLUMNS: readonly {
  readonly by: DocumentOrder['by'];
  readonly title: string;
  /** As plain numbers are exported. */
  readonly unit: string;
  value(document: HeldOutDocument): number | undefined;
  format(value: number): string;
}[] = [
  {
    by: 'perplexity',
    title: 'Perplexity',
    unit: 'Perplexity (per token)',
    value: ({ negativeLogLikelihood, tokens }) => Math.exp(negativeLogLikelihood / Math.max(1, tokens)),
    format: formatPerplexity,
  },
  {
    by: 'bits per byte',
    title: 'Bits per byte',
    unit: 'Bits per byte',
    value: ({ negativeLogLikelihood, bytes }) => negativeLogLikelihood / Math.LN2 / Math.max(1, bytes),
    format: formatBits,
  },
  {
    by: 'hardest passage',
    title: 'Hardest passage, perplexity',
    unit: 'Hardest passage (perplexity per token)',
    value: ({ worstPerplexity }) => worstPerplexity,
    format: formatPerplexity,
  },
  {
    by: 'tokens',
    title: 'Tokens',
    unit: 'Length (tokens)',
    value: ({ tokens }) => tokens,
    format: formatCount,
  },
];

export function documentName({ source, record }: HeldOutDocument): string {
  return record > 0 ? `${source}, part ${record}` : source;
}

/** What is listed as plain numbers, for export. */
export function documentTable(documents: readonly HeldOutDocument[]): Table {
  return {
    caption: 'Held-out files',
    columns: [
      { title: 'File', align: 'text' },
      { title: 'Part', align: 'number' },
      ...DOCUMENT_COLUMNS.map(({ unit }) => ({ title: unit, align: 'number' as const })),
    ],
    rows: documents.map((one) => [
      { text: one.source },
      { text: `${one.record}` },
      ...DOCUMENT_COLUMNS.map(({ value }) => ({ text: `${value(one) ?? ''}` })),
    ]),
  };
}

/** How many to ask for when so many were asked for and more are wanted. */
export const moreDocuments = (most: number): number => Math.min(MOST_DOCUMENTS, 2 * most);

/** Whether there are no more to be had. */
export function isWholeList({ documents, total }: Pick<DocumentsMessage, 'documents' | 'total'>): boolean {
  return documents.length >= Math.min(total, MOST_DOCUMENTS);
}

/** What is exported: the whole list, as far as it can be had. */
export function exportInWords(total: number): string {
  const files =
    total > MOST_DOCUMENTS ? `first ${formatCount(MOST_DOCUMENTS)} files of the list` : 'list of files';
  return `Export the ${files} as CSV`;
}

/** `20 of 512 files, by bits per byte, the highest first. Press one to open it at its hardest passage.` */
export function listInWords({ documents, total, order }: DocumentsMessage): string {
  const first = order.isRising ? 'lowest' : 'highest';
  const passage = documents.some(({ worstPerplexity }) => worstPerplexity !== undefined)
    ? ' Press one to open it at its hardest passage.'
    : '';
  return `${formatCount(documents.length)} of ${formatCount(total)}, by ${order.by}, the ${first} first.${passage}`;
}
