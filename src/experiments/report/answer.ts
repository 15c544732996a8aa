/**
 * The answer first: one paragraph a domain, made from the measurements, that says which method gave the lowest
 * held-out perplexity within the inference cap and what it compares with. It claims no more than was measured: a
 * part that is missing is left out, and an order that the spread over seeds does not settle is called so.
 *
 * Weighed: picking each method's best pretraining budget by its held-out result. That would choose on held-out text,
 * so each method stands at its largest budget.
 */
import {
  atLargestBudget,
  type Cell,
  cellsAtSize,
  domainSizes,
  tokensAt,
  type View,
} from '../../../webview/charts/aggregate.ts';
import { isCeiling } from '../../../webview/charts/budgets.ts';
import {
  formatCompact,
  formatCount,
  formatPerplexity,
  formatPlural,
} from '../../../webview/charts/format.ts';
import { sizeInWords } from '../../budget/in-domain-size.ts';
import type { ExperimentResults } from '../results.ts';

/** The paragraph for one domain or for the macro average. */
export function answerFor(results: ExperimentResults, view: View): string {
  const cells = atLargestBudget(view.cells);
  const size = domainSizes(cells).at(-1);
  if (size === undefined) return `${where(view)}, no method has been measured after fine-tuning yet.`;
  const tuned = cellsAtSize(cells, size);
  const ranked = byPerplexity(tuned.filter((cell) => !isOverCap(results, cell)));
  const setting = `${where(view)}, with ${sizeInWords(size, tokensAt(cells, size))}${capInWords(results)}`;
  const ceiling = ceilingInWords(results, byPerplexity(tuned));
  if (ranked.length === 0) return joined([`${setting}, no method has been measured yet.`, ceiling]);
  return joined([
    `${setting}, ${verdict(results, ranked)}`,
    unsettledInWords(ranked),
    comparisonsInWords(results, cells, ranked),
    ceiling,
  ]);
}

/** `17.32 (17.10 to 17.55 over 3 seeds)`. */
function spreadInWords({ perplexity: { mean, min, max, n } }: Cell): string {
  if (n === 1) return `${formatPerplexity(mean)} (1 seed, so its spread is unknown)`;
  return `${formatPerplexity(mean)} (${formatPerplexity(min)} to ${formatPerplexity(max)} over ${formatPlural(n, 'seed')})`;
}

function verdict(results: ExperimentResults, ranked: readonly Cell[]): string {
  const best = ranked[0];
  const result = `${nameOf(results, best.method)} gave ${ranked.length > 1 ? 'the lowest' : 'a'} held-out perplexity`;
  return ranked.length > 1
    ? `${result}: ${spreadInWords(best)}.`
    : `${result} of ${spreadInWords(best)}; no other method was measured within the cap.`;
}

function unsettledInWords(ranked: readonly Cell[]): string {
  const [best, ...others] = ranked;
  const close = others.filter(
    (other) => best.perplexity.n > 1 && other.perplexity.n > 1 && other.perplexity.min <= best.perplexity.max,
  );
  if (close.length === 0) return '';
  const names = close.map((cell) => `${cell.method} (${formatPerplexity(cell.perplexity.mean)})`).join(', ');
  return `Its range over seeds overlaps that of ${names}: their order is not settled.`;
}

/** What the winner gained by fine-tuning and by pretraining, as far as that was measured. */
function comparisonsInWords(
  results: ExperimentResults,
  cells: readonly Cell[],
  ranked: readonly Cell[],
): string {
  const candidates = cells.filter((cell) => !isOverCap(results, cell));
  const before = byPerplexity(
    candidates.filter((cell) => cell.phase === 'before fine-tuning' && cell.pretrainingTokens > 0),
  );
  const pretrainedOnly = before.find((cell) => cell.method === ranked[0].method) ?? before[0];
  const fromScratch = ranked.find((cell) => cell.pretrainingTokens === 0);
  const parts: string[] = [];
  if (pretrainedOnly !== undefined) {
    parts.push(
      `pretrained only, ${pretrainedOnly.method} gave ${formatPerplexity(pretrainedOnly.perplexity.mean)}`,
    );
  }
  if (fromScratch !== undefined && fromScratch !== ranked[0]) {
    parts.push(`from scratch, ${fromScratch.method} gave ${formatPerplexity(fromScratch.perplexity.mean)}`);
  }
  return parts.length === 0 ? '' : `For comparison: ${parts.join('; ')}.`;
}

function ceilingInWords(results: ExperimentResults, tuned: readonly Cell[]): string {
  const best = tuned.find((cell) => isOverCap(results, cell));
  if (best === undefined) return '';
  const large = results.models.find((model) => model.name === 'large');
  const size = large === undefined ? '' : `, ${formatCompact(large.parameters)} parameters`;
  return `The large model (${best.method}${size}) reached ${formatPerplexity(best.perplexity.mean)}; it is over the inference cap: a ceiling, not a candidate.`;
}

function capInWords(results: ExperimentResults): string {
  const small = results.models.find((model) => model.name === 'small');
  if (small === undefined) return ' and within the inference cap';
  return ` and at most ${formatCount(small.parameters)} parameters`;
}

function isOverCap(results: ExperimentResults, cell: Cell): boolean {
  const method = results.methods.find(({ id }) => id === cell.method);
  return method !== undefined && isCeiling(results, method);
}

function nameOf(results: ExperimentResults, id: string): string {
  const title = results.methods.find((method) => method.id === id)?.title;
  return title === undefined ? id : `${id} (${title})`;
}

function where(view: View): string {
  return view.kind === 'domain' ? `On ${view.title}` : `In the ${view.title}`;
}

function byPerplexity(cells: readonly Cell[]): readonly Cell[] {
  return [...cells].sort((a, b) => a.perplexity.mean - b.perplexity.mean);
}

function joined(sentences: readonly string[]): string {
  return sentences.filter((sentence) => sentence !== '').join(' ');
}
