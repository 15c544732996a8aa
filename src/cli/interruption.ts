/**
 * Ctrl-C: the first asks the work to stop after its step and to save, the second ends the program at once. A terminal that
 * is closed and output that nobody reads any more, as after `head`, ask for the first; the latter is never a success.
 */
import { constants } from 'node:os';
import { ENDING_SIGNALS } from '../common/interruption.ts';

const SHOW_CURSOR = '\u001b[?25h';
/** As a shell tells of a program that the signal SIGPIPE ended. */
export const NO_READER = 128 + 13;

let isUnread = false;
/** Stops the work under way, if there is any. */
let stopWork: (() => void) | undefined;

/** A signal that the signals of the system abort, until `release`. `onStopping` is called at the first of them. */
export function stopOnSignals(onStopping: () => void): {
  readonly signal: AbortSignal;
  /** Whether Ctrl-C was the first: a person who sits there, and not the end of a session. */
  isCtrlC(): boolean;
  release(): void;
} {
  const controller = new AbortController();
  let isCtrlC = false;
  const begin = (): void => {
    controller.abort();
    onStopping();
  };
  const stop = (name: (typeof ENDING_SIGNALS)[number]): void => {
    if (controller.signal.aborted) {
      // A terminal that is closed says so twice: by the system, and by its shell.
      if (name === 'SIGHUP') return;
      if (process.stdout.isTTY) process.stdout.write(SHOW_CURSOR);
      process.exit(128 + constants.signals[name]);
    }
    isCtrlC = name === 'SIGINT';
    begin();
  };
  stopWork = begin;
  for (const name of ENDING_SIGNALS) process.on(name, stop);
  return {
    signal: controller.signal,
    isCtrlC: () => isCtrlC,
    release: () => {
      for (const name of ENDING_SIGNALS) process.off(name, stop);
      stopWork = undefined;
    },
  };
}

/** From now on a closed pipe stops the work, which saves, and the program ends with `NO_READER`. */
export function stopWithoutReader(): void {
  const onError = (error: NodeJS.ErrnoException): void => {
    // The latter of a terminal that was closed.
    if (error.code !== 'EPIPE' && error.code !== 'EIO' && !isUnread) throw error;
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
