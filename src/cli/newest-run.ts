/** The newest run of an experiment and what its results are read with, for commands that tell of what was measured. */
import { existsSync, realpathSync } from 'node:fs';
import { InputError } from '../common/errors.ts';
import { version } from '../common/version.ts';
import { readExperiment } from '../experiments/config/configuration.ts';
import type { Experiment } from '../experiments/config/experiment.ts';
import { runCommand } from '../experiments/config/run-command.ts';
import { type StorageOption, storageOf, threadsOf } from '../experiments/config/settings.ts';
import type { ExperimentEnvironment } from '../experiments/execution/prepared.ts';
import { listRuns, type RunRecord } from '../experiments/runs/runs.ts';

export interface NewestRun {
  readonly experiment: Experiment;
  readonly record: RunRecord;
  /** That of the run; it computes nothing. */
  readonly environment: ExperimentEnvironment;
}

/** Throws InputError when there is no run. */
export async function newestRun(path: string, options: StorageOption): Promise<NewestRun> {
  const written = await readExperiment(path);
  const storage = storageOf(path, options);
  const newest = (await listRuns(storage)).runs.find(({ record }) => isOf(written, record));
  if (newest === undefined) {
    throw new InputError(
      `There is no run of ${written.file} in ${storage}.`,
      `Run it first: ${runCommand(path, options)}`,
    );
  }
  const { record } = newest;
  const { preset } = record;
  const experiment = preset === undefined ? written : await readExperiment(path, preset);
  const environment = {
    storage,
    threads: threadsOf({}),
    engine: record.versions.engine,
    version,
    command: runCommand(experiment.file, { ...options, preset, engine: askedEngine(record) }),
    signal: new AbortController().signal,
  };
  return { experiment, record, environment };
}

/** Several experiment files of one folder share a storage. */
function isOf({ file }: Experiment, { experimentFile }: RunRecord): boolean {
  if (experimentFile === undefined || experimentFile === file) return true;
  return existsSync(experimentFile) && realpathSync(experimentFile) === realpathSync(file);
}

/** `undefined` when the choice was left to Parlance. */
function askedEngine({ engine }: RunRecord): string | undefined {
  return engine === 'auto' ? undefined : engine;
}
