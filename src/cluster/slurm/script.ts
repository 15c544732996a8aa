/** Batch scripts and the options of `sbatch`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from './job-graph.ts';
import type { SlurmSettings } from './settings.ts';

/** The name of all our jobs, by which people find them. */
export const JOB_NAME = 'parlance';
/** How a job ends that does not see the storage. */
export const NOT_SHARED = 74;
/** How a job ends whose time is over, when it cannot put itself back into the queue: what it had is saved. */
export const TIME_OVER = 75;
/** How a job ends whose time is over, and that would begin anew where it began. */
export const NO_PROGRESS = 76;

/** Node speeds and the memory of libraries differ: what is asked for is more than what is predicted. */
const TIME_MARGIN = 3;
const LEAST_MINUTES = 10;
/** Up to this prediction a job asks for no more than the least. */
export const LEAST_SECONDS = (60 * LEAST_MINUTES) / TIME_MARGIN;
const MEMORY_MARGIN = 1.3;
const LEAST_MEGABYTES = 512;
/** How a job ends of which a line of `setup` fails. */
export const SETUP_FAILED = 77;
/** Before its time is over a job is told, so that it saves what it has. */
const WARNING_SECONDS = 120;

export interface JobPlace {
  readonly storage: string;
  /** What starts Parlance on a node: the program and its first arguments. */
  readonly program: readonly string[];
  /** Where a job's output goes. */
  readonly logs: string;
}

/** A file in the storage, by whose content a node knows that it is the same storage. */
export interface Marker {
  readonly path: string;
  readonly content: string;
}

/** What one task computes, and where it tells of it. */
export interface Task {
  readonly fingerprints: readonly string[];
  readonly events: string;
}

/** Tells whether the nodes see the storage; everything else waits for it. */
export function probeScript({ path, content }: Marker): string {
  return [
    '#!/bin/sh',
    `[ "$(cat ${quoted(path)} 2>/dev/null)" = ${quoted(content)} ] || exit ${NOT_SHARED}`,
    '',
  ].join('\n');
}

/** One script for all tasks of an array; a job that is none is its first task. */
export function jobScript(
  tasks: readonly Task[],
  { threads, setup }: Pick<SlurmSettings, 'threads' | 'setup'>,
  { storage, program }: JobPlace,
): string {
  const start = [...program, 'stage', '--storage', storage, '--threads', `${threads}`].map(quoted).join(' ');
  const cases = tasks.map(
    ({ fingerprints, events }, index) =>
      `${index}) exec ${start} --events ${quoted(events)} ${fingerprints.join(' ')} ;;`,
  );
  // `exec`: the signals that Slurm sends reach the program itself.
  return [
    shellFor(setup),
    ...setup.map(setupLine),
    `case "\${SLURM_ARRAY_TASK_ID:-0}" in`,
    ...cases,
    'esac',
    '',
  ].join('\n');
}

/** A login shell of bash, where there is one, knows `module`. */
function shellFor(setup: readonly string[]): string {
  return setup.length > 0 && existsSync(BASH) ? `#!${BASH} -l` : '#!/bin/sh';
}

const BASH = '/bin/bash';

/** `eval`: whatever is in it, a comment for one, it is one command. */
function setupLine(line: string, index: number): string {
  const told = quoted(`execution.slurm.setup: line ${index + 1} failed: ${line}`);
  return `eval ${quoted(line)} || { echo ${told} >&2; exit ${SETUP_FAILED}; }`;
}

export function probeOptions(settings: SlurmSettings): readonly string[] {
  return [...wherever(settings), '--time=1', '--requeue', '--output=/dev/null'];
}

export interface Asked {
  readonly jobs: readonly Job[];
  /** Ids of jobs that must end well before. */
  readonly after: readonly string[];
  readonly comment: string;
}

export function jobOptions(
  { jobs, after, comment }: Asked,
  settings: SlurmSettings,
  { logs }: JobPlace,
): readonly string[] {
  const { threads, time, memory, concurrent } = settings;
  const seconds = Math.max(...jobs.map((job) => job.seconds));
  const bytes = Math.max(...jobs.map((job) => job.bytes));
  const throttle = concurrent === undefined ? '' : `%${concurrent}`;
  const minutes = Math.max(LEAST_MINUTES, Math.ceil((TIME_MARGIN * seconds) / 60));
  const megabytes = Math.max(LEAST_MEGABYTES, Math.ceil((MEMORY_MARGIN * bytes) / 1e6));
  return [
    ...wherever(settings),
    `--comment=${comment}`,
    `--cpus-per-task=${threads}`,
    `--time=${time ?? minutes}`,
    `--mem=${memory ?? `${megabytes}M`}`,
    ...(after.length === 0 ? [] : [`--dependency=afterok:${after.join(':')}`, '--kill-on-invalid-dep=yes']),
    '--requeue',
    '--open-mode=append',
    `--signal=B:USR1@${WARNING_SECONDS}`,
    // Slurm puts numbers in the place of `%j` and its like.
    `--output=${join(logs.replaceAll('%', '%%'), jobs.length > 1 ? '%A_%a.log' : '%j.log')}`,
    ...(jobs.length > 1 ? [`--array=0-${jobs.length - 1}${throttle}`] : []),
  ];
}

function wherever({ partition, account, qos, constraint, gres }: SlurmSettings): readonly string[] {
  const given = { partition, account, qos, constraint, gres };
  return [
    `--job-name=${JOB_NAME}`,
    ...Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`])),
  ];
}

/** For the shell: one word, whatever is in it. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
