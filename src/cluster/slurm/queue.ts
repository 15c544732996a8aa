/**
 * What `squeue --json` says of jobs. Its form differs between versions (22.05 has plain values, later ones lists and
 * objects around them), so only what is read is looked at. A finished job is told for some minutes, then no more.
 */
import * as z from 'zod';
import { ParlanceError } from '../../common/errors.ts';
import { JOB_NAME } from './script.ts';

/** What matters of the two dozen states of a job. */
export type JobPhase = 'waiting' | 'running' | 'finished' | 'failed';

export interface QueuedJob {
  /** As `sbatch` told it: `17`, or `17_3` for a task of an array. */
  readonly id: string;
  /** Slurm's word, for example `PENDING`. */
  readonly state: string;
  readonly phase: JobPhase;
  /** Slurm's word for why it waits or has ended, for example `Resources`; empty where there is none. */
  readonly reason: string;
  /** Of a job that ended by itself; 0 for others. */
  readonly exitCode: number;
  readonly comment: string;
  /** Of an array the tasks that still wait, so that they are told as one; its `id` is the array's. */
  readonly waitingTasks?: readonly TaskRange[];
}

/** Numbers of tasks from `first` to `last`, each `step`th. */
interface TaskRange {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

const number = z.union([
  z.number(),
  z.object({ set: z.boolean().optional(), number: z.number() }).transform((one) => one.number),
]);
/** A task's number, or nothing for a job that is none. */
const task = z.union([
  z.number(),
  z.null(),
  z
    .object({ set: z.boolean(), number: z.number() })
    .transform((one): number | null => (one.set ? one.number : null)),
]);
const jobSchema = z.object({
  job_id: z.number(),
  array_job_id: number.optional(),
  array_task_id: task.optional(),
  array_task_string: z.string().nullish(),
  job_state: z.union([z.string(), z.array(z.string()).transform((states) => states[0] ?? '')]),
  state_reason: z.string().nullish(),
  exit_code: z
    .union([
      // A wait status: the exit code in its second byte.
      z.number().transform((status) => status >> 8),
      z.object({ return_code: number }).transform((one) => one.return_code),
    ])
    .optional(),
  comment: z.string().nullish(),
});
/** Up to 22.05 `squeue --json` has the jobs of all users, whatever else is asked. */
const anyJobSchema = z.looseObject({ name: z.string().nullish(), comment: z.string().nullish() });
const queueSchema = z.object({
  jobs: z.array(anyJobSchema),
  errors: z.array(z.object({ error: z.string().optional(), description: z.string().optional() })).optional(),
});

/** Slurm does not answer: what is in the queue goes on without us. */
export class SilentControllerError extends ParlanceError {
  constructor(message: string, cause?: unknown) {
    super(message, 'Jobs that run go on; give the same command again when it is back.', cause);
  }
}

/** `said`: Slurm's own words. */
export function silentController(said: string, cause?: unknown): SilentControllerError {
  const what = said === '' ? '' : `: ${said}`;
  return new SilentControllerError(`Slurm’s controller does not answer${what}.`, cause);
}

const PHASES: Readonly<Record<JobPhase, readonly string[]>> = {
  waiting: [
    'PENDING',
    'REQUEUED',
    'REQUEUE_HOLD',
    'SPECIAL_EXIT',
    'RESV_DEL_HOLD',
    'REQUEUE_FED',
    'SUSPENDED',
    'STOPPED',
  ],
  running: ['RUNNING', 'CONFIGURING', 'COMPLETING', 'SIGNALING', 'STAGE_OUT', 'RESIZING'],
  finished: ['COMPLETED'],
  failed: [],
};

/** Jobs of Parlance. Throws `SilentControllerError` where there was nobody to ask, `ParlanceError` for anything else than a queue. */
export function parseQueue(text: string): readonly QueuedJob[] {
  const { success, data } = queueSchema.safeParse(jsonOrNone(text));
  if (!success) throw unreadable();
  const { jobs, errors = [] } = data;
  // Without a controller there is an answer all the same, with no jobs in it.
  if (jobs.length === 0 && errors.length > 0) {
    throw silentController(errors[0].description ?? errors[0].error ?? '');
  }
  const own = z.array(jobSchema).safeParse(jobs.filter(isOurs));
  if (!own.success) throw unreadable();
  return own.data.map(queuedJob);
}

/** By the name that all have, or the comment, which is a list's name. */
function isOurs({ name, comment }: z.infer<typeof anyJobSchema>): boolean {
  return (name ?? JOB_NAME) === JOB_NAME || (comment ?? '').startsWith(`${JOB_NAME}-`);
}

function unreadable(): ParlanceError {
  return new ParlanceError(
    'The answer of `squeue --json` cannot be read.',
    'Slurm 21.08 or later with its JSON plugin is needed; `squeue --json` shows what it says.',
  );
}

function queuedJob(job: z.infer<typeof jobSchema>): QueuedJob {
  const array = job.array_job_id ?? 0;
  const isPendingArray = array > 0 && (job.array_task_string ?? '') !== '';
  const isTask = array > 0 && !isPendingArray && typeof job.array_task_id === 'number';
  const phase = phaseOf(job.job_state);
  return {
    id: isTask ? `${array}_${job.array_task_id}` : `${isPendingArray ? array : job.job_id}`,
    state: job.job_state,
    phase,
    reason: reasonOf(job),
    exitCode: job.exit_code ?? 0,
    comment: job.comment ?? '',
    ...(isPendingArray && { waitingTasks: taskRanges(job.array_task_string ?? '') }),
  };
}

/** Slurm gives none for a job that stands still on its node. */
function reasonOf({ job_state: state, state_reason: reason }: z.infer<typeof jobSchema>): string {
  if (reason && reason !== 'None') return reason;
  return state === 'SUSPENDED' || state === 'STOPPED' ? 'Suspended' : '';
}

function phaseOf(state: string): JobPhase {
  for (const phase of ['waiting', 'running', 'finished'] as const) {
    if (PHASES[phase].includes(state)) return phase;
  }
  return 'failed';
}

/** `0-3,7,10-20:5%4`: the last is how many run at a time. Slurm cuts long ones off (`1,3,...`): then it may be any task. */
function taskRanges(text: string): readonly TaskRange[] {
  return text.split('%')[0].split(',').map(taskRange);
}

function taskRange(text: string): TaskRange {
  const parts = /^(\d+)(?:-(\d+))?(?::(\d+))?$/.exec(text);
  if (parts === null) return { first: 0, last: Number.POSITIVE_INFINITY, step: 1 };
  const [, first, last = first, step = '1'] = parts;
  return { first: Number(first), last: Number(last), step: Number(step) };
}

/** Of a task the line of its own, or that of its array while it waits in there. */
export function jobInQueue(queue: readonly QueuedJob[], id: string): QueuedJob | undefined {
  const [array, task] = id.split('_');
  return (
    queue.find((job) => job.id === id && job.waitingTasks === undefined) ??
    queue.find((job) => job.id === array && job.waitingTasks?.some((range) => includes(range, Number(task))))
  );
}

function includes({ first, last, step }: TaskRange, task: number): boolean {
  return task >= first && task <= last && (task - first) % step === 0;
}

function jsonOrNone(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Of a task `17_3` the number of its array, of another job its own. */
export function arrayOf(id: string): string {
  return id.split('_')[0];
}
