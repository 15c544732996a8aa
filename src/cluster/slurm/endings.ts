/** What a user is told when a job ends without its result. */
import { join } from 'node:path';
import { InterruptedError, ParlanceError } from '../../common/errors.ts';
import { type QueuedJob, reasonInWords } from './queue.ts';

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

export function forgottenJob(what: string): ParlanceError {
  return new ParlanceError(
    `Slurm does not know the job of “${what}” any more, and its result is not in the storage.`,
    'Give the same command again: what was saved is taken up.',
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
