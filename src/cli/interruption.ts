/** Ctrl-C: the first asks the work to stop after its step and to save, the second ends the program at once. */
import { constants } from 'node:os';

const SHOW_CURSOR = '\u001b[?25h';

/** A signal that SIGINT and SIGTERM abort, until `release`. `onStopping` is called at the first of them. */
export function stopOnSignals(onStopping: () => void): {
  readonly signal: AbortSignal;
  release(): void;
} {
  const controller = new AbortController();
  const stop = (name: 'SIGINT' | 'SIGTERM'): void => {
    if (controller.signal.aborted) {
      if (process.stdout.isTTY) process.stdout.write(SHOW_CURSOR);
      process.exit(128 + constants.signals[name]);
    }
    controller.abort();
    onStopping();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return {
    signal: controller.signal,
    release: () => {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    },
  };
}
