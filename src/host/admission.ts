/**
 * Whether a run may compute now, or why it waits: first come, first served, as many at once as is allowed, and only
 * what fits into the memory that is free when those that compute have taken all they need. What would never fit is let in
 * when nothing else computes, with a warning: to wait would be in vain, and hold up all behind it. Pure.
 */
import { formatBytes } from '../common/format.ts';
import type { MachineMemory } from './machine-memory.ts';

export interface Claim {
  /** For people: the run's title and methods. */
  readonly title: string;
  /** The memory that it will take at its peak, and where that is known from. */
  readonly needBytes: number;
  readonly source: 'measured' | 'predicted';
}

export interface Computing extends Claim {
  /** What it holds already. */
  readonly heldBytes: number;
}

export interface Machine extends MachineMemory {
  readonly cores: number;
}

export type Admission =
  | { readonly isAdmitted: true; readonly threads: number; readonly warning?: string }
  | { readonly isAdmitted: false; readonly why: string };

/** `ahead` wait since an earlier time, `behind` since a later one. */
export function admit(
  own: Claim,
  others: {
    readonly computing: readonly Computing[];
    readonly ahead: readonly Claim[];
    readonly behind: readonly Claim[];
  },
  parallel: number,
  { availableBytes, totalBytes, cores }: Machine,
): Admission {
  const { computing, ahead, behind } = others;
  const first = ahead.at(0);
  if (first !== undefined) {
    const more = ahead.length > 1 ? ` and ${ahead.length - 1} more` : '';
    return { isAdmitted: false, why: `waits for its turn behind ${first.title}${more}` };
  }
  if (computing.length >= parallel) {
    const names = computing.map(({ title }) => title).join(', ');
    return {
      isAdmitted: false,
      why: `waits for ${names} to end or pause: ${computing.length} of ${parallel} compute`,
    };
  }
  const promised = computing.reduce((sum, one) => sum + Math.max(0, one.needBytes - one.heldBytes), 0);
  const free = Math.max(0, availableBytes - promised);
  const isTooLarge = own.needBytes > totalBytes && computing.length === 0;
  if (own.needBytes > free && !isTooLarge)
    return { isAdmitted: false, why: memoryWords(own, free, computing) };
  // Whoever waits gets its share as soon as there is room; threads are fixed while a run computes.
  const sharers = Math.min(parallel, computing.length + 1 + behind.length);
  const threads = Math.max(1, Math.floor(cores / sharers));
  return { isAdmitted: true, threads, ...(isTooLarge && { warning: tooLargeWords(own, totalBytes) }) };
}

function tooLargeWords(own: Claim, totalBytes: number): string {
  return `starts although it ${needWords(own)}, of ${formatBytes(totalBytes)} in all: if memory runs out, choose a smaller size`;
}

const needWords = ({ needBytes, source }: Claim): string =>
  `needs ${formatBytes(needBytes)}${source === 'predicted' ? ' as predicted' : ''}`;

function memoryWords(own: Claim, free: number, computing: readonly Computing[]): string {
  const amounts = `${needWords(own)}, ${formatBytes(free)} free`;
  if (computing.length === 0)
    return `waits for memory: ${amounts}; close other programs or choose a smaller size`;
  return `waits for memory until ${computing.map(({ title }) => title).join(', ')} ends: ${amounts}`;
}
