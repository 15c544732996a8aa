/** Waiting in tests. Only the limit knows the clock, and it only ends a hang: no test fails because a machine is slow. */
import { setTimeout as sleep } from 'node:timers/promises';

export const HANG_MS = 20 * 60_000;

/** Looking often costs what is waited for its time: the longer a wait lasts, the rarer it looks. */
const RARER = 1.3;
const RAREST_MS = 100;

/** The first result of `check` that is neither `undefined` nor false; throws with `what` after minutes. */
export async function until<T>(
  what: string,
  check: () => T | undefined | false | Promise<T | undefined | false>,
  pollMs = 10,
): Promise<T> {
  const end = performance.now() + HANG_MS;
  for (let pauseMs = pollMs; ; pauseMs = Math.min(pauseMs * RARER, Math.max(pollMs, RAREST_MS))) {
    const result = await check();
    if (result !== undefined && result !== false) return result;
    if (performance.now() > end) throw new Error(`waited ${HANG_MS} ms in vain: ${what}`);
    await sleep(pauseMs);
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
