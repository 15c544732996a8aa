/**
 * Before the time of a job is over Slurm sends USR1 (`--signal` of sbatch). The job then saves what it has and goes back
 * into the queue; where Slurm refuses that, it ends with a code by which whoever follows it sends it again.
 */
import { requeue } from './commands.ts';
import { TIME_OVER } from './script.ts';

/** A signal that USR1 aborts, until `release`. */
export function leaveWhenTimeIsOver(): {
  readonly signal: AbortSignal;
  /** Once all is saved. */
  leave(): Promise<void>;
  release(): void;
} {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  process.on('SIGUSR1', stop);
  return {
    signal: controller.signal,
    leave: async () => {
      const { SLURM_JOB_ID } = process.env;
      process.exitCode = TIME_OVER;
      if (SLURM_JOB_ID === undefined) return;
      await requeue(SLURM_JOB_ID).catch((error: unknown) => console.error(`${error}`));
    },
    release: () => void process.off('SIGUSR1', stop),
  };
}
