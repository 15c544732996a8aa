/**
 * A run as people see it: what the sidebar, the panels and the status bar show of its record, its events and its
 * heartbeat. Plain data, so that it can travel as JSON. Made by folding the event log (`foldRun`), never kept on disk.
 */

import type { Measurement, UntrainedMeasurement } from '../../budget/measurement.ts';
import type { StageEvent } from '../../pipeline/stage-event.ts';

/**
 * `queued`: its process waits for its turn, or its jobs in the queue of a cluster. `paused`: its process lives and holds
 * neither memory nor device. `interrupted`: stopped by the user, or by the system (`ENDED_BY_SYSTEM`), can be resumed.
 * `cancelled`: stopped by the user for good. `lost`: its process ended without a word; can be resumed.
 */
export type RunPhase =
  | 'queued'
  | 'preparing'
  | 'running'
  | 'pausing'
  | 'paused'
  | 'stopping'
  | 'finished'
  | 'failed'
  | 'interrupted'
  | 'cancelled'
  | 'lost';

/** The message of an interrupted run that no user has stopped. */
export const ENDED_BY_SYSTEM = 'The system ended its process.';

export interface StageView {
  readonly fingerprint: string;
  readonly kind: string;
  readonly label: string;
  readonly state: 'planned' | StageEvent['state'];
  /** From 0 to 1. */
  readonly fraction: number;
  /** The last progress, or why it failed. */
  readonly message: string;
  readonly secondsLeft?: number;
}

export interface RunView {
  readonly id: string;
  readonly storage: string;
  /** Absolute path of the experiment file. */
  readonly experimentFile: string;
  /** The experiment's name. */
  readonly title: string;
  readonly methods: readonly string[];
  readonly seeds: readonly number[];
  /** ISO 8601, UTC. */
  readonly created: string;
  /** The processor of the other machine, where the run came along with the workspace. */
  readonly recordedOn?: string;
  /** What computes its stages, where that is not this machine. */
  readonly on?: 'slurm';
  readonly phase: RunPhase;
  /** What it does now, why it waits, or why it ended; with what to do. */
  readonly message: string;
  readonly hint: string;
  /** Fingerprints of the corpora, by name; absent before the run has looked at them. */
  readonly corpora?: Readonly<Record<string, string>>;
  /** In the order of the plan; stages that were reused too. */
  readonly stages: readonly StageView[];
  /** The share of the predicted work that is done, from 0 to 1; `undefined` before the plan. */
  readonly fraction?: number;
  readonly secondsLeft?: number;
  readonly measurements: readonly Measurement[];
  /** Of the models before training. */
  readonly untrained: readonly UntrainedMeasurement[];
  /** The process that carries it out, while it lives. */
  readonly pid?: number;
}
