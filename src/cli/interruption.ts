/**
 * Ctrl-C: the first asks the work to stop after its step and to save, the second ends the program at once. Output that
 * nobody reads any more, as after `head`, asks for the same, and is never a success.
 */
import { constants } from 'node:os';

const SHOW_CURSOR = '\u001b[?25h';
/** As a shell tells of a program that the signal SIGPIPE ended. */
export const NO_READER = 128 + 13;

let isUnread = false;
/** Stops the work under way, if there is any. */
let stopWork: (() => void) | undefined;

/** A signal that SIGINT and SIGTERM abort, until `release`. `onStopping` is called at the first of them. */
export function stopOnSignals(onStopping: () => void): {
  readonly signal: AbortSignal;
  release(): void;
} {
  const controller = new AbortController();
  const begin = (): void => {
    controller.abort();
    onStopping();
  };
  const stop = (name: 'SIGINT' | 'SIGTERM'): void => {
    if (controller.signal.aborted) {
      if (process.stdout.isTTY) process.stdout.write(SHOW_CURSOR);
      process.exit(128 + constants.signals[name]);
    }
    begin();
  };
  stopWork = begin;
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return {
    signal: controller.signal,
    release: () => {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
      stopWork = undefined;
    },
  };
}

/** From now on a closed pipe stops the work, which saves, and the program ends with `NO_READER`. */
export function stopWithoutReader(): void {
  const onError = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE' && !isUnread) throw error;
    if (isUnread) return;
    isUnread = true;
    process.exitCode = NO_READER;
    if (stopWork === undefined) process.exit();
    stopWork();
  };
  process.stdout.on('error', onError);
  process.stderr.on('error', onError);
}

/** The exit code of a program that would end with `code`. */
export function exitCodeOf(code: number): number {
  return isUnread ? NO_READER : code;
}
