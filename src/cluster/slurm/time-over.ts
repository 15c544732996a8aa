/**
 * Before the time of a job is over Slurm sends USR1 (`--signal` of sbatch). The job then saves what it has and goes back
 * into the queue; where Slurm refuses that, it ends with a code by which whoever follows it sends it again. So does a job
 * that would begin where it began: with as much time as now it would come back for ever.
 */
import { ParlanceError } from '../../common/errors.ts';
import { requeue } from './commands.ts';
import { NO_PROGRESS, TIME_OVER } from './script.ts';

class TimeOverError extends ParlanceError {
  override readonly exitCode = TIME_OVER;

  constructor(cause: unknown) {
    super(
      'The time of this job is over, and Slurm does not put it back into the queue.',
      'The run that sent it sends it again: what it had is saved.',
      cause,
    );
  }
}

class NoProgressError extends ParlanceError {
  override readonly exitCode = NO_PROGRESS;

  constructor(cause: unknown) {
    super(
      'The time of this job was over before it had saved anything.',
      'The run that sent it sends it again for more time; where execution.slurm.time is set, raise it.',
      cause,
    );
  }
}

/** A signal that USR1 aborts, until `release`. */
export function leaveWhenTimeIsOver(): {
  readonly signal: AbortSignal;
  /** Once all is saved. Throws where the job is not put back. */
  leave(cause: unknown, isFruitless: boolean): Promise<void>;
  release(): void;
} {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  process.on('SIGUSR1', stop);
  return {
    signal: controller.signal,
    leave: async (cause, isFruitless) => {
      if (isFruitless) throw new NoProgressError(cause);
      const id = ownJob(process.env);
      if (id === undefined) throw new TimeOverError(cause);
      await requeue(id).catch((error: unknown) => {
        throw new TimeOverError(error);
      });
    },
    release: () => void process.off('SIGUSR1', stop),
  };
}

/** A task of an array is named as one: the number of its job may be that of the array, and would put back all of that. */
function ownJob(env: NodeJS.ProcessEnv): string | undefined {
  const { SLURM_JOB_ID: job, SLURM_ARRAY_JOB_ID: array, SLURM_ARRAY_TASK_ID: task } = env;
  return array !== undefined && task !== undefined ? `${array}_${task}` : job;
}
