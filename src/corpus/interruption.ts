/** Stopping a corpus computation on the user's request. */
import { InterruptedError } from '../common/errors.ts';

/** Throws `InterruptedError` once the signal is aborted. */
export function throwIfStopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new InterruptedError(
      'Reading the corpus was stopped.',
      'Start it again; unchanged files are not read twice.',
    );
  }
}
