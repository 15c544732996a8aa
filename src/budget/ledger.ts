/**
 * The ledger: what each stage cost, booked as the paper books it (section 3.1): *generic* work is paid once
 * and shared by all domains, *specialization* work is paid again for each domain.
 */
import type { Flops, Seconds, Tokens } from '../common/units.ts';

export type Booking = 'generic' | 'specialization';

/** What one stage consumed. FLOPs are counted from the graph, seconds measured. */
export interface Cost {
  readonly flops: Flops;
  readonly seconds: Seconds;
  readonly tokens: Tokens;
}

/** One line of the ledger: the stage that made an artifact, and its cost when it was computed. */
export interface LedgerEntry extends Cost {
  readonly fingerprint: string;
  readonly kind: string;
  readonly label: string;
  readonly booking: Booking;
  /** False when this experiment found the artifact already made, by itself earlier or by another one. */
  readonly computedHere: boolean;
}
