/** A run of which this user's settings say how its jobs are asked for. */
import type { StageExecutor } from '../../pipeline/executor.ts';
import { ArtifactStore } from '../../pipeline/store.ts';
import { SlurmExecutor } from './executor.ts';
import { readSlurmSettings } from './settings.ts';
import type { WaitingListener } from './waiting-notes.ts';

export interface ClusterRun extends WaitingListener {
  readonly storage: string;
  /** The command line's program, as the nodes see it. */
  readonly program: string;
  readonly signal: AbortSignal;
  /** Whether who stopped the run wants its jobs back; else they go on. */
  takesBack(): boolean;
}

/** Who computes the stages, with how many threads each. Throws `InputError` for settings that cannot be read. */
export async function onSlurm(
  run: ClusterRun,
): Promise<{ readonly executor: StageExecutor; readonly threads: number }> {
  const settings = await readSlurmSettings();
  const executor = new SlurmExecutor({
    ...run,
    store: new ArtifactStore(run.storage),
    settings,
    program: [process.execPath, run.program],
  });
  return { executor, threads: settings.threads };
}
