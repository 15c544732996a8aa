/** `parlance export`: a model in the format of another program, with its card. */
import { basename, join, resolve } from 'node:path';
import { InputError, InterruptedError } from '../common/errors.ts';
import { joinWords } from '../common/words.ts';
import { type JsonOption, type StorageOption, storageOf } from '../experiments/config/settings.ts';
import { prepareExperiment, storedResults } from '../experiments/execution/prepare.ts';
import { exportModel } from '../experiments/export/export.ts';
import { type ExportFormat, TYPES_OF_FORMAT, type WeightType } from '../experiments/export/formats.ts';
import {
  type DomainFigures,
  type MadeOrigin,
  type MeasuredExperiment,
  type ModelToExport,
  type Origin,
  originOf,
  recommendedModel,
} from '../experiments/export/origin.ts';
import { ArtifactStore } from '../pipeline/store.ts';
import { writeJson } from './display/json.ts';
import { stopOnSignals } from './interruption.ts';
import { newestRun } from './newest-run.ts';

export interface ExportOptions extends StorageOption, JsonOption {
  readonly experiment: string;
  readonly format: ExportFormat;
  readonly type?: WeightType;
  readonly to: string;
  readonly licence?: string;
}

export async function exportTo(model: string | undefined, options: ExportOptions): Promise<void> {
  const { format, licence } = options;
  const target = resolve(options.to);
  const { folder, origin, why } = await (model === undefined
    ? recommended(options)
    : given(resolve(model), options));
  const title = titleOf(folder, origin);
  const [first] = TYPES_OF_FORMAT[format];
  const weights = options.type ?? first;
  await writing((signal) => exportModel({ folder, target, format, weights, title, origin, licence, signal }));
  const note = origin.kind === 'made' ? missingWords(origin, why) : undefined;
  if (note !== undefined) process.stderr.write(`${note}\n`);
  if (options.json) {
    writeJson({
      type: 'exported',
      model: folder,
      title,
      format,
      weights,
      folder: target,
      ...(note && { note }),
    });
  } else process.stdout.write(`Exported ${title} to ${target}; README.md there says how to run it.\n`);
}

async function writing(write: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const { signal, release } = stopOnSignals(() => undefined);
  try {
    await write(signal);
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    throw new InterruptedError('Stopped; nothing was written.', 'Run the same command again to begin anew.');
  } finally {
    release();
  }
}

interface FoundModel extends ModelToExport {
  /** Why the experiment tells nothing of it. */
  readonly why?: string;
}

async function recommended(options: ExportOptions): Promise<FoundModel> {
  return recommendedModel(await measuredExperiment(options));
}

/** A model of a store is looked for among what the experiment of that store measured. */
async function given(folder: string, options: ExportOptions): Promise<FoundModel> {
  if (!folder.startsWith(join(storageOf(options.experiment, options), 'artifacts'))) {
    const why = 'It is no model of the experiment that --experiment names.';
    return { folder, origin: await originOf(folder, undefined), why };
  }
  const experiment = await measuredExperiment(options).catch((error: unknown) => {
    // Where nothing is measured of the experiment as it is now, the model is still there.
    if (error instanceof InputError) return error.message;
    throw error;
  });
  if (typeof experiment === 'string') {
    return { folder, origin: await originOf(folder, undefined), why: experiment };
  }
  return { folder, origin: await originOf(folder, experiment) };
}

function missingWords({ figures }: MadeOrigin, why = 'The experiment as it is now did not make it.'): string {
  return figures.length === 0
    ? `${why} Nor did a run of its storage measure it: its card has no quality.`
    : `${why} Its card has what a run measured of it, and nothing of its text.`;
}

async function measuredExperiment(options: ExportOptions): Promise<MeasuredExperiment> {
  const { experiment, record, environment } = await newestRun(options.experiment, options);
  const prepared = await prepareExperiment(experiment, environment);
  try {
    const results = await storedResults(prepared, environment, record);
    return { results, store: new ArtifactStore(environment.storage) };
  } finally {
    await prepared.dispose();
  }
}

function titleOf(folder: string, origin: Origin): string {
  switch (origin.kind) {
    case 'stopped':
      return `${origin.stopped.method}, stopped early`;
    case 'unknown':
      return basename(folder);
    case 'made':
      return origin.figures.length === 0 ? origin.label : measuredTitle(origin.figures);
    case 'measured':
      return measuredTitle(origin.figures);
  }
}

function measuredTitle(figures: readonly DomainFigures[]): string {
  const [{ measurement }] = figures;
  const domains = joinWords(figures.map(({ measurement: { domain } }) => domain));
  return `${measurement.method} for ${domains}, seed ${measurement.seed}`;
}
