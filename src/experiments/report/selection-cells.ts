/** Cells of the tables on selection: clusters, in-domain sets, shares and factors. */

import type { TableCell } from '../../charts/table.ts';
import { formatCompact, formatCount } from '../../common/format.ts';

/** Terms that name a cluster where there is no room for its card. */
const NAMING_TERMS = 3;

/** The in-domain set as it was asked for. */
export function sizeCell({ domainTokens }: { readonly domainTokens: number | 'all' }): TableCell {
  return { text: domainTokens === 'all' ? 'all' : formatCompact(domainTokens) };
}

interface OfBudgets {
  readonly budgetTokens: readonly number[];
}

/** The column of pretraining budgets, where the rows of a table are of more than one; else nothing. */
export function budgetColumn(rows: readonly OfBudgets[]): {
  readonly titles: readonly string[];
  readonly cells: (facts: OfBudgets) => readonly TableCell[];
} {
  const budgets = new Set(rows.flatMap(({ budgetTokens }) => budgetTokens));
  if (budgets.size < 2) return { titles: [], cells: () => [] };
  return {
    titles: ['Pretraining tokens'],
    cells: ({ budgetTokens }) => [{ text: budgetTokens.map(formatCompact).join(', ') }],
  };
}

/** `tied`: the clusters between which the rule decides by their number alone. */
export function clusterCell(cluster: number, terms: readonly string[], tied: readonly number[]): TableCell {
  const others = tied.filter((other) => other !== cluster);
  const text = others.length === 0 ? `${cluster}` : `${cluster}, tied with ${others.join(', ')}`;
  return terms.length === 0 ? { text } : { text, detail: terms.slice(0, NAMING_TERMS).join(', ') };
}

/** What sums of shares differ by through rounding. */
const ROUNDING = 1e-9;

/** A share as a percentage: `12.3 %`, `< 0.1 %`. */
export function formatShare(share: number): string {
  if (share > ROUNDING && share < 0.001) return '< 0.1 %';
  return `${(100 * share).toFixed(1)} %`;
}

/** A factor with 3 digits: `0.12`, `3.4`, `1,234`. */
export function formatFactor(factor: number): string {
  if (factor > 0 && factor < 0.01) return '< 0.01';
  return factor >= 1000 ? formatCount(factor) : `${Number(factor.toPrecision(3))}`;
}
