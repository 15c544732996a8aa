/** Stopping a long computation of the selection on the user's request. */
import { InterruptedError } from '../common/errors.ts';

/** Lets timers and signals have their turn; then throws `InterruptedError` if the signal is aborted. */
export async function breathe(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (signal?.aborted) {
    throw new InterruptedError(
      'Clustering was stopped.',
      'Run the same command again; finished stages are not repeated.',
    );
  }
}
