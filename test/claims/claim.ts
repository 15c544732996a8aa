/** A claim of the paper, what was seen, and how perplexities of several seeds stand in a sentence. */
import { formatPerplexity } from '../../src/common/format.ts';
import { geometricMean, mean } from '../../src/common/means.ts';
import type { DomainFindings } from './findings.ts';
import type { Verdict } from './judgement.ts';
import type { Points } from './points.ts';

export interface ClaimText {
  /** Its number in the list of claims. */
  readonly claim: number;
  readonly statement: string;
  /** The paper's figures. */
  readonly paper: string;
}

export interface Seen {
  readonly seen: string;
  readonly verdict: Verdict;
}

export interface Claim extends ClaimText {
  test(points: Points, findings: DomainFindings): Seen;
}

export type ClaimVerdict = ClaimText & Seen;

/** The seeds' geometric mean. */
export const figure = (perplexities: readonly number[]): string =>
  formatPerplexity(geometricMean(perplexities));
export const series = (values: readonly (readonly number[])[]): string => values.map(figure).join(', ');
/** `−4.1 %`: by how much the geometric mean of ratios is above or below one. */
export function percent(logarithms: readonly number[]): string {
  const change = (Math.exp(mean(logarithms)) - 1) * 100;
  return `${change < 0 ? '−' : '+'}${Math.abs(change).toFixed(1)} %`;
}

/** `; 84 % of the domain in one expert’s cluster`, where that is known. */
export function modalShareInWords({ overClusters }: Pick<DomainFindings, 'overClusters'>): string {
  if (overClusters === undefined) return '';
  return `; ${Math.round(100 * overClusters.modalShare)} % of the domain in one expert’s cluster`;
}
