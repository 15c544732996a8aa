/**
 * The models of an experiment as the Models view and `parlance models` have them: what its runs measured, with the folders
 * of the weights, what was kept of runs that were stopped, and the answers that say which to use.
 */
import type { Measurement } from '../../budget/measurement.ts';
import { ArtifactStore } from '../../pipeline/store.ts';
import type { Experiment } from '../config/experiment.ts';
import type { RunView } from '../runs/run-view.ts';
import type { Answer } from './answer.ts';
import { experimentAnswers } from './answer-source.ts';
import { type ImportedModel, importedModels } from './imported-results.ts';
import { type KeptModel, keptModels, measuredModel, type StoredModel } from './models.ts';

export interface MeasuredModel {
  readonly measurement: Measurement;
  /** With its folder, unless only what was measured of it came along. */
  readonly model: StoredModel | (ImportedModel & { readonly storage: string });
  /** Of the experiment and the text as they are now: only these are answered from. */
  readonly isCurrent: boolean;
}

export interface ModelsOfExperiment {
  readonly measured: readonly MeasuredModel[];
  /** Left by runs that were stopped. */
  readonly kept: readonly KeptModel[];
  /** One a view, as the report has them. */
  readonly answers: readonly Answer[];
}

interface ExperimentPlace {
  /** Absolute path of the experiment file. */
  readonly file: string;
  readonly storage: string;
  /** `undefined` where the file cannot be used: then nothing is answered, and no model is of the experiment as it is. */
  readonly experiment: Experiment | undefined;
}

/** `runs` are those of the storage. What cannot be read is not listed: the next run mends it. */
export async function experimentModels(
  { file, storage, experiment }: ExperimentPlace,
  runs: readonly Pick<RunView, 'id' | 'corpora' | 'measurements'>[],
): Promise<ModelsOfExperiment> {
  const store = new ArtifactStore(storage);
  const found = experiment && (await experimentAnswers(experiment, storage, runs));
  const current = new Set(found?.measurements.map(({ fingerprint }) => fingerprint));
  const absent = await importedModels(store).catch(() => undefined);
  const measured: MeasuredModel[] = [];
  for (const measurement of oneOfEachModel(runs)) {
    const { fingerprint } = measurement;
    const elsewhere = absent?.get(fingerprint);
    const model =
      elsewhere === undefined
        ? await measuredModel(store, measurement).catch(() => undefined)
        : { ...elsewhere, storage };
    const isCurrent = current.has(fingerprint);
    if (model !== undefined) measured.push({ measurement, model, isCurrent });
  }
  return { measured, kept: await keptModels(file).catch(() => []), answers: found?.answers ?? [] };
}

/**
 * Methods may share a model. It is of the one that was measured first: as slm's pretrained model is, with which slm-d begins
 * too.
 */
export function oneOfEachModel(runs: readonly Pick<RunView, 'measurements'>[]): readonly Measurement[] {
  const first = new Map<string, Measurement>();
  for (const one of runs.flatMap(({ measurements }) => measurements)) {
    if (!first.has(one.fingerprint)) first.set(one.fingerprint, one);
  }
  return [...first.values()];
}
