/** What it means that a job has ended without its result, and what a user is told of it. */
import { join } from 'node:path';
import { InterruptedError, ParlanceError } from '../../common/errors.ts';
import type { QueuedJob } from './queue.ts';
import { reasonInWords } from './reasons.ts';
import { NO_PROGRESS, SETUP_FAILED, TIME_OVER } from './script.ts';
import type { SentJob } from './sent-jobs.ts';

/** States by which Slurm itself ends a job. */
const ENDED_BY_SLURM: Readonly<Record<string, string>> = {
  PREEMPTED: 'was needed by another job',
  NODE_FAIL: 'ended with its node',
  BOOT_FAIL: 'ended with its node',
};

/** How a job ends when the machine refused (`ResourceError`; docs/command-line.md). */
const MACHINE_REFUSED = 4;
/** How a shell ends that finds no program, or one that cannot be run. */
const NOT_STARTED = [126, 127];

type Sent = Pick<SentJob, 'label' | 'isOwn'>;

/** Why a job that is over can be sent again. */
export interface Loss {
  /** `no progress`: its time was over, and all of it for nothing. `upstream`: only what it waited for was lost. */
  readonly kind: 'time' | 'no progress' | 'upstream' | 'other';
  /** As the end of a sentence. */
  readonly words: string;
}

/** As after a controller that was lost before it had written the job down. */
export function forgotten({ label }: Sent): Loss {
  return { kind: 'other', words: `Slurm does not know the job of “${label}” any more` };
}

/** `undefined` where its own fault or its user's will ended the job. */
export function lossOf({ label, isOwn }: Sent, { state, reason, exitCode }: QueuedJob): Loss | undefined {
  const job = `the job of “${label}”`;
  if (exitCode === NO_PROGRESS) {
    return { kind: 'no progress', words: `the time of ${job} was over before it had saved anything` };
  }
  if (state === 'TIMEOUT' || exitCode === TIME_OVER) {
    return { kind: 'time', words: `the time of ${job} was over` };
  }
  if (Object.hasOwn(ENDED_BY_SLURM, state))
    return { kind: 'other', words: `${job} ${ENDED_BY_SLURM[state]}` };
  if (state !== 'CANCELLED') return undefined;
  if (reason === 'DependencyNeverSatisfied') {
    return { kind: 'upstream', words: `${job} waited for one that was lost` };
  }
  return isOwn ? undefined : { kind: 'other', words: `${job}, which another run had sent, was cancelled` };
}

/** `what`: the label of a stage. `logs`: the folder of what jobs print. */
export function failedJob(what: string, job: QueuedJob, logs: string): ParlanceError {
  const { id, state, reason } = job;
  if (job.phase === 'finished') {
    return new ParlanceError(
      `The job ${id} of “${what}” has ended well, but what it made is not seen from here.`,
      'The shared disk may be slow: give the same command again to go on when it shows it.',
    );
  }
  const why = reason === '' ? '' : ` (${reasonInWords(reason)})`;
  return new ParlanceError(
    `The job ${id} of “${what}” ended as ${state}${why}.`,
    `${adviceOn(job)}What it said is in ${join(logs, `${id}.log`)}. Give the same command again to go on.`,
  );
}

/** What the stage says itself of its failure does not arrive where the disk is full, or where it never began. */
function adviceOn({ state, exitCode }: QueuedJob): string {
  if (state === 'OUT_OF_MEMORY') return 'Raise execution.slurm.memory in your settings file. ';
  if (exitCode === MACHINE_REFUSED) {
    return 'The disk may be full, or a quota used up: what it writes is refused. ';
  }
  if (exitCode === SETUP_FAILED) return 'A line of execution.slurm.setup in your settings file failed. ';
  if (NOT_STARTED.includes(exitCode)) {
    return `The node cannot start ${process.execPath}: it must be there too, as for example execution.slurm.setup makes it. `;
  }
  return '';
}

export function endlessJob(what: string, times: number): ParlanceError {
  return new ParlanceError(
    `The job of “${what}” was lost ${times} times in a row before it had saved anything.`,
    'Choose a partition or a quality of service whose jobs are left alone longer: execution.slurm in your settings file.',
  );
}

/** `time`: what the user allows a job. */
export function timeTooShort(what: string, times: number, time: string | undefined): ParlanceError {
  const own = time === undefined ? 'Set' : `It is ${time} now: raise`;
  return new ParlanceError(
    `The time of the job of “${what}” was over ${times} times before it had saved anything.`,
    `${own} execution.slurm.time in your settings file, and give the same command again to go on.`,
  );
}

export function stopped(): InterruptedError {
  return new InterruptedError('Stopped; everything so far is kept.', 'Give the same command again to go on.');
}
