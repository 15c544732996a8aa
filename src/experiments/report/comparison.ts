/** The main table, in the style of the paper's Table 4: methods by in-domain size, at the largest pretraining budget. */
import {
  atLargestBudget,
  type Cell,
  cellsAtSize,
  domainSizes,
  tokensAt,
  type View,
} from '../../../webview/charts/aggregate.ts';
import { isCeiling } from '../../../webview/charts/budgets.ts';
import { formatBits, formatCompact, formatPerplexity } from '../../../webview/charts/format.ts';
import type { Table, TableCell } from '../../../webview/charts/table.ts';
import { sizeInWords } from '../../budget/in-domain-size.ts';
import type { Spread } from '../../budget/measured-point.ts';
import type { ExperimentResults, MethodFacts } from '../results.ts';

const NOT_MEASURED: TableCell = { text: '–' };

/** What the table shows: perplexity per token, or bits per byte, which does not depend on the tokenizer. */
export interface Measure {
  readonly title: string;
  readonly of: (cell: Cell) => Spread;
  readonly format: (value: number) => string;
}

export const PERPLEXITY: Measure = {
  title: 'Held-out perplexity',
  of: (cell) => cell.perplexity,
  format: formatPerplexity,
};

export const BITS_PER_BYTE: Measure = {
  title: 'Held-out bits per byte',
  of: (cell) => cell.bitsPerByte,
  format: formatBits,
};

/** A measure with its range over seeds; the lowest of each column within the inference cap is marked. */
export function comparisonTable(results: ExperimentResults, view: View, measure: Measure): Table {
  const cells = atLargestBudget(view.cells);
  const sizes = domainSizes(cells);
  const columns = [0, ...sizes].map((size) => cellsAtSize(cells, size));
  const best = columns.map((column) => lowestWithinCap(results, column, measure));
  const measured = results.methods.filter(({ id }) => cells.some((cell) => cell.method === id));
  return {
    caption: `${measure.title} ${view.kind === 'domain' ? 'on ' : 'as '}${view.title}`,
    columns: [
      { title: 'Method', align: 'text' },
      { title: 'Pretraining tokens', align: 'number' },
      { title: 'Pretrained only', align: 'number' },
      ...sizes.map((size) => ({
        title: sizeInWords(size, tokensAt(cells, size)),
        align: 'number' as const,
      })),
    ],
    rows: measured.map((method) => [
      methodCell(results, method),
      pretrainingCell(cells, method),
      ...columns.map((column, index) =>
        measuredCell(
          measure,
          column.find((cell) => cell.method === method.id),
          best[index],
        ),
      ),
    ]),
  };
}

/** A method's row header: its name, and its title with its role. */
export function methodCell(results: ExperimentResults, method: MethodFacts): TableCell {
  const role = isCeiling(results, method) ? '; over the inference cap, a ceiling' : '';
  return { text: method.id, detail: `${method.title}${role}` };
}

function lowestWithinCap(
  results: ExperimentResults,
  column: readonly Cell[],
  measure: Measure,
): Cell | undefined {
  const capped = results.methods.filter((method) => !isCeiling(results, method)).map(({ id }) => id);
  const ranked = column
    .filter((cell) => capped.includes(cell.method))
    .sort((a, b) => measure.of(a).mean - measure.of(b).mean);
  return ranked.length > 1 ? ranked[0] : undefined;
}

function pretrainingCell(cells: readonly Cell[], method: MethodFacts): TableCell {
  const own = cells.find((cell) => cell.method === method.id);
  if (own === undefined) return NOT_MEASURED;
  return { text: own.pretrainingTokens === 0 ? 'none' : formatCompact(own.pretrainingTokens) };
}

function measuredCell(measure: Measure, cell: Cell | undefined, best: Cell | undefined): TableCell {
  if (cell === undefined) return NOT_MEASURED;
  const { mean, min, max, n } = measure.of(cell);
  const shown = {
    text: measure.format(mean),
    detail: n === 1 ? '1 seed' : `${measure.format(min)}–${measure.format(max)}`,
  };
  return cell === best ? { ...shown, best: true } : shown;
}
