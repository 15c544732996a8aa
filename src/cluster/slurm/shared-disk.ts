/** What a shared disk does not show at once, or refuses for a while. */
import { mkdir, mkdtemp, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemErrorCode } from '../../common/errors.ts';

/** NFS remembers for up to a minute that something is not there (`acdirmax`). */
const LATE_MS = 120_000;
/** Where a job told that it has made it. */
const TOLD_LATE_MS = 600_000;
/** A server that starts anew, or a handle that it does not know any more. */
const REFUSED_MS = 600_000;
const PASSING = ['ESTALE', 'EIO', 'EREMOTEIO', 'ETIMEDOUT', 'EHOSTDOWN', 'ENOTCONN', 'ESHUTDOWN'];
const AGAIN_MS = 1000;

/** Whether the disk may still show what a job made that ended so long ago. `isTold`: the job said that it made it. */
export function mayAppear(sinceMs: number, isTold: boolean): boolean {
  return sinceMs < (isTold ? TOLD_LATE_MS : LATE_MS);
}

/** Changes a folder for a moment: what NFS remembers of it is out of date then, and it asks its server. */
export async function lookAnew(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
    .then(() => mkdtemp(join(folder, '.look-')))
    .then(rmdir)
    .catch(() => undefined);
}

/** Reads; again and again, for minutes, where the disk refuses in a way that passes. */
export async function patiently<T>(read: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const beganMs = performance.now();
  for (;;) {
    try {
      return await read();
    } catch (error) {
      const isPassing = PASSING.includes(systemErrorCode(error) ?? '');
      if (!isPassing || signal.aborted || performance.now() - beganMs > REFUSED_MS) throw error;
    }
    await sleep(AGAIN_MS, undefined, { signal }).catch(() => undefined);
  }
}
