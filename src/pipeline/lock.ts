/**
 * One owner at a time, across processes. A lock is a folder of numbered files; the highest number owns it. Taking
 * a lock is the exclusive creation of the next number, allowed only when the highest was released or its owner is
 * dead, so two takers of a stale lock cannot both succeed; numbers never go down. (Renaming a stale lock file away
 * was weighed: a slow taker can rename the lock of a quick one.) Release cuts the file to one byte, which needs no
 * space on a full disk. An owner that cannot be asked is given up when its heartbeat stood still while watched.
 */
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { InterruptedError, ParlanceError, systemErrorCode } from '../common/errors.ts';
import { explainWriteError, makeFolderIn } from '../common/files.ts';
import { HEARTBEAT_LIMIT_MS, HeartbeatWatch, LifeWatch } from './heartbeat.ts';
import { liveness, processIdentitySchema, thisProcess } from './owner.ts';

const lockOwnerSchema = processIdentitySchema.extend({ since: z.string() });
export type LockOwner = z.infer<typeof lockOwnerSchema>;

const POLL_MS = 100;
const HEARTBEAT_MS = 5_000;
const RELEASED_BYTES = 1;

/** A lock that this process holds. */
export class Lock {
  readonly #folder: string;
  readonly #generation: number;
  readonly #timer: NodeJS.Timeout;
  #touchedMs = performance.now();

  constructor(folder: string, generation: number) {
    this.#folder = folder;
    this.#generation = generation;
    this.#timer = setInterval(() => this.touch(), HEARTBEAT_MS);
    this.#timer.unref();
  }

  /** Shows that the owner lives. Call it from code that keeps the thread busy, as often as you like. */
  touch(): void {
    const now = performance.now();
    if (now - this.#touchedMs < HEARTBEAT_MS / 5) return;
    this.#touchedMs = now;
    try {
      const time = new Date();
      utimesSync(this.#path(), time, time);
    } catch {
      // The folder is gone; `isHeld` says so before anything depends on the lock.
    }
  }

  /** False when another process took the lock over, which can happen only where processes cannot be asked. */
  isHeld(): boolean {
    return highest(this.#folder) === this.#generation;
  }

  release(): void {
    clearInterval(this.#timer);
    try {
      truncateSync(this.#path(), RELEASED_BYTES);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
    }
  }

  #path(): string {
    return join(this.#folder, String(this.#generation));
  }
}

export interface LockOptions {
  readonly signal: AbortSignal;
  /** Called once for each owner that is waited for. */
  readonly onWaiting: (owner: LockOwner) => void;
  /** How long a heartbeat must stand still, watched, before an owner that cannot be asked is taken for dead. */
  readonly heartbeatLimitMs?: number;
}

/** Waits until the lock is free and takes it. Throws InterruptedError when the signal is aborted. */
export async function acquireLock(folder: string, options: LockOptions): Promise<Lock> {
  const limitMs = options.heartbeatLimitMs ?? HEARTBEAT_LIMIT_MS;
  const watch = new HeartbeatWatch(5 * POLL_MS);
  let told = '';
  for (;;) {
    throwIfStopped(options.signal, folder);
    const held = (seen: Seen) => watch.quietMs(seen.beat) < limitMs;
    const result = attempt(folder, held);
    if (result instanceof Lock) return result;
    if (result !== undefined && result.instance + result.since !== told) {
      told = result.instance + result.since;
      options.onWaiting(result);
    }
    await sleep(POLL_MS, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

/** Takes the lock when it is free now, else `undefined`. */
export function tryLock(folder: string): Lock | undefined {
  const result = attempt(folder, ({ beatTimeMs }) => new LifeWatch().isLiving(beatTimeMs));
  return result instanceof Lock ? result : undefined;
}

/** The live owner of a lock, or `undefined` when it is free. Whoever looks again and again gives the same watch each time. */
export function lockOwner(folder: string, watch = new LifeWatch()): LockOwner | undefined {
  const seen = look(folder);
  const isLiving = ({ beatTimeMs }: Seen) => watch.isLiving(beatTimeMs);
  return seen !== undefined && isHeld(seen, isLiving) ? (seen.owner ?? undefined) : undefined;
}

/** Whether the last owner was killed: it never let go, and this process can tell that it is dead. */
export function isOrphaned(folder: string): boolean {
  const seen = look(folder);
  return seen !== undefined && !seen.released && seen.owner !== null && liveness(seen.owner) === 'dead';
}

/** The highest number of a lock folder as it was found. */
interface Seen {
  readonly generation: number;
  readonly released: boolean;
  /** `null` while the file is being written, or when its writer died over it. */
  readonly owner: LockOwner | null;
  /** Changes with each heartbeat. */
  readonly beat: string;
  readonly beatTimeMs: number;
}

function attempt(folder: string, unknownIsHeld: (seen: Seen) => boolean): Lock | LockOwner | undefined {
  try {
    makeFolderIn(dirname(dirname(folder)), folder);
    const seen = look(folder);
    if (seen !== undefined && isHeld(seen, unknownIsHeld)) return seen.owner ?? undefined;
    return create(folder, (seen?.generation ?? 0) + 1);
  } catch (error) {
    throw explainWriteError(error, folder);
  }
}

/** `undefined` when another process was quicker. */
function create(folder: string, generation: number): Lock | undefined {
  const path = join(folder, String(generation));
  if (!createOwnerFile(path)) return undefined;
  if (highest(folder) !== generation) {
    rmSync(path, { force: true });
    return undefined;
  }
  // The one before stays: a listing that races with one take-over still sees a number.
  for (const old of generations(folder)) {
    if (old < generation - 1) rmSync(join(folder, String(old)), { force: true });
  }
  return new Lock(folder, generation);
}

function createOwnerFile(path: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'wx');
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    const owner: LockOwner = { ...thisProcess(), since: new Date().toISOString() };
    writeSync(file, JSON.stringify(owner));
    return true;
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

function isHeld(seen: Seen, unknownIsHeld: (seen: Seen) => boolean): boolean {
  if (seen.released) return false;
  const life = seen.owner === null ? 'unknown' : liveness(seen.owner);
  return life === 'unknown' ? unknownIsHeld(seen) : life === 'alive';
}

function look(folder: string): Seen | undefined {
  const generation = highest(folder);
  if (generation === 0) return undefined;
  try {
    const path = join(folder, String(generation));
    const text = readFileSync(path, 'utf8');
    const { mtimeMs } = statSync(path);
    return {
      generation,
      released: text.length === RELEASED_BYTES,
      owner: parseOwner(text),
      beat: `${generation}/${mtimeMs}`,
      beatTimeMs: mtimeMs,
    };
  } catch (error) {
    // Withdrawn between the listing and the reading: look again.
    if (systemErrorCode(error) === 'ENOENT') return look(folder);
    throw error;
  }
}

function parseOwner(text: string): LockOwner | null {
  try {
    return lockOwnerSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function highest(folder: string): number {
  return Math.max(0, ...generations(folder));
}

function generations(folder: string): number[] {
  try {
    return readdirSync(folder).map(Number).filter(Number.isInteger);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Of whoever held the lock of this work and finds that it is held no more. */
export function lostLock(label: string): ParlanceError {
  return new ParlanceError(
    `Another process took over "${label}" because this one showed no sign of life for minutes.`,
    'Run the same command again: it waits for that process and uses what it made.',
  );
}

function throwIfStopped(signal: AbortSignal, folder: string): void {
  if (!signal.aborted) return;
  throw new InterruptedError(
    `Stopped while waiting for the lock ${folder}.`,
    'Run the same command again to continue.',
  );
}
