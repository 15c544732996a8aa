/**
 * From seeds to a verdict. An effect is the logarithm of a ratio for each seed, below zero where the claim says so.
 * Held: every seed agrees in sign and the mean reaches the threshold. Undecided: seeds disagree. Not held: otherwise.
 * A claim of several parts is held when all its parts are.
 */
import { mean } from '../../src/common/means.ts';

export type Verdict = 'held' | 'not held' | 'undecided';

/** `threshold` is that of the mean, zero or below. */
export function judge(effects: readonly number[], threshold = 0): Verdict {
  const agreeing = effects.filter((effect) => effect < 0).length;
  if (agreeing > 0 && agreeing < effects.length) return 'undecided';
  return agreeing > 0 && mean(effects) <= threshold ? 'held' : 'not held';
}

export function all(parts: readonly Verdict[]): Verdict {
  if (parts.includes('not held')) return 'not held';
  return parts.includes('undecided') ? 'undecided' : 'held';
}

/** Seed by seed. */
export function logRatios(numerators: readonly number[], denominators: readonly number[]): number[] {
  return numerators.map((numerator, i) => Math.log(numerator / denominators[i]));
}

export interface CostPoint {
  /** Counted floating-point operations. */
  readonly flops: number;
  readonly perplexity: number;
}

/** Perplexity at a cost, on straight lines between the points of the logarithms; beyond them that of the nearest. */
export function atCost(points: readonly CostPoint[], flops: number): number {
  const sorted = [...points].sort((a, b) => a.flops - b.flops);
  const [first, last] = [sorted[0], sorted[sorted.length - 1]];
  if (flops <= first.flops) return first.perplexity;
  if (flops >= last.flops) return last.perplexity;
  const right = sorted.findIndex((point) => point.flops >= flops);
  const [a, b] = [sorted[right - 1], sorted[right]];
  const along = Math.log(flops / a.flops) / Math.log(b.flops / a.flops);
  return a.perplexity * (b.perplexity / a.perplexity) ** along;
}
