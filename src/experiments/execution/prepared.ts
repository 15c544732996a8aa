/** What an experiment needs to run, and what it is once it is ready. */
import type { Measurement } from '../../budget/measurement.ts';
import type { Json } from '../../common/json.ts';
import type { StageServices } from '../../methods/stages/services.ts';
import type { StageExecutor } from '../../pipeline/executor.ts';
import type { Stage } from '../../pipeline/stage.ts';
import type { StageEvent } from '../../pipeline/stage-event.ts';
import type { Experiment } from '../config/experiment.ts';
import type { EngineChoice } from '../estimation/engine-choice.ts';
import type { ExperimentResults } from '../results/results.ts';
import type { RunProgress } from '../runs/run-progress.ts';
import type { CorpusNote } from './corpus-notes.ts';
import type { ExperimentStages } from './grid.ts';

export interface ExperimentEnvironment {
  readonly storage: string;
  /** Of whatever computes the stages. */
  readonly threads: number;
  /** The version of Parlance. */
  readonly version: string;
  /** The command that repeats this run, for the report. */
  readonly command: string;
  readonly signal: AbortSignal;
  /** The engine's name, or `auto`, which is taken when nothing is said. */
  readonly engine?: string;
  /** Ids of the methods to compute; those of the experiment file unless said otherwise. */
  readonly methods?: readonly string[];
  /** Who computes the stages; this process unless said otherwise. */
  readonly executor?: StageExecutor;
  /** Where that one computes them. */
  readonly on?: 'slurm';
  /** Begins although labels that keep text out of training name nothing any more. */
  readonly ignoreLostLabels?: boolean;
  /** What corpora held at an earlier time, by name, to be taken instead of what their files hold now. */
  readonly contents?: ReadonlyMap<string, Json>;
}

/** What happens while an experiment runs. */
export interface ExperimentObserver {
  /** Before the first stage: what will be done, in order. */
  onPlan(
    stages: readonly { readonly stage: Stage; readonly fingerprint: string; readonly cached: boolean }[],
  ): void;
  /** `progress` has already taken the event in. */
  onStage(event: StageEvent, progress: RunProgress): void;
  /** When text was looked at, now or earlier: what a user should know of it. */
  onNotes(notes: readonly CorpusNote[]): void;
  onMeasurement(measurement: Measurement): void;
}

export interface PreparedExperiment {
  readonly experiment: Experiment;
  readonly stages: ExperimentStages;
  /** The experiment with all methods of its file, where this one computes only some: for a report of all. */
  readonly whole?: Pick<PreparedExperiment, 'experiment' | 'stages'>;
  readonly services: StageServices;
  readonly engine: EngineChoice;
  /**
   * The same with the stages for the text as far as it is counted by now: in-domain sizes that are not below all the text
   * of a domain are left out.
   */
  recounted(): Promise<PreparedExperiment>;
  /** The same with what the sizes of the files tell of text that is not counted: for a plan, since a run counts it. */
  estimated(): Promise<PreparedExperiment>;
  /** The most memory that this process, and those of the engine once it computes, have held on the host. */
  peakBytes(): number;
  dispose(): Promise<void>;
}

export interface ExperimentOutcome {
  readonly results: ExperimentResults;
  /** Where report.html, report.json and report.md lie. */
  readonly reportDirectory: string;
}
