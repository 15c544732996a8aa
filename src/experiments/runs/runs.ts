/**
 * The record of a run under `<storage>/runs/<id>/`: `run.json` (what was asked, never changed), `events.jsonl` (what
 * happened) and `status.json` (how it is now, rewritten as it goes), as anybody reads it; run-writer.ts writes it. One
 * process at a time holds a run, by a lock of the pipeline's kind; a run that says it is running while nobody holds it
 * is lost, and can be taken up again.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { CorruptionError, InputError } from '../../common/errors.ts';
import { readTextIfThere } from '../../common/files.ts';
import { entriesIfThere } from '../../pipeline/folder.ts';
import type { LifeWatch } from '../../pipeline/heartbeat.ts';
import { type LockOwner, lockOwner } from '../../pipeline/lock.ts';
import { jsonSchema } from '../../pipeline/manifest.ts';
import { PRESET_NAMES } from '../config/presets.ts';
import { endStates, type LoggedEvent, lastEvents, runStateSchema } from './events.ts';

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
  /** Absolute path, as it was then; absent where it came with the workspace: then it lies beside the storage. */
  experimentFile: z.string().optional(),
  /** Ids of the methods that this run computes. */
  methods: z.array(z.string()),
  /** What was asked: an engine's name, or `auto`. */
  engine: z.string(),
  /** Whether it goes on although labels that keep text out of training name nothing any more. */
  ignoreLostLabels: z.boolean().optional(),
  /** What fills in where the experiment file is silent; absent where that is as the file says. */
  preset: z.enum(PRESET_NAMES).optional(),
  /** Where stages are computed; absent for this machine. */
  on: z.enum(['slurm']).optional(),
  /** It came with the workspace: `versions` is another machine, and its models' weights are not here. */
  imported: z.boolean().optional(),
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

/** `lost`: the process that carried it out ended without a word. */
export type RunState = RunStatus['state'] | 'lost';

export interface RunSummary {
  readonly record: RunRecord;
  readonly state: RunState;
  /** `undefined` when the run was killed before its first status, or it cannot be read. */
  readonly status: RunStatus | undefined;
}

/** All runs, the newest first. Folders whose record cannot be read are listed by id in `damaged`. */
export async function listRuns(
  storage: string,
): Promise<{ readonly runs: readonly RunSummary[]; readonly damaged: readonly string[] }> {
  const runs: RunSummary[] = [];
  const damaged: string[] = [];
  for (const id of (await runIds(storage)).reverse()) {
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
  const said = status?.state ?? lastSaid(storage, id);
  const ended = said !== undefined && isEnded(said);
  const held = runOwner(storage, id) !== undefined;
  if (held) return { record, status, state: status === undefined || ended ? 'running' : status.state };
  return { record, status, state: ended ? said : 'lost' };
}

/** How the log says that the run is, if that is the last that it says. */
function lastSaid(storage: string, id: string): RunStatus['state'] | undefined {
  const last = lastRunEvents(storage, id, 1).at(0)?.event;
  return last?.type === 'state' ? last.state : undefined;
}

/**
 * The heartbeat; `undefined` before the first, and where it cannot be read, as a power failure may leave it: it only repeats
 * what the log says.
 */
export async function readRunStatus(storage: string, id: string): Promise<RunStatus | undefined> {
  const text = await readTextIfThere(statusPath(runFolder(storage, id)));
  if (text === undefined) return undefined;
  try {
    return runStatusSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Whether a run that says so has let go of everything. */
export function isEnded(state: RunStatus['state']): state is EndState {
  return endStates.some((one) => one === state);
}

/** The process that carries a run out, while it lives. Whoever looks again and again gives the same watch each time. */
export function runOwner(storage: string, id: string, watch?: LifeWatch): LockOwner | undefined {
  return lockOwner(lockPath(runFolder(storage, id)), watch);
}

export function eventsPath(storage: string, id: string): string {
  return join(runFolder(storage, id), 'events.jsonl');
}

export function lastRunEvents(storage: string, id: string, count: number): readonly LoggedEvent[] {
  return lastEvents(eventsPath(storage, id), count);
}

/**
 * With the experiment file where it lies now. Throws InputError when there is no such run, CorruptionError when its record
 * is damaged.
 */
export async function readRunRecord(storage: string, id: string): Promise<RunRecord> {
  const path = join(runFolder(storage, id), 'run.json');
  const text = /^[\w-]+$/.test(id) ? await readTextIfThere(path) : undefined;
  if (text === undefined) {
    throw noRun(id, storage);
  }
  const record = parse(path, text, runRecordSchema);
  const { experimentFile } = record;
  return experimentFile === undefined
    ? record
    : { ...record, experimentFile: besideStorage(storage, experimentFile) };
}

/**
 * The folder may have been moved or copied since: of a storage in its usual place the file is that which lies beside it now,
 * if one of its name does.
 */
function besideStorage(storage: string, recorded: string): string {
  const place = resolve(storage);
  const folder = dirname(dirname(place));
  const beside = join(folder, recorded.split(/[\\/]/).at(-1) ?? '');
  return place === join(folder, '.parlance', 'storage') && existsSync(beside) ? beside : recorded;
}

export function noRun(id: string, where: string): InputError {
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

const RUN_ID = /^\d{8}-\d{6}-\d{3}-[0-9a-f]{6}$/;

/** Ids of all runs, the oldest first. Other names, of files that a system leaves everywhere, are passed over. */
export async function runIds(storage: string): Promise<string[]> {
  return (await entriesIfThere(runsFolder(storage))).filter((name) => RUN_ID.test(name));
}

export function runsFolder(storage: string): string {
  return join(storage, 'runs');
}

export function runFolder(storage: string, id: string): string {
  return join(runsFolder(storage), id);
}

export function statusPath(folder: string): string {
  return join(folder, 'status.json');
}

/** The lock of the process that carries the run out. */
export function lockPath(folder: string): string {
  return join(folder, 'lock');
}
