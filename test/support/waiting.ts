/** Waiting in tests. Only the limit knows the clock, and it only ends a hang: no test fails because a machine is slow. */
import { setTimeout as sleep } from 'node:timers/promises';

export const HANG_MS = 5 * 60_000;

/** The first result of `check` that is neither `undefined` nor false; throws with `what` after minutes. */
export async function until<T>(
  what: string,
  check: () => T | undefined | false | Promise<T | undefined | false>,
  pollMs = 10,
): Promise<T> {
  const end = performance.now() + HANG_MS;
  for (;;) {
    const result = await check();
    if (result !== undefined && result !== false) return result;
    if (performance.now() > end) throw new Error(`waited ${HANG_MS} ms in vain: ${what}`);
    await sleep(pollMs);
  }
}

/** A door that work waits at until it is opened. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((done) => {
    open = done;
  });
  return { opened, open };
}
