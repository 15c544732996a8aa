/** The planner's sentences: each figure with where it comes from. */
import { formatCompact, formatPerplexity, formatPlural } from '../../webview/charts/format.ts';
import { formatAmount } from './amounts.ts';
import type { Estimate } from './estimate.ts';
import type { Candidate, PlannerAnswer } from './planner-types.ts';

/** `slm-is (small, importance-sampled)`. */
export function nameInWords({ method, title }: Pick<Candidate, 'method' | 'title'>): string {
  return `${method} (${title})`;
}

/** Where a figure comes from: `measured at 4M pretraining and 65k in-domain tokens, 3 seeds`. */
export function basisInWords(estimate: Estimate): string {
  if (estimate.basis === 'predicted') return `predicted for ${placeInWords(estimate)}`;
  if (estimate.basis === 'measured') {
    const { seeds = 1 } = estimate;
    return `measured at ${placeInWords(estimate)}, ${seeds === 1 ? '1 seed' : `mean of ${seeds} seeds`}`;
  }
  const [from, to] = estimate.between ?? [0, 0];
  const along = isBetween(estimate.pretrainingTokens, from, to) ? 'pretraining' : 'in-domain';
  return `interpolated at ${placeInWords(estimate)}, between ${formatCompact(from)} and ${formatCompact(to)} measured ${along} tokens`;
}

export function rangeInWords({ low, high }: Pick<Estimate, 'low' | 'high'>): string {
  return `${formatPerplexity(low)} to ${formatPerplexity(high)}`;
}

/** One sentence with its reason, and a second one where the figure is not a measurement. */
export function recommendationSentence(
  chosen: Candidate,
  { candidates, unit, domains }: Pick<PlannerAnswer, 'candidates' | 'unit' | 'domains'>,
): string {
  const total = (one: Candidate): string => formatAmount({ unit, value: one.totalCost });
  const figure = `perplexity ${formatPerplexity(chosen.perplexity)}, ${basisInWords(chosen)}`;
  const [lowest, second] = candidates;
  const doubt =
    chosen.basis === 'predicted' ? ` This is a prediction (${rangeInWords(chosen)}), not a measurement.` : '';
  if (chosen !== lowest) {
    return `Use ${nameInWords(chosen)}: ${figure}, is within 1 % of the lowest (${lowest.method}, ${formatPerplexity(lowest.perplexity)}${markInWords(lowest)}), and for ${formatPlural(domains, 'domain')} it costs ${total(chosen)} in all instead of ${total(lowest)}.${doubt}`;
  }
  if (second === undefined) {
    return `Use ${nameInWords(chosen)}: ${figure}; no other measured method meets the budgets.${doubt}`;
  }
  return `Use ${nameInWords(chosen)}: ${figure}, the lowest of ${candidates.length} methods that meet the budgets; next is ${second.method} with ${formatPerplexity(second.perplexity)}${markInWords(second)}.${doubt}`;
}

function placeInWords({ pretrainingTokens, domainTokens }: Estimate): string {
  const pretrained =
    pretrainingTokens === 0 ? 'no pretraining' : `${formatCompact(pretrainingTokens)} pretraining tokens`;
  const tuned = domainTokens === 0 ? 'no fine-tuning' : `${formatCompact(domainTokens)} in-domain tokens`;
  return `${pretrained} and ${tuned}`;
}

function markInWords({ basis }: Estimate): string {
  return basis === 'measured' ? '' : `, ${basis}`;
}

function isBetween(value: number, from: number, to: number): boolean {
  return value >= from && value <= to;
}
