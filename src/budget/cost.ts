/**
 * Costs in the paper's terms (section 3.1, tables 1 to 3): generic work is paid once, specialization work is paid
 * again for each domain. The paper counts GPU-hours; here FLOPs are counted from the graphs and device-seconds are
 * measured, and a device-hour is the paper's GPU-hour on the device at hand. Two things are counted that the paper
 * leaves out: clustering, and the steps of fine-tuning after the best one that early stopping needs.
 */
import { type Flops, flops, type Seconds, seconds, type Tokens, tokens } from '../common/units.ts';
import type { Booking, LedgerEntry } from './ledger.ts';

/** The cost of a method in one unit: FLOPs or device-seconds. */
export interface SplitCost {
  readonly generic: number;
  readonly specialization: number;
}

/** `C_total(N) = C_generic + N * C_specialization` (the paper's equation 1). */
export function totalCost({ generic, specialization }: SplitCost, domains: number): number {
  return generic + domains * specialization;
}

/** For which numbers of domains one method costs less in total than another. */
export type BreakEven =
  | { readonly kind: 'always' }
  /** Neither for one domain nor for any number. */
  | { readonly kind: 'never' }
  /** It costs more once and less per domain: `domains` is the smallest number for which it is cheaper. */
  | { readonly kind: 'from'; readonly domains: number }
  /** It costs less once and more per domain: `domains` is the largest number for which it is cheaper. */
  | { readonly kind: 'up to'; readonly domains: number };

/** When `a` costs less in total than `b`, from one domain on. */
export function breakEvenDomains(a: SplitCost, b: SplitCost): BreakEven {
  const cheaper = (domains: number): boolean => totalCost(a, domains) < totalCost(b, domains);
  const perDomain = b.specialization - a.specialization;
  if (perDomain === 0) return { kind: a.generic < b.generic ? 'always' : 'never' };
  const crossing = (a.generic - b.generic) / perDomain;
  if (perDomain > 0) {
    const first = Math.max(1, Math.floor(crossing) + 1);
    return first === 1 ? { kind: 'always' } : { kind: 'from', domains: first };
  }
  const last = Math.ceil(crossing) - 1;
  return last >= 1 && cheaper(1) ? { kind: 'up to', domains: last } : { kind: 'never' };
}

/** What lines of a ledger add up to. */
export interface BookedWork {
  readonly stages: number;
  readonly flops: Flops;
  readonly seconds: Seconds;
  /** The paper's GPU-hours, on the device that was used. */
  readonly deviceHours: number;
  readonly tokens: Tokens;
}

/** The work of one booking in a ledger. */
export function bookedWork(entries: readonly LedgerEntry[], booking: Booking): BookedWork {
  const booked = entries.filter((entry) => entry.booking === booking);
  const sum = (value: (entry: LedgerEntry) => number): number =>
    booked.reduce((total, entry) => total + value(entry), 0);
  const took = sum((entry) => entry.seconds);
  return {
    stages: booked.length,
    flops: flops(sum((entry) => entry.flops)),
    seconds: seconds(took),
    deviceHours: took / 3600,
    tokens: tokens(sum((entry) => entry.tokens)),
  };
}
