/**
 * What the editor asks of the background processes, one for each run. `Supervisor` (supervisor.ts) is the one that
 * starts, finds and steers them; the editor's parts know this interface only.
 */
import type { LoggedEvent } from '../experiments/runs/events.ts';
import type { RunView } from '../experiments/runs/run-view.ts';

export interface HostRequest {
  /** Absolute path. */
  readonly experimentFile: string;
  readonly storage: string;
  /** Ids of methods of the registry: usually one. */
  readonly methods: readonly string[];
  readonly engine: string;
  /** Begins although labels that keep text out of training name nothing any more. */
  readonly ignoreLostLabels?: boolean;
  /** Computes as jobs of a cluster, by the user's settings for it. */
  readonly on?: 'slurm';
}

/** `stop-and-keep-best`: ends the training at hand, keeps the best weights so far as a model, and ends the run. */
export type HostCommand = 'pause' | 'resume' | 'stop-and-keep-best' | 'cancel';

/** Gets a log a piece at a time; `isAll` once what was written by then has been given. */
export type LogListener = (events: readonly LoggedEvent[], isAll: boolean) => void;

export interface Subscription {
  dispose(): void;
}

export interface Hosts {
  /** Starts a background process and returns the id of its run once its record is written. Throws InputError. */
  start(request: HostRequest): Promise<string>;
  /** Steers a living process; `resume` starts a new one for a run that ended, was lost or failed. */
  command(storage: string, runId: string, command: HostCommand): Promise<void>;
  /**
   * Watches the runs of a storage, those of other windows and of the command line too; looks for living processes and
   * attaches to them. The listener gets all runs, the newest first, at once and after changes, at most 4 times a second.
   */
  watch(storage: string, listener: (runs: readonly RunView[]) => void): Subscription;
  /** All events of a run so far, then each new one. */
  follow(storage: string, runId: string, listener: LogListener): Subscription;
  /** The last lines that the process of a run wrote, for a run that died. */
  lastLines(storage: string, runId: string, count: number): Promise<readonly string[]>;
  /** Lets go of everything; the processes go on. */
  dispose(): void;
}
