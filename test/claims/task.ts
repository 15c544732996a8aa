/**
 * One task: an experiment with one seed, run by the real command line in a process of its own with one thread. What
 * is computed lies in the storage that all tasks share, so a task that was stopped goes on where it was.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { InterruptedError, ParlanceError } from '../../src/common/errors.ts';
import { readTextIfThere, writeFileAtomic } from '../../src/common/files.ts';
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
  /** Wall-clock time of all attempts that computed something. */
  readonly seconds: Seconds;
}

export function experimentFileOf({ folder }: Task): string {
  return join(folder, 'parlance.json');
}

export async function writeExperiment(task: Task): Promise<void> {
  await mkdir(task.folder, { recursive: true });
  await writeFileAtomic(experimentFileOf(task), `${JSON.stringify(task.experiment, null, 2)}\n`);
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const SECONDS_FILE = 'seconds.json';

/** Runs what `writeExperiment` wrote. Throws `ParlanceError` with the command line's message when it fails, `InterruptedError` when it is stopped. */
export async function runTask(task: Task, storage: string, signal: AbortSignal): Promise<TaskResult> {
  const began = performance.now();
  const { code, result, computed, message } = await runCommandLine(experimentFileOf(task), storage, signal);
  const took = computed ? (performance.now() - began) / 1000 : 0;
  const total = (await secondsBefore(task)) + took;
  await writeFileAtomic(join(task.folder, SECONDS_FILE), JSON.stringify(total));
  if (signal.aborted) throw stopped();
  if (code !== 0 || result === undefined) {
    throw new ParlanceError(`${task.name} failed: ${message}`, 'Mend it and give the same command again.');
  }
  return { results: result, seconds: seconds(total) };
}

export function stopped(): InterruptedError {
  return new InterruptedError('Stopped; everything so far is kept.', 'The same command again goes on.');
}

async function secondsBefore({ folder }: Task): Promise<number> {
  const text = await readTextIfThere(join(folder, SECONDS_FILE));
  return text === undefined ? 0 : z.number().parse(JSON.parse(text));
}

interface Ended {
  readonly code: number | null;
  readonly result: ExperimentResults | undefined;
  /** Whether a stage was computed and not only found. */
  readonly computed: boolean;
  readonly message: string;
}

async function runCommandLine(file: string, storage: string, signal: AbortSignal): Promise<Ended> {
  const run = ['run', file, '--storage', storage, '--threads', '1', '--json'];
  const child = spawn(process.execPath, [program('cli'), ...run], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = (): void => void child.kill('SIGINT');
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  let message = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    message += text;
  });
  let result: ExperimentResults | undefined;
  let computed = false;
  const ended = exitCode(child);
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{"type":"result"')) result = resultIn(line);
    computed ||= line.includes('"state":"started"');
  }
  const code = await ended;
  signal.removeEventListener('abort', stop);
  return { code, result, computed, message: message.trim().replace(/^error: /, '') };
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
