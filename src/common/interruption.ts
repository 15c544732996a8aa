/** Stopping a long computation on the user's request: between two pieces of work timers and signals get their turn. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { InterruptedError, ParlanceError } from './errors.ts';

/** With which a user or the system asks a process to end. */
export const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What was stopped is never lost: stages keep what is finished, trainings their last step. */
export function interrupted(): InterruptedError {
  return new InterruptedError('Stopped; everything so far is kept.', 'Run the same command again to go on.');
}

/** Throws `InterruptedError` once the signal is aborted. */
export function throwIfStopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw interrupted();
}

/** Lets timers and signals have their turn; then throws as `throwIfStopped`. Without a signal it only waits. */
export async function letSignalsIn(signal?: AbortSignal): Promise<void> {
  await nextTurn();
  throwIfStopped(signal);
}

/** Whether work ended because it was stopped: not all of it says so. What fails while it stops, in words, is a failure. */
export function isStop(error: unknown, signal: AbortSignal): boolean {
  return error instanceof InterruptedError || (signal.aborted && !(error instanceof ParlanceError));
}
