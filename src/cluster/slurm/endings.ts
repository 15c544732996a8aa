/** What it means that a job has ended without its result, and what a user is told of it. */
import { join } from 'node:path';
import { InterruptedError, ParlanceError } from '../../common/errors.ts';
import type { QueuedJob } from './queue.ts';
import { reasonInWords } from './reasons.ts';
import { TIME_OVER } from './script.ts';
import type { SentJob } from './sent-jobs.ts';

/** States by which Slurm itself ends a job. */
const ENDED_BY_SLURM: Readonly<Record<string, string>> = {
  PREEMPTED: 'was needed by another job',
  NODE_FAIL: 'ended with its node',
  BOOT_FAIL: 'ended with its node',
};

type Sent = Pick<SentJob, 'label' | 'isOwn'>;

/** As after a controller that was lost before it had written the job down. */
export function forgottenInWords({ label }: Sent): string {
  return `Slurm does not know the job of “${label}” any more`;
}

/**
 * Why a job that is over can be sent again, as the end of a sentence; `undefined` where its own fault or its user's will
 * ended it.
 */
export function lossInWords(
  { label, isOwn }: Sent,
  { state, reason, exitCode }: QueuedJob,
): string | undefined {
  if (state === 'TIMEOUT' || exitCode === TIME_OVER) return `the time of the job of “${label}” was over`;
  if (Object.hasOwn(ENDED_BY_SLURM, state)) return `the job of “${label}” ${ENDED_BY_SLURM[state]}`;
  if (state !== 'CANCELLED') return undefined;
  if (reason === 'DependencyNeverSatisfied') return `the job of “${label}” waited for one that was lost`;
  return isOwn ? undefined : `the job of “${label}”, which another run had sent, was cancelled`;
}

/** `what`: the label of a stage. `logs`: the folder of what jobs print. */
export function failedJob(what: string, { id, state, reason }: QueuedJob, logs: string): ParlanceError {
  const why = reason === '' ? '' : ` (${reasonInWords(reason)})`;
  return new ParlanceError(
    `The job ${id} of “${what}” ended as ${state}${why}.`,
    state === 'OUT_OF_MEMORY'
      ? 'Raise execution.slurm.memory in your settings file.'
      : `What it said is in ${join(logs, `${id}.log`)}. Give the same command again to go on.`,
  );
}

export function endlessJob(what: string, times: number): ParlanceError {
  return new ParlanceError(
    `The job of “${what}” was sent ${times} times and has not ended.`,
    'If its time is over each time, set a longer execution.slurm.time in your settings file.',
  );
}

export function stopped(): InterruptedError {
  return new InterruptedError('Stopped; everything so far is kept.', 'Give the same command again to go on.');
}
