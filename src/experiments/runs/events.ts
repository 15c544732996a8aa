/**
 * The event log of a run: one JSON object a line, only appended to; the panels replay it and follow it. A line counts
 * once its line end is written: what a kill or a full disk tore off is not read, and is cut away by the next append.
 * Written synchronously, so that the order holds and nothing is lost with the process. Not flushed each time: a kill
 * loses nothing, a power failure at most the last seconds.
 */
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { measurementSchema, untrainedSchema } from '../../budget/measurement.ts';
import { CorruptionError, GraphError, systemErrorCode } from '../../common/errors.ts';
import { explainWriteError } from '../../common/files.ts';
import { stageEventSchema } from '../../pipeline/stage-event.ts';

export const endStates = ['finished', 'failed', 'interrupted', 'cancelled'] as const;
const liveStates = ['queued', 'preparing', 'running', 'pausing', 'paused', 'stopping'] as const;
/** What a run says of itself; `RunPhase` of run-view.ts tells what each means. */
export const runStateSchema = z.enum([...liveStates, ...endStates]);

export const runEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('state'), state: runStateSchema, message: z.string(), hint: z.string() }),
  /** Fingerprints of the corpora, by name, as an attempt found them. */
  z.object({ type: z.literal('corpora'), corpora: z.record(z.string(), z.string()) }),
  /** The artifacts that the run will make or use; they are kept by `clean --unreferenced`. */
  z.object({
    type: z.literal('plan'),
    fingerprints: z.array(z.string()),
    /** Those that are needed, in their order. */
    stages: z.array(
      z.object({ fingerprint: z.string(), kind: z.string(), label: z.string(), cached: z.boolean() }),
    ),
  }),
  z.object({ type: z.literal('stage'), event: stageEventSchema }),
  z.object({ type: z.literal('measurement'), measurement: measurementSchema }),
  /** A model before any training. */
  z.object({ type: z.literal('untrained'), untrained: untrainedSchema }),
]);
export type RunEvent = z.infer<typeof runEventSchema>;

export const loggedEventSchema = z.object({ sequence: z.number(), time: z.string(), event: runEventSchema });
/** An event with its number, counted from 0 without gaps, and its ISO 8601 time. */
export type LoggedEvent = z.infer<typeof loggedEventSchema>;

/** Appends to one log; there must be no other writer. */
export class EventLogWriter {
  readonly #path: string;
  readonly #file: number;
  #bytes: number;
  #sequence: number;
  #isClosed = false;

  /** Opens or makes the log and cuts off a torn last line. Throws CorruptionError, ResourceError. */
  constructor(path: string) {
    this.#path = path;
    try {
      mkdirSync(dirname(path), { recursive: true });
      this.#file = openSync(path, 'a+');
    } catch (error) {
      throw explainWriteError(error, path);
    }
    const { events, offset } = readEvents(path);
    this.#bytes = offset;
    this.#sequence = (events.at(-1)?.sequence ?? -1) + 1;
    ftruncateSync(this.#file, offset);
  }

  /** Throws ResourceError when the disk is full; the log is then as before. Throws GraphError after `close`. */
  append(event: RunEvent): LoggedEvent {
    // The system gives the number of a closed file to the next one that is opened.
    if (this.#isClosed) throw new GraphError(`The event log ${this.#path} is closed.`, 'Open it anew.');
    const logged: LoggedEvent = { sequence: this.#sequence, time: new Date().toISOString(), event };
    const line = Buffer.from(`${JSON.stringify(logged)}\n`);
    try {
      let written = 0;
      while (written < line.length) written += writeSync(this.#file, line, written);
    } catch (error) {
      ftruncateSync(this.#file, this.#bytes);
      throw explainWriteError(error, this.#path);
    }
    this.#bytes += line.length;
    this.#sequence++;
    return logged;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#file);
  }
}

export interface ReadEvents {
  readonly events: readonly LoggedEvent[];
  /** Where the next reading goes on, in bytes. */
  readonly offset: number;
}

/** The whole lines of a log from an offset on; none when there is no log yet. Throws CorruptionError. */
export function readEvents(path: string, from = 0): ReadEvents {
  const data = readFrom(path, from);
  const end = data.lastIndexOf(0x0a) + 1;
  const lines = data.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
  return { events: lines.map((line) => parseEvent(path, line)), offset: from + end };
}

/** The events of a log from an offset on, then each new one, until the signal is aborted. */
export async function* followEvents(
  path: string,
  signal: AbortSignal,
  from = 0,
): AsyncGenerator<LoggedEvent> {
  let offset = from;
  while (!signal.aborted) {
    const read = readEvents(path, offset);
    offset = read.offset;
    yield* read.events;
    await sleep(200, undefined, { signal }).catch(() => undefined);
  }
}

/** The last events of a log, without reading all of a long one. */
export function lastEvents(path: string, count: number): readonly LoggedEvent[] {
  const size = sizeIfThere(path);
  for (let windowBytes = 64 * 1024; ; windowBytes *= 4) {
    const from = Math.max(0, size - windowBytes);
    const data = readFrom(path, from);
    const start = from === 0 ? 0 : data.indexOf(0x0a) + 1;
    const lines = data
      .subarray(start, data.lastIndexOf(0x0a) + 1)
      .toString('utf8')
      .split('\n')
      .slice(0, -1);
    if (from === 0 || lines.length >= count) return lines.slice(-count).map((line) => parseEvent(path, line));
  }
}

/** One line of a log. Throws CorruptionError. */
export function parseEvent(path: string, line: string): LoggedEvent {
  try {
    return loggedEventSchema.parse(JSON.parse(line));
  } catch (error) {
    throw new CorruptionError(
      `The event log ${path} has a line that cannot be read: ${line.slice(0, 80)}`,
      'Remove that line in a text editor, or remove the folder of this run.',
      error,
    );
  }
}

function readFrom(path: string, from: number): Buffer {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
  try {
    if (from === 0) return readFileSync(file);
    const data = Buffer.alloc(Math.max(0, fstatSync(file).size - from));
    let filled = 0;
    while (filled < data.length) {
      const got = readSync(file, data, filled, data.length - filled, from + filled);
      if (got === 0) break;
      filled += got;
    }
    return data.subarray(0, filled);
  } finally {
    closeSync(file);
  }
}

function sizeIfThere(path: string): number {
  try {
    const file = openSync(path, 'r');
    try {
      return fstatSync(file).size;
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return 0;
    throw error;
  }
}
