/** What it cost: the total for N domains by method, and the ledger line by line. */
import {
  atLargestBudget,
  type Cell,
  domainSizes,
  type Phase,
  type View,
} from '../../../webview/charts/aggregate.ts';
import { costPerDomain, DOMAIN_COUNTS } from '../../../webview/charts/budgets.ts';
import {
  formatCompact,
  formatCount,
  formatFlops,
  formatPerplexity,
  formatSeconds,
} from '../../../webview/charts/format.ts';
import type { Table, TableCell } from '../../../webview/charts/table.ts';
import type { Booking, LedgerEntry } from '../../budget/ledger.ts';
import type { ExperimentResults } from '../results.ts';
import { methodCell } from './comparison.ts';

/** Digits of a fingerprint that are shown; enough to find its artifact. */
const SHORT_FINGERPRINT = 12;

/**
 * `C_total(N) = C_generic + N * C_spec` (the paper's equation 1) for each method, at its largest pretraining budget
 * and the largest in-domain size; `undefined` when nothing was fine-tuned.
 */
export function totalCostTable(results: ExperimentResults, view: View): Table | undefined {
  const cells = atLargestBudget(view.cells);
  const size = domainSizes(cells).at(-1);
  if (size === undefined) return undefined;
  const phase: Phase = 'after fine-tuning';
  const tuned = cells.filter((cell) => cell.phase === phase && cell.domainTokens === size);
  return {
    caption: `Cost for N domains at the largest pretraining budget and ${formatCompact(size)} in-domain tokens (${view.title})`,
    columns: [
      { title: 'Method', align: 'text' },
      { title: 'Perplexity', align: 'number' },
      { title: 'Generic, once', align: 'number' },
      { title: 'Specialization, per domain', align: 'number' },
      ...DOMAIN_COUNTS.map((count) => ({ title: `Total, N\u00a0=\u00a0${count}`, align: 'number' as const })),
    ],
    rows: results.methods.flatMap((method) => {
      const cell = tuned.find((candidate) => candidate.method === method.id);
      return cell === undefined ? [] : [[methodCell(results, method), ...costCells(cell)]];
    }),
  };
}

/** Two lines: generic and specialization, each with what was computed here and what was found already made. */
export function ledgerSummary(ledger: readonly LedgerEntry[]): Table {
  return {
    caption: 'Ledger by booking: computed by this experiment, and reused from the artifact store',
    columns: [
      { title: 'Booking', align: 'text' },
      { title: 'Stages computed', align: 'number' },
      { title: 'Computation', align: 'number' },
      { title: 'Time', align: 'number' },
      { title: 'Tokens', align: 'number' },
      { title: 'Stages reused', align: 'number' },
      { title: 'Computation reused', align: 'number' },
      { title: 'Time reused', align: 'number' },
    ],
    rows: (['generic', 'specialization'] as const).map((booking) => summaryRow(ledger, booking)),
  };
}

/** Every line of the ledger. */
export function ledgerTable(ledger: readonly LedgerEntry[]): Table {
  return {
    caption: 'Ledger, stage by stage',
    columns: [
      { title: 'Stage', align: 'text' },
      { title: 'Booking', align: 'text' },
      { title: 'Computation', align: 'number' },
      { title: 'Time', align: 'number' },
      { title: 'Tokens', align: 'number' },
      { title: 'Artifact', align: 'text' },
      { title: 'Origin', align: 'text' },
    ],
    rows: ledger.map((entry) => [
      { text: entry.kind, detail: entry.label },
      { text: entry.booking },
      { text: formatFlops(entry.flops) },
      { text: formatSeconds(entry.seconds) },
      { text: formatCompact(entry.tokens) },
      { text: entry.fingerprint.slice(0, SHORT_FINGERPRINT) },
      { text: entry.computedHere ? 'computed here' : 'reused' },
    ]),
  };
}

function costCells(cell: Cell): readonly TableCell[] {
  const totals = DOMAIN_COUNTS.map((count) =>
    costCell(
      count * costPerDomain(cell.genericFlops, cell.specializationFlops, count),
      count * costPerDomain(cell.genericSeconds, cell.specializationSeconds, count),
    ),
  );
  return [
    { text: formatPerplexity(cell.perplexity.mean) },
    costCell(cell.genericFlops, cell.genericSeconds),
    costCell(cell.specializationFlops, cell.specializationSeconds),
    ...totals,
  ];
}

function costCell(flops: number, seconds: number): TableCell {
  return { text: formatFlops(flops), detail: formatSeconds(seconds) };
}

function summaryRow(ledger: readonly LedgerEntry[], booking: Booking): readonly TableCell[] {
  const booked = ledger.filter((entry) => entry.booking === booking);
  const computed = booked.filter((entry) => entry.computedHere);
  const reused = booked.filter((entry) => !entry.computedHere);
  return [
    { text: booking },
    { text: formatCount(computed.length) },
    { text: formatFlops(sum(computed, (entry) => entry.flops)) },
    { text: formatSeconds(sum(computed, (entry) => entry.seconds)) },
    { text: formatCompact(sum(computed, (entry) => entry.tokens)) },
    { text: formatCount(reused.length) },
    { text: formatFlops(sum(reused, (entry) => entry.flops)) },
    { text: formatSeconds(sum(reused, (entry) => entry.seconds)) },
  ];
}

function sum(entries: readonly LedgerEntry[], value: (entry: LedgerEntry) => number): number {
  return entries.reduce((total, entry) => total + value(entry), 0);
}
