/** `parlance export`: a model in the format of another program, with its card. */
import { basename, join, resolve } from 'node:path';
import { InputError } from '../common/errors.ts';
import { type JsonOption, type StorageOption, storageOf } from '../experiments/config/settings.ts';
import { prepareExperiment, storedResults } from '../experiments/execution/prepare.ts';
import { exportModel } from '../experiments/export/export.ts';
import { type ExportFormat, TYPES_OF_FORMAT, type WeightType } from '../experiments/export/formats.ts';
import {
  type MeasuredExperiment,
  type ModelToExport,
  type Origin,
  originOf,
  recommendedModel,
} from '../experiments/export/origin.ts';
import { ArtifactStore } from '../pipeline/store.ts';
import { writeJson } from './display/json.ts';
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
  const { folder, origin } = await (model === undefined
    ? recommended(options)
    : given(resolve(model), options));
  const title = titleOf(folder, origin);
  const [first] = TYPES_OF_FORMAT[format];
  const weights = options.type ?? first;
  await exportModel({ folder, target, format, weights, title, origin, licence });
  if (origin.kind === 'made') {
    process.stderr.write(
      'Nothing measured of it was found, so its card has no quality: --experiment names the file of the experiment that made it.\n',
    );
  }
  if (options.json) writeJson({ type: 'exported', model: folder, title, format, weights, folder: target });
  else process.stdout.write(`Exported ${title} to ${target}; README.md there says how to run it.\n`);
}

async function recommended(options: ExportOptions): Promise<ModelToExport> {
  return recommendedModel(await measuredExperiment(options));
}

/** A model of a store is looked for among what the experiment of that store measured. */
async function given(folder: string, options: ExportOptions): Promise<ModelToExport> {
  const isOfExperiment = folder.startsWith(join(storageOf(options.experiment, options), 'artifacts'));
  const experiment = isOfExperiment ? await measuredIfAny(options) : undefined;
  return { folder, origin: await originOf(folder, experiment) };
}

/** Where nothing is measured of the experiment as it is now, the model is still there. */
async function measuredIfAny(options: ExportOptions): Promise<MeasuredExperiment | undefined> {
  try {
    return await measuredExperiment(options);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
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
  if (origin.kind === 'measured') {
    const { method, domain, seed } = origin.measurement;
    return `${method} for ${domain}, seed ${seed}`;
  }
  if (origin.kind === 'stopped') return `${origin.stopped.method}, stopped early`;
  return origin.kind === 'made' ? origin.label : basename(folder);
}
