/** The executor of this user's settings. */
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
}

/** Throws `InputError` for settings that cannot be read. */
export async function slurmExecutor(run: ClusterRun): Promise<StageExecutor> {
  return new SlurmExecutor({
    ...run,
    store: new ArtifactStore(run.storage),
    settings: await readSlurmSettings(),
    program: [process.execPath, run.program],
  });
}
