/**
 * Carries the record of a run (runs.ts) forward: begins or takes up a run, holds it, logs what happens and rewrites how
 * it is now.
 */
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { InputError, ResourceError } from '../../common/errors.ts';
import { explainWriteError, requireWritable, writeFileAtomic } from '../../common/files.ts';
import { type Lock, lockOwner, tryLock } from '../../pipeline/lock.ts';
import { EventLogWriter, type RunEvent } from './events.ts';
import {
  type EndState,
  type LiveState,
  lockPath,
  newRunId,
  noRun,
  type OverallProgress,
  type RunRecord,
  type RunRequest,
  type RunStatus,
  readRunRecord,
  runFolder,
  statusPath,
} from './runs.ts';

/** Longest distance between two writings of `status.json` while a run is alive and its thread is free. */
const HEARTBEAT_MS = 5_000;
/** Shortest distance between two progress events of one stage in the log, and between two status writings. */
const PROGRESS_MS = 500;

/** A run that this process executes. */
export class RunWriter {
  readonly record: RunRecord;
  readonly #folder: string;
  readonly #lock: Lock;
  readonly #log: EventLogWriter;
  readonly #timer: NodeJS.Timeout;
  readonly #progressMs = new Map<string, number>();
  #state: LiveState = 'running';
  #message = '';
  #overall: OverallProgress = {};
  #statusMs = 0;
  #isFinished = false;

  constructor(folder: string, record: RunRecord, lock: Lock, state: LiveState) {
    this.record = record;
    this.#folder = folder;
    this.#lock = lock;
    this.#log = new EventLogWriter(join(folder, 'events.jsonl'));
    this.enter(state);
    this.#timer = setInterval(() => this.#beat(), HEARTBEAT_MS);
    this.#timer.unref();
  }

  /** Says what the run is doing now. */
  enter(state: LiveState, message = '', hint = ''): void {
    this.#state = state;
    this.#message = message;
    this.#log.append({ type: 'state', state, message, hint });
    this.#write(state, message, hint);
  }

  /** Sets what the next status says of the run as a whole. */
  progress(overall: OverallProgress): void {
    this.#overall = overall;
  }

  /**
   * Logs an event. Progress that follows within half a second of the last, or that a full disk does not take, is only shown
   * in the status.
   */
  append(event: RunEvent): void {
    this.#lock.touch();
    if (event.type !== 'stage' || event.event.state !== 'progress') {
      this.#log.append(event);
      return;
    }
    this.#message = `${event.event.label}: ${event.event.message}`;
    if (performance.now() - this.#statusMs > PROGRESS_MS) this.#beat();
    if (!this.#isDue(event.event.fingerprint, event.event.fraction)) return;
    try {
      this.#log.append(event);
    } catch (error) {
      if (!(error instanceof ResourceError)) throw error;
    }
  }

  /**
   * Ends the run; the writer cannot be used afterwards. When its last word cannot be written this throws and has let go
   * of the run all the same, which then counts as lost; a second call does nothing.
   */
  finish(state: EndState, message = '', hint = ''): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    clearInterval(this.#timer);
    try {
      this.#log.append({ type: 'state', state, message, hint });
      this.#write(state, message, hint);
    } finally {
      this.#log.close();
      this.#lock.release();
    }
  }

  #isDue(fingerprint: string, fraction: number): boolean {
    const now = performance.now();
    const before = this.#progressMs.get(fingerprint);
    if (fraction < 1 && before !== undefined && now - before < PROGRESS_MS) return false;
    this.#progressMs.set(fingerprint, now);
    return true;
  }

  #beat(): void {
    try {
      this.#write(this.#state, this.#message, '');
    } catch {
      // A missed heartbeat harms nobody: the lock says that the run lives. What matters goes into the log.
    }
  }

  #write(state: RunStatus['state'], message: string, hint: string): void {
    this.#statusMs = performance.now();
    this.#lock.touch();
    const path = statusPath(this.#folder);
    const { pid } = process;
    const status: RunStatus = {
      state,
      pid,
      host: hostname(),
      updated: new Date().toISOString(),
      message,
      hint,
      ...this.#overall,
    };
    try {
      writeFileSync(`${path}.tmp`, JSON.stringify(status));
      renameSync(`${path}.tmp`, path);
    } catch (error) {
      throw explainWriteError(error, path);
    }
  }
}

/** Begins a run: writes what was asked and holds the run until `finish`. */
export async function createRun(
  storage: string,
  request: RunRequest,
  { id, state }: { readonly id?: string; readonly state?: LiveState } = {},
): Promise<RunWriter> {
  const created = new Date();
  const record: RunRecord = {
    format: 1,
    id: id ?? newRunId(created),
    created: created.toISOString(),
    ...request,
  };
  const folder = runFolder(storage, record.id);
  await requireWritable(folder);
  await writeFileAtomic(join(folder, 'run.json'), `${JSON.stringify(record, null, 2)}\n`);
  return hold(folder, record, state);
}

/** Takes up a run that ended or was lost. Throws InputError when it is unknown or some process carries it out. */
export async function resumeRun(storage: string, id: string, state?: LiveState): Promise<RunWriter> {
  return hold(runFolder(storage, id), await readRunRecord(storage, id), state);
}

function hold(folder: string, record: RunRecord, state: LiveState = 'running'): RunWriter {
  const lock = tryLock(lockPath(folder));
  if (lock === undefined) {
    const pid = lockOwner(lockPath(folder))?.pid ?? 'of unknown number';
    throw new InputError(
      `The run ${record.id} is executed by process ${pid}.`,
      'Stop it first, or watch it.',
    );
  }
  try {
    // Tidied away since it was read.
    if (!existsSync(join(folder, 'run.json'))) throw noRun(record.id, dirname(folder));
    return new RunWriter(folder, record, lock, state);
  } catch (error) {
    lock.release();
    throw error;
  }
}
