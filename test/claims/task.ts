/**
 * One task: an experiment with one seed, run by the real command line in a process of its own with one thread. What
 * is computed lies in the storage that all tasks share, so a task that was stopped goes on where it was.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { InterruptedError, ParlanceError } from '../../src/common/errors.ts';
import { readTextIfThere, writeFileAtomic } from '../../src/common/files.ts';
import { sha256 } from '../../src/common/hash.ts';
import { type Seconds, seconds } from '../../src/common/units.ts';
import type { ExperimentResults } from '../../src/experiments/results/results.ts';
import { program } from '../support/programs.ts';

export interface Task {
  /** For people, for example `letters, core, seed 1`. */
  readonly name: string;
  /** Where the experiment file, the reports and the time that it took lie. */
  readonly folder: string;
  readonly experiment: object;
}

export interface TaskResult {
  readonly results: ExperimentResults;
  /** Of all attempts at this experiment but those that were killed. */
  readonly processorSeconds: Seconds;
}

export function experimentFileOf({ folder }: Task): string {
  return join(folder, 'parlance.json');
}

export async function writeExperiment(task: Task): Promise<void> {
  await mkdir(task.folder, { recursive: true });
  await writeFileAtomic(experimentFileOf(task), `${JSON.stringify(task.experiment, null, 2)}\n`);
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const PROCESSOR_TIME = join(root, 'test', 'claims', 'processor-time.mjs');
const SECONDS_FILE = 'processor-seconds.json';
const spentSchema = z.object({ experiment: z.string(), seconds: z.number() });

/** Runs what `writeExperiment` wrote. Throws `ParlanceError` with the command line's message when it fails, `InterruptedError` when it is stopped. */
export async function runTask(task: Task, storage: string, signal: AbortSignal): Promise<TaskResult> {
  const { code, result, took, message } = await runCommandLine(experimentFileOf(task), storage, signal);
  const experiment = sha256(JSON.stringify(task.experiment));
  const total = (await secondsBefore(task, experiment)) + took;
  await writeFileAtomic(join(task.folder, SECONDS_FILE), JSON.stringify({ experiment, seconds: total }));
  if (signal.aborted) throw stopped();
  if (code !== 0 || result === undefined) {
    throw new ParlanceError(`${task.name} failed: ${message}`, 'Mend it and give the same command again.');
  }
  return { results: result, processorSeconds: seconds(total) };
}

export function stopped(): InterruptedError {
  return new InterruptedError('Stopped; everything so far is kept.', 'The same command again goes on.');
}

/** Spent on the same experiment: not on one of other text or settings in the same place. */
async function secondsBefore({ folder }: Task, experiment: string): Promise<number> {
  const text = await readTextIfThere(join(folder, SECONDS_FILE));
  const spent = text === undefined ? undefined : spentSchema.parse(JSON.parse(text));
  return spent?.experiment === experiment ? spent.seconds : 0;
}

interface Ended {
  readonly code: number | null;
  readonly result: ExperimentResults | undefined;
  /** Processor time in seconds; 0 when it was killed. */
  readonly took: number;
  readonly message: string;
}

async function runCommandLine(file: string, storage: string, signal: AbortSignal): Promise<Ended> {
  const run = ['run', file, '--storage', storage, '--threads', '1', '--json'];
  const child = spawn(process.execPath, ['--import', PROCESSOR_TIME, program('cli'), ...run], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const stop = (): void => void child.kill('SIGINT');
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  let message = '';
  const [stdout, stderr, spent] = [1, 2, 3].map((fd) => readable(child.stdio[fd]));
  stderr.setEncoding('utf8').on('data', (text: string) => {
    message += text;
  });
  let time = '';
  spent.setEncoding('utf8').on('data', (text: string) => {
    time += text;
  });
  let result: ExperimentResults | undefined;
  const ended = exitCode(child);
  for await (const line of createInterface({ input: stdout })) {
    if (line.startsWith('{"type":"result"')) result = resultIn(line);
  }
  const code = await ended;
  signal.removeEventListener('abort', stop);
  return { code, result, took: Number(time), message: message.trim().replace(/^error: /, '') };
}

function readable(stream: unknown): Readable {
  if (!(stream instanceof Readable)) throw new TypeError('A pipe of the command line is missing.');
  return stream;
}

/** The results in the last line of `parlance run --json`, which this repository wrote a moment ago. */
function resultIn(line: string): ExperimentResults {
  const { results }: { results: ExperimentResults } = JSON.parse(line);
  return results;
}

function exitCode(child: ChildProcess): Promise<number | null> {
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', done);
  });
}
