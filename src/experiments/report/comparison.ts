/** The main table, in the style of the paper's Table 4: methods by in-domain size, at the largest pretraining budget. */
import { atLargestBudget, type Cell, domainSizes, type View } from '../../../webview/charts/aggregate.ts';
import { isCeiling } from '../../../webview/charts/budgets.ts';
import { formatCompact, formatPerplexity } from '../../../webview/charts/format.ts';
import type { Table, TableCell } from '../../../webview/charts/table.ts';
import type { ExperimentResults, MethodFacts } from '../results.ts';

const NOT_MEASURED: TableCell = { text: '–' };

/** Perplexity with its range over seeds; the lowest of each column within the inference cap is marked. */
export function comparisonTable(results: ExperimentResults, view: View): Table {
  const cells = atLargestBudget(view.cells);
  const sizes = domainSizes(cells);
  const columns = [0, ...sizes].map((size) => columnCells(cells, size));
  const best = columns.map((column) => lowestWithinCap(results, column));
  const measured = results.methods.filter(({ id }) => cells.some((cell) => cell.method === id));
  return {
    caption: `Held-out perplexity ${view.kind === 'domain' ? 'on ' : 'as '}${view.title}`,
    columns: [
      { title: 'Method', align: 'text' },
      { title: 'Pretraining tokens', align: 'number' },
      { title: 'Pretrained only', align: 'number' },
      ...sizes.map((size) => ({
        title: `${formatCompact(size)} in-domain tokens`,
        align: 'number' as const,
      })),
    ],
    rows: measured.map((method) => [
      methodCell(results, method),
      pretrainingCell(cells, method),
      ...columns.map((column, index) =>
        perplexityCell(
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

function columnCells(cells: readonly Cell[], size: number): readonly Cell[] {
  return cells.filter((cell) =>
    size === 0
      ? cell.phase === 'before fine-tuning'
      : cell.phase === 'after fine-tuning' && cell.domainTokens === size,
  );
}

function lowestWithinCap(results: ExperimentResults, column: readonly Cell[]): Cell | undefined {
  const capped = results.methods.filter((method) => !isCeiling(results, method)).map(({ id }) => id);
  const ranked = column
    .filter((cell) => capped.includes(cell.method))
    .sort((a, b) => a.perplexity.mean - b.perplexity.mean);
  return ranked.length > 1 ? ranked[0] : undefined;
}

function pretrainingCell(cells: readonly Cell[], method: MethodFacts): TableCell {
  const own = cells.find((cell) => cell.method === method.id);
  if (own === undefined) return NOT_MEASURED;
  return { text: own.pretrainingTokens === 0 ? 'none' : formatCompact(own.pretrainingTokens) };
}

function perplexityCell(cell: Cell | undefined, best: Cell | undefined): TableCell {
  if (cell === undefined) return NOT_MEASURED;
  const { mean, min, max, n } = cell.perplexity;
  const shown = {
    text: formatPerplexity(mean),
    detail: n === 1 ? '1 seed' : `${formatPerplexity(min)}–${formatPerplexity(max)}`,
  };
  return cell === best ? { ...shown, best: true } : shown;
}
