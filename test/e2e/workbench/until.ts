/** Waiting for what a test expects of another process. */
import { setTimeout as sleep } from 'node:timers/promises';

/** The first result of `check` that is neither `undefined` nor false; throws with `what` after `limitMs`. */
export async function until<T>(
  what: string,
  check: () => T | undefined | false | Promise<T | undefined | false>,
  limitMs = 20_000,
): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const result = await check();
    if (result !== undefined && result !== false) return result;
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await sleep(100);
  }
}
