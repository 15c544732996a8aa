/**
 * A thread beside the computation, which ends the process when its host is gone or the run's record vanished, also
 * while a call of the engine blocks the main thread. It ends it hard: a dying process must not write anything again.
 */
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import * as z from 'zod';
import { vanishing } from './vanishing.ts';

const LOOK_MS = 200;

const watchedSchema = z.object({ host: z.number(), record: z.string() });

/** Starts the thread from the program that runs. */
export function startWatchdog(program: string, record: string): void {
  new Worker(program, { workerData: { host: process.ppid, record } }).unref();
}

export const isWatchdog = !isMainThread;

export function watch(): void {
  const { host, record } = watchedSchema.parse(workerData);
  const isGone = vanishing(record);
  setInterval(() => {
    if (!isAlive(host) || isGone()) process.kill(process.pid, 'SIGKILL');
  }, LOOK_MS);
}

/** On Windows the parent's id stays when the parent has ended; elsewhere another process takes over. */
function isAlive(host: number): boolean {
  if (process.ppid !== host) return false;
  try {
    return process.kill(host, 0);
  } catch {
    return false;
  }
}
