/**
 * The record of a run under `<storage>/runs/<id>/`: `run.json` (what was asked, never changed), `events.jsonl` (what
 * happened) and `status.json` (how it is now, rewritten as it goes). One process at a time holds a run, by a lock of
 * the pipeline's kind; a run that says it is running while nobody holds it is lost, and can be taken up again.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { CorruptionError, InputError } from '../common/errors.ts';
import { explainWriteError, readTextIfThere, writeFileAtomic } from '../common/files.ts';
import { entriesIfThere } from '../pipeline/folder.ts';
import { type Lock, type LockOwner, lockOwner, tryLock } from '../pipeline/lock.ts';
import { jsonSchema } from '../pipeline/manifest.ts';
import {
  EventLogWriter,
  endStates,
  type LoggedEvent,
  lastEvents,
  type RunEvent,
  runStateSchema,
} from './events.ts';

const versionsSchema = z.object({
  parlance: z.string(),
  node: z.string(),
  engine: z.string(),
  platform: z.string(),
  processor: z.string(),
  threads: z.number(),
});

const runRequestSchema = z.object({
  /** For people. */
  title: z.string(),
  configuration: jsonSchema,
  seeds: z.array(z.number()),
  versions: versionsSchema,
  /** Fingerprints of the corpora, by name, where they were known before the run began; else an event tells. */
  corpora: z.record(z.string(), z.string()).optional(),
  /** Absolute path; absent in the records of older versions, as what follows. */
  experimentFile: z.string().optional(),
  /** Ids of the methods that this run computes. */
  methods: z.array(z.string()).optional(),
  /** What was asked: an engine's name, or `auto`. */
  engine: z.string().optional(),
  /** Whether it goes on although labels that keep text out of training name nothing any more. */
  ignoreLostLabels: z.boolean().optional(),
});
/** What was asked. */
export type RunRequest = z.infer<typeof runRequestSchema>;

const runRecordSchema = runRequestSchema.extend({
  format: z.literal(1),
  id: z.string(),
  created: z.string(),
});
export type RunRecord = z.infer<typeof runRecordSchema>;

export type EndState = (typeof endStates)[number];

const runStatusSchema = z.object({
  state: runStateSchema,
  pid: z.number(),
  host: z.string(),
  /** ISO 8601, UTC. */
  updated: z.string(),
  /** For people: the last progress, or why it ended. */
  message: z.string(),
  hint: z.string(),
  /** The share of the predicted work that is done, from 0 to 1, and the time left; absent before the plan. */
  fraction: z.number().optional(),
  secondsLeft: z.number().optional(),
});
export type RunStatus = z.infer<typeof runStatusSchema>;

export type LiveState = Exclude<RunStatus['state'], EndState>;
export type OverallProgress = Pick<RunStatus, 'fraction' | 'secondsLeft'>;

/** Longest distance between two writings of `status.json` while a run is alive and its thread is free. */
const HEARTBEAT_MS = 5_000;
/** Shortest distance between two progress events of one stage in the log, and between two status writings. */
const PROGRESS_MS = 500;

/** A run that this process carries out. */
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

  /** Logs an event; progress that follows within half a second of the last is only shown in the status. */
  append(event: RunEvent): void {
    this.#lock.touch();
    if (event.type === 'stage' && event.event.state === 'progress') {
      this.#message = `${event.event.label}: ${event.event.message}`;
      if (performance.now() - this.#statusMs > PROGRESS_MS) this.#beat();
      if (!this.#isDue(event.event.fingerprint, event.event.fraction)) return;
    }
    this.#log.append(event);
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
  await writeFileAtomic(join(folder, 'run.json'), `${JSON.stringify(record, null, 2)}\n`);
  return hold(folder, record, state);
}

/** Takes up a run that ended or was lost. Throws InputError when it is unknown or some process carries it out. */
export async function resumeRun(storage: string, id: string, state?: LiveState): Promise<RunWriter> {
  return hold(runFolder(storage, id), await readRunRecord(storage, id), state);
}

/** `lost`: the process that carried it out ended without a word. */
export type RunState = RunStatus['state'] | 'lost';

export interface RunSummary {
  readonly record: RunRecord;
  readonly state: RunState;
  /** `undefined` when the run was killed before its first status. */
  readonly status: RunStatus | undefined;
}

/** All runs, the newest first. Folders whose record cannot be read are listed by id in `damaged`. */
export async function listRuns(
  storage: string,
): Promise<{ readonly runs: readonly RunSummary[]; readonly damaged: readonly string[] }> {
  const runs: RunSummary[] = [];
  const damaged: string[] = [];
  for (const id of (await entriesIfThere(runsFolder(storage))).reverse()) {
    try {
      runs.push(await readRun(storage, id));
    } catch (error) {
      if (!(error instanceof CorruptionError || error instanceof InputError)) throw error;
      damaged.push(id);
    }
  }
  return { runs, damaged };
}

/** Throws InputError when there is no such run, CorruptionError when its record is damaged. */
export async function readRun(storage: string, id: string): Promise<RunSummary> {
  const record = await readRunRecord(storage, id);
  const status = await readRunStatus(storage, id);
  const ended = status !== undefined && isEnded(status.state);
  const held = runOwner(storage, id) !== undefined;
  if (held) return { record, status, state: status === undefined || ended ? 'running' : status.state };
  return { record, status, state: ended ? status.state : 'lost' };
}

/** The heartbeat; `undefined` before the first. Throws CorruptionError. */
export async function readRunStatus(storage: string, id: string): Promise<RunStatus | undefined> {
  const path = statusPath(runFolder(storage, id));
  const text = await readTextIfThere(path);
  return text === undefined ? undefined : parse(path, text, runStatusSchema);
}

/** Whether a run that says so has let go of everything. */
export function isEnded(state: RunStatus['state']): state is EndState {
  return endStates.some((one) => one === state);
}

/** The process that carries a run out, while it lives. */
export function runOwner(storage: string, id: string): LockOwner | undefined {
  return lockOwner(lockPath(runFolder(storage, id)));
}

export function eventsPath(storage: string, id: string): string {
  return join(runFolder(storage, id), 'events.jsonl');
}

export function lastRunEvents(storage: string, id: string, count: number): readonly LoggedEvent[] {
  return lastEvents(eventsPath(storage, id), count);
}

function hold(folder: string, record: RunRecord, state: LiveState = 'running'): RunWriter {
  const lock = tryLock(lockPath(folder));
  if (lock === undefined) {
    const pid = lockOwner(lockPath(folder))?.pid ?? 'of unknown number';
    throw new InputError(
      `The run ${record.id} is carried out by process ${pid}.`,
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

/** Throws InputError when there is no such run, CorruptionError when its record is damaged. */
export async function readRunRecord(storage: string, id: string): Promise<RunRecord> {
  const path = join(runFolder(storage, id), 'run.json');
  const text = /^[\w-]+$/.test(id) ? await readTextIfThere(path) : undefined;
  if (text === undefined) {
    throw noRun(id, storage);
  }
  return parse(path, text, runRecordSchema);
}

function noRun(id: string, where: string): InputError {
  return new InputError(`There is no run "${id}" in ${where}.`, 'Take an id from the list of runs.');
}

function parse<T>(path: string, text: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new CorruptionError(`${path} cannot be read.`, 'Remove the folder of this run.', error);
  }
}

/** Sorts by time: `20260131-154500-123-a1b2c3`. */
export function newRunId(time: Date): string {
  const digits = time.toISOString().replace(/\D/g, '');
  const parts = [
    digits.slice(0, 8),
    digits.slice(8, 14),
    digits.slice(14, 17),
    randomBytes(3).toString('hex'),
  ];
  return parts.join('-');
}

export function runsFolder(storage: string): string {
  return join(storage, 'runs');
}

export function runFolder(storage: string, id: string): string {
  return join(runsFolder(storage), id);
}

function statusPath(folder: string): string {
  return join(folder, 'status.json');
}

/** The lock of the process that carries the run out. */
export function lockPath(folder: string): string {
  return join(folder, 'lock');
}
