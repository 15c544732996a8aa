/**
 * The verdicts of a domain: every claim that is tested, and whether any small method reaches the gain that makes
 * choosing one worth while. The paper's figures are at 126 million parameters, the thresholds those of a replication at
 * a hundredth of it or less. "Equal cost" is equal counted FLOPs, interpolated along the budgets as the paper does.
 */

import { geometricMean } from '../../src/common/means.ts';
import { type Claim, type ClaimVerdict, figure, percent } from './claim.ts';
import { efficiencyClaims } from './efficiency-claims.ts';
import type { DomainFindings } from './findings.ts';
import { judge, logRatios, type Verdict } from './judgement.ts';
import { asPreset, Points, totalCost } from './points.ts';
import { selectionClaims } from './selection-claims.ts';
import { trainingClaims } from './training-claims.ts';

export const claims: readonly Claim[] = [...trainingClaims, ...efficiencyClaims, ...selectionClaims].sort(
  (a, b) => a.claim - b.claim,
);

export function verdictsOf(findings: DomainFindings): ClaimVerdict[] {
  const points = new Points(findings);
  return claims.map(({ claim, statement, paper, test }) => ({
    claim,
    statement,
    paper,
    ...test(points, findings),
  }));
}

/** At most this of slm's perplexity at slm's total cost, for one domain. */
const GAIN = 0.95;

export interface BestSmall {
  readonly method: string;
  readonly seen: string;
  readonly verdict: Verdict;
}

/**
 * The best of the small methods, as the preset has them, at the total cost of slm with the largest budget, N = 1. `size` is the
 * number of the in-domain size, 0 being the smallest. Where a method was measured with the largest budget alone, that counts,
 * and what it costs more is said.
 */
export function bestSmallMethod(findings: DomainFindings, size: number): BestSmall {
  const points = new Points(findings);
  const small = points.at({ method: 'slm', size });
  const costs = small.map(totalCost);
  const perplexities = small.map(({ perplexity }) => perplexity);
  const tried = ['slm-is', 'slm-is-cont', 'slm-mix', 'slm-pn'].map((method) => ({
    method,
    values: points.interpolated({ method, experiment: asPreset(method), size }, totalCost, costs),
  }));
  const best = tried.reduce((a, b) => (geometricMean(b.values) < geometricMean(a.values) ? b : a));
  const effects = logRatios(best.values, perplexities);
  const texts = tried.map(({ method, values }) => `${method} ${figure(values)}`);
  const largest = points.at({ method: best.method, experiment: asPreset(best.method), size });
  const share = geometricMean(largest.map((one, seed) => totalCost(one) / costs[seed]));
  return {
    method: best.method,
    seen: `slm ${figure(perplexities)}; ${texts.join(', ')}; best ${percent(effects)}; with all pretraining it costs ${share.toFixed(2)} times as much as slm`,
    verdict: judge(effects, Math.log(GAIN)),
  };
}
