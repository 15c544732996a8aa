/** The newest run of an experiment and what its results are read with, for commands that tell of what was measured. */
import { existsSync, realpathSync } from 'node:fs';
import { CorruptionError, InputError } from '../common/errors.ts';
import { version } from '../common/version.ts';
import { readExperiment } from '../experiments/config/configuration.ts';
import type { Experiment } from '../experiments/config/experiment.ts';
import type { PresetName } from '../experiments/config/presets.ts';
import { runCommand } from '../experiments/config/run-command.ts';
import {
  type EngineOption,
  type PythonOption,
  type StorageOption,
  storageOf,
  type ThreadsOption,
  threadsOf,
} from '../experiments/config/settings.ts';
import type { ExperimentEnvironment } from '../experiments/execution/prepared.ts';
import { readEvents } from '../experiments/runs/events.ts';
import { eventsPath, listRuns, type RunRecord } from '../experiments/runs/runs.ts';

export interface NewestRun {
  readonly experiment: Experiment;
  readonly record: RunRecord;
  /** That of the run, but for what was asked otherwise. */
  readonly environment: ExperimentEnvironment;
}

/** Where it is looked for, and what goes before what the run was asked. */
export interface NewestRunOptions extends StorageOption, ThreadsOption, EngineOption, PythonOption {
  readonly preset?: PresetName;
}

/** Throws InputError when there is no run. */
export async function newestRun(path: string, options: StorageOption): Promise<NewestRun> {
  const written = await readExperiment(path);
  const storage = storageOf(path, options);
  const record = (await recordsOf(storage)).find((one) => isOf(written, one));
  if (record !== undefined) return asItWasRun(path, { written, record }, options);
  throw new InputError(
    `There is no run of ${written.file} in ${storage}.`,
    `Run it first: ${runCommand(path, options)}`,
  );
}

/**
 * The newest run that measured anything; where none of this file did, of another: it may have had another name, and what
 * is stored is what counts. Throws InputError when there is none.
 */
export async function newestMeasuredRun(path: string, options: NewestRunOptions): Promise<NewestRun> {
  const written = await readExperiment(path, options.preset);
  const storage = storageOf(path, options);
  const records = await recordsOf(storage);
  const own = records.filter((one) => isOf(written, one));
  const record = [...own, ...records].find(({ id }) => hasMeasured(storage, id));
  if (record !== undefined) return asItWasRun(path, { written, record }, options);
  throw new InputError(
    `Nothing has been measured yet: there is no run in ${storage} that came so far.`,
    `Measure first: ${runCommand(path, options)}`,
  );
}

/** With the preset of the newest run that measured anything, where another than the file's was asked for. */
export async function experimentAsMeasured(path: string, options: StorageOption): Promise<Experiment> {
  const written = await readExperiment(path);
  const storage = storageOf(path, options);
  const own = (await recordsOf(storage)).filter((one) => isOf(written, one));
  const preset = own.find(({ id }) => hasMeasured(storage, id))?.preset;
  return preset === undefined ? written : readExperiment(path, preset);
}

async function asItWasRun(
  path: string,
  { written, record }: { readonly written: Experiment; readonly record: RunRecord },
  options: NewestRunOptions,
): Promise<NewestRun> {
  const preset = options.preset ?? record.preset;
  const experiment = preset === undefined ? written : await readExperiment(path, preset);
  const { on, ignoreLostLabels } = record;
  const flags = { ...options, preset, engine: options.engine ?? askedEngine(record), on, ignoreLostLabels };
  const environment = {
    storage: storageOf(path, options),
    threads: threadsOf(options),
    engine: options.engine ?? record.versions.engine,
    version,
    command: runCommand(experiment.file, flags),
    signal: new AbortController().signal,
  };
  return { experiment, record, environment };
}

/** The newest first. */
async function recordsOf(storage: string): Promise<readonly RunRecord[]> {
  return (await listRuns(storage)).runs.map(({ record }) => record);
}

/** Several experiment files of one folder share a storage. */
function isOf({ file }: Experiment, { experimentFile }: RunRecord): boolean {
  if (experimentFile === undefined || experimentFile === file) return true;
  return existsSync(experimentFile) && realpathSync(experimentFile) === realpathSync(file);
}

/** A log that is damaged tells of nothing. */
function hasMeasured(storage: string, id: string): boolean {
  try {
    return readEvents(eventsPath(storage, id)).events.some(({ event }) => event.type === 'measurement');
  } catch (error) {
    if (error instanceof CorruptionError) return false;
    throw error;
  }
}

/** `undefined` when the choice was left to Parlance. */
function askedEngine({ engine }: RunRecord): string | undefined {
  return engine === 'auto' ? undefined : engine;
}
