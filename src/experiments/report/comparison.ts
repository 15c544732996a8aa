/**
 * The main table, in the style of the paper's Table 4: methods by in-domain size, each at its chosen pretraining budget. All
 * the in-domain text there is comes first; what fewer tokens give is the curve behind it.
 */

import {
  type InDomainSize,
  selectionInWords,
  sizeInWords,
  sizeOf,
  sizesOf,
} from '../../budget/in-domain-size.ts';
import type { Spread } from '../../budget/measured-point.ts';
import type { MethodFacts } from '../../budget/measurement.ts';
import { isGiven, pretrainingFigure } from '../../budget/pretraining-words.ts';
import { atChosenBudget, beforeTuningOn, type Cell, type View } from '../../budget/views.ts';
import { isCeiling } from '../../charts/budgets.ts';
import type { Column, Table, TableCell } from '../../charts/table.ts';
import { formatBits, formatPerplexity, formatPlural, formatRange } from '../../common/format.ts';
import { choiceAmong, notSetApart } from '../results/answer.ts';
import type { ExperimentResults } from '../results/results.ts';

const NOT_MEASURED: TableCell = { text: '–' };

/** What the table shows: perplexity per token, or bits per byte, which does not depend on the tokenizer. */
export interface Measure {
  /** The caption's beginning; the domain or the average follows. */
  readonly title: string;
  /** How a domain follows; `on` when absent. */
  readonly ofDomain?: string;
  /** It says nothing of which method is best, so none is marked. */
  readonly marksNone?: true;
  readonly of: (cell: Cell) => Spread | undefined;
  readonly format: (value: number) => string;
}

export const PERPLEXITY: Measure = {
  title: 'Held-out perplexity',
  of: (cell) => cell.perplexity,
  format: formatPerplexity,
};

export const VALIDATION: Measure = {
  title: 'Validation perplexity, which methods are chosen by,',
  of: (cell) => cell.validation,
  format: formatPerplexity,
};

export const BITS_PER_BYTE: Measure = {
  title: 'Held-out bits per byte',
  of: (cell) => cell.bitsPerByte,
  format: formatBits,
};

export const ON_GENERIC_TEXT: Measure = {
  title: 'Perplexity on generic held-out text (what fine-tuning forgets) of models made',
  ofDomain: 'for',
  marksNone: true,
  of: (cell) => cell.generic,
  format: formatPerplexity,
};

/** The cells of one column, and what is marked in it. */
interface MeasuredColumn {
  readonly title: string;
  readonly cells: readonly Cell[];
  /** Methods within the cap that no measurement sets apart from the lowest by validation. */
  readonly best: readonly string[];
}

/**
 * A measure with its range over seeds. In each column the lowest by validation within the inference cap is marked, and
 * with it whatever ties with it.
 */
export function comparisonTable(results: ExperimentResults, view: View, measure: Measure): Table {
  const cells = atChosenBudget(view.cells);
  const marked = measuredColumns(results, cells, view.kind);
  const columns = measure.marksNone ? marked.map((one) => ({ ...one, best: [] })) : marked;
  const [largest] = columns;
  const withValidation = measure === PERPLEXITY && largest !== undefined;
  const measured = results.methods.filter(({ id }) => cells.some((cell) => cell.method === id));
  return {
    caption: `${measure.title} ${view.kind === 'domain' ? (measure.ofDomain ?? 'on') : 'as'} ${view.title}`,
    columns: [
      { title: 'Method', align: 'text' },
      number('Pretraining tokens'),
      ...columns.flatMap((column) => [
        number(column.title),
        ...(withValidation && column === largest ? [number('Chosen by: validation')] : []),
      ]),
    ],
    rows: measured.map((method) => [
      methodCell(results, method),
      pretrainingCell(cells, method),
      ...columns.flatMap((column) => [
        measuredCell(measure, column, method.id),
        ...(withValidation && column === largest
          ? [measuredCell(VALIDATION, { ...column, best: [] }, method.id)]
          : []),
      ]),
    ]),
  };
}

/** A method's row header: its name, and its title with its role. */
export function methodCell(results: ExperimentResults, method: MethodFacts): TableCell {
  const role = isCeiling(results, method) ? '; over the inference cap, a ceiling' : '';
  return { text: method.id, detail: `${method.title}${role}` };
}

/** Methods whose model in the column before fine-tuning was made for an in-domain set: they have one for each set. */
export function methodsMadeForSets({ cells }: View): readonly string[] {
  const { before } = pretrainedOnly(atChosenBudget(cells));
  return [...new Set(before.filter(isMadeForSet).map(({ method }) => method))];
}

/** The largest size, the model before fine-tuning, then the smaller sizes, rising. */
function measuredColumns(
  results: ExperimentResults,
  cells: readonly Cell[],
  of: View['kind'],
): readonly MeasuredColumn[] {
  const tuned = cells.filter(({ phase }) => phase === 'after fine-tuning');
  const sizes = sizesOf(tuned);
  const ofSize = (size: InDomainSize): MeasuredColumn => {
    const own = tuned.filter((cell) => sizeOf(cell) === size);
    const tokens = Math.max(...own.map(({ domainTokens }) => domainTokens));
    return { title: sizeInWords(size, tokens, of), cells: own, best: bestOf(results, own) };
  };
  const { before, set } = pretrainedOnly(cells);
  const selection = selectionInWords(before.some(isMadeForSet) ? set : undefined);
  return [
    ...sizes.slice(-1).map(ofSize),
    { title: `Before fine-tuning${selection}`, cells: before, best: bestOf(results, before) },
    ...sizes.slice(0, -1).map(ofSize),
  ];
}

/** Of the models that were made for a set those for the largest that was fine-tuned on; before any was, for the largest. */
function pretrainedOnly(cells: readonly Cell[]): {
  readonly before: readonly Cell[];
  readonly set: InDomainSize | undefined;
} {
  const tunedOn = sizesOf(cells.filter(({ phase }) => phase === 'after fine-tuning')).at(-1);
  const set = tunedOn ?? sizesOf(cells.filter(isMadeForSet)).at(-1);
  return { before: beforeTuningOn(cells, set), set };
}

function isMadeForSet({ phase, requestedDomainTokens }: Cell): boolean {
  return phase === 'before fine-tuning' && requestedDomainTokens !== undefined;
}

/** Nothing is marked where there is nothing to compare with. */
function bestOf(results: ExperimentResults, cells: readonly Cell[]): readonly string[] {
  const choice = choiceAmong(results, cells, 1);
  if (choice === undefined || choice.ties.length + choice.others.length === 0) return [];
  return notSetApart(choice).map(({ method }) => method.id);
}

function pretrainingCell(cells: readonly Cell[], method: MethodFacts): TableCell {
  const own = cells.find((cell) => cell.method === method.id);
  if (own === undefined) return NOT_MEASURED;
  return { text: pretrainingFigure(own), ...(isGiven(own) && { detail: 'a model from elsewhere' }) };
}

function measuredCell(measure: Measure, { cells, best }: MeasuredColumn, method: string): TableCell {
  const cell = cells.find((one) => one.method === method);
  const measured = cell && measure.of(cell);
  if (measured === undefined) return NOT_MEASURED;
  const { mean, min, max, n } = measured;
  const text = measure.format(mean);
  const spread = formatRange(min, max, measure.format, '–');
  const range = spread === text ? formatPlural(n, 'seed') : spread;
  const isBest = best.includes(method);
  return {
    text,
    detail: isBest && best.length > 1 ? `${range}, tie` : range,
    ...(isBest && { best: true as const }),
  };
}

function number(title: string): Column {
  return { title, align: 'number' };
}
