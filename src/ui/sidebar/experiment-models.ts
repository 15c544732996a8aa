/** The models of an experiment, read from its store: measured ones, and those that stopped runs left. */
import type { Measurement } from '../../budget/measurement.ts';
import { ParlanceError } from '../../common/errors.ts';
import { experimentAnswers } from '../../experiments/results/answer-source.ts';
import { importedModels } from '../../experiments/results/imported-results.ts';
import { keptModels, measuredModel } from '../../experiments/results/models.ts';
import { ArtifactStore } from '../../pipeline/store.ts';
import { isLiving } from '../run-words.ts';
import type { ExperimentRuns } from '../runs/all-runs.ts';
import type { ExperimentModels } from './model-nodes.ts';
import type { MeasuredModel } from './model-points.ts';

export async function experimentModels({ experiment, runs }: ExperimentRuns): Promise<ExperimentModels> {
  const { file, folder, content, storage } = experiment;
  const isBroken = content instanceof ParlanceError;
  const store = new ArtifactStore(storage);
  const measurements = new Map<string, Measurement>();
  for (const { measurements: some } of runs ?? []) {
    for (const one of some) measurements.set(one.fingerprint, one);
  }
  const found = isBroken ? undefined : await experimentAnswers(content, storage, runs ?? []);
  const current = new Set(found?.measurements.map(({ fingerprint }) => fingerprint));
  const absent = await importedModels(store).catch(() => undefined);
  const measured: MeasuredModel[] = [];
  for (const measurement of measurements.values()) {
    // A damaged one is mended by the next run; here it is only not offered.
    const { fingerprint } = measurement;
    const elsewhere = absent?.get(fingerprint);
    const model =
      elsewhere === undefined
        ? await measuredModel(store, measurement).catch(() => undefined)
        : { ...elsewhere, storage };
    const isCurrent = current.has(fingerprint);
    if (model !== undefined) measured.push({ measurement, model, isCurrent });
  }
  const kept = runs === undefined ? [] : await keptModels(file).catch(() => []);
  const name = isBroken ? folder.name : content.name;
  const isGoingOn = (runs ?? []).some(isLiving);
  return { file, name, measured, kept, answers: found?.answers ?? [], isGoingOn };
}
