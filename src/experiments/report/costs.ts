/** What it cost: the total for N domains by method, when which method is cheaper, and the ledger line by line. */

import {
  type BookedWork,
  type BreakEven,
  bookedWork,
  breakEvenDomains,
  type SplitCost,
  totalCost,
} from '../../budget/cost.ts';
import { sizeInWords, sizeOf } from '../../budget/in-domain-size.ts';
import type { Booking, LedgerEntry } from '../../budget/ledger.ts';
import type { MethodFacts } from '../../budget/measurement.ts';
import { type Cell, standingCells, type View } from '../../budget/views.ts';
import { DOMAIN_COUNTS } from '../../charts/budget-axes.ts';
import type { Table, TableCell } from '../../charts/table.ts';
import {
  formatCompact,
  formatCount,
  formatFlops,
  formatPerplexity,
  formatSeconds,
} from '../../common/format.ts';
import type { ExperimentResults } from '../results/results.ts';
import { methodCell } from './comparison.ts';

/** Digits of a fingerprint that are shown; enough to find its artifact. */
const SHORT_FINGERPRINT = 12;

/**
 * `C_total(N) = C_generic + N * C_spec` (the paper's equation 1) for each method, at its chosen pretraining budget
 * and the largest in-domain size; `undefined` when nothing was fine-tuned.
 */
export function totalCostTable(results: ExperimentResults, view: View): Table | undefined {
  const largest = largestCells(results, view);
  if (largest === undefined) return undefined;
  const { size, rows } = largest;
  return {
    caption: `Cost for N domains at each method’s chosen pretraining budget and ${size} (${view.title})`,
    columns: [
      { title: 'Method', align: 'text' },
      { title: 'Held-out perplexity', align: 'number' },
      { title: 'Generic, once', align: 'number' },
      { title: 'Specialization, per domain', align: 'number' },
      ...DOMAIN_COUNTS.map((count) => ({ title: `Total, N\u00a0=\u00a0${count}`, align: 'number' as const })),
    ],
    rows: rows.map(({ method, cell }) => [methodCell(results, method), ...costCells(cell)]),
  };
}

/**
 * For how many domains the row's method costs less in total than the column's, in FLOPs; `undefined` with fewer than
 * two methods to compare.
 */
export function breakEvenTable(results: ExperimentResults, view: View): Table | undefined {
  const largest = largestCells(results, view);
  if (largest === undefined || largest.rows.length < 2) return undefined;
  const { size, rows } = largest;
  return {
    caption: `Numbers of domains for which the row’s method costs less than the column’s, at the chosen pretraining budgets and ${size} (${view.title})`,
    columns: [
      { title: 'Method', align: 'text' },
      ...rows.map(({ method }) => ({ title: method.id, align: 'number' as const })),
    ],
    rows: rows.map(({ method, cell }) => [
      { text: method.id },
      ...rows.map((other) => ({
        text:
          other.method === method ? '' : breakEvenInWords(breakEvenDomains(costOf(cell), costOf(other.cell))),
      })),
    ]),
  };
}

interface LargestCells {
  /** In words. */
  readonly size: string;
  readonly rows: readonly { readonly method: MethodFacts; readonly cell: Cell }[];
}

/** Each method at its chosen pretraining budget and the largest in-domain size. */
function largestCells(results: ExperimentResults, view: View): LargestCells | undefined {
  const tuned = standingCells(view);
  if (tuned.length === 0) return undefined;
  const rows = results.methods.flatMap((method) => {
    const cell = tuned.find((candidate) => candidate.method === method.id);
    return cell === undefined ? [] : [{ method, cell }];
  });
  const tokens = Math.max(...tuned.map(({ domainTokens }) => domainTokens));
  return { size: sizeInWords(sizeOf(tuned[0]), tokens, view.kind), rows };
}

function costOf({ genericFlops, specializationFlops }: Cell): SplitCost {
  return { generic: genericFlops, specialization: specializationFlops };
}

function breakEvenInWords(found: BreakEven): string {
  if (found.kind === 'always' || found.kind === 'never') return found.kind;
  return `${found.kind} ${formatCount(found.domains)}`;
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
      totalCost(costOf(cell), count),
      totalCost({ generic: cell.genericSeconds, specialization: cell.specializationSeconds }, count),
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
  const work = (computedHere: boolean): BookedWork =>
    bookedWork(
      ledger.filter((entry) => entry.computedHere === computedHere),
      booking,
    );
  const [computed, reused] = [work(true), work(false)];
  return [
    { text: booking },
    { text: formatCount(computed.stages) },
    { text: formatFlops(computed.flops) },
    timeCell(computed),
    { text: formatCompact(computed.tokens) },
    { text: formatCount(reused.stages) },
    { text: formatFlops(reused.flops) },
    timeCell(reused),
  ];
}

function timeCell({ seconds, deviceHours }: BookedWork): TableCell {
  return { text: formatSeconds(seconds), detail: `${deviceHours.toFixed(3)} device-hours` };
}
