/**
 * The models that runs left: found by their measurements, and saved whole as a folder that other programs read. Only
 * manifests and small files are read; weights are not touched.
 */
import { copyFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Measurement } from '../../budget/measurement.ts';
import { InputError } from '../../common/errors.ts';
import { readTextIfThere } from '../../common/files.ts';
import type { ModelSize } from '../../common/model-size.ts';
import { parseLlamaConfiguration } from '../../formats/llama.ts';
import { CONFIGURATION_FILE, MODEL_FOLDER_FILES } from '../../formats/model-folder.ts';
import { parameterCount } from '../../models/size.ts';
import { entriesIfThere, makeFolder, measureBytes } from '../../pipeline/folder.ts';
import { readManifest } from '../../pipeline/manifest.ts';
import type { ArtifactStore } from '../../pipeline/store.ts';
import { readStoppedEarly, type StoppedEarly } from '../execution/stopped-early.ts';

export interface StoredModel {
  readonly folder: string;
  readonly size: ModelSize;
  readonly parameters: number;
  /** Of the files that are saved. */
  readonly bytes: number;
}

export interface KeptModel extends StoredModel {
  /** `undefined` when nothing is said of it. */
  readonly stopped: StoppedEarly | undefined;
}

/** A model on disk; `undefined` when a file that makes it one is missing. Throws CorruptionError. */
export async function readModel(folder: string): Promise<StoredModel | undefined> {
  const path = join(folder, CONFIGURATION_FILE);
  const text = await readTextIfThere(path);
  if (text === undefined) return undefined;
  let bytes = 0;
  for (const file of MODEL_FOLDER_FILES) {
    const own = await measureBytes(join(folder, file));
    if (own === 0) return undefined;
    bytes += own;
  }
  const { size } = parseLlamaConfiguration(text, path);
  return { folder, size, parameters: parameterCount(size), bytes };
}

/** The model that a measurement evaluated; `undefined` when it was cleaned away. Throws CorruptionError. */
export async function measuredModel(
  store: ArtifactStore,
  measurement: Pick<Measurement, 'fingerprint'>,
): Promise<StoredModel | undefined> {
  const model = await evaluatedModel(store, measurement);
  return model === undefined ? undefined : readModel(store.artifactFolder(model));
}

/** The fingerprint of the model that a measurement evaluated; `undefined` when the evaluation was cleaned away. Throws CorruptionError. */
export async function evaluatedModel(
  store: ArtifactStore,
  { fingerprint }: Pick<Measurement, 'fingerprint'>,
): Promise<string | undefined> {
  return (await readManifest(store.artifactFolder(fingerprint), fingerprint))?.inputs.model;
}

/** Models that runs left when they were stopped, beside the experiment file. Throws CorruptionError. */
export async function keptModels(experimentFile: string): Promise<readonly KeptModel[]> {
  const folder = join(dirname(experimentFile), '.parlance', 'models');
  const kept: KeptModel[] = [];
  for (const name of await entriesIfThere(folder)) {
    // Names with a dot are of models that are only being written.
    const model = name.startsWith('.') ? undefined : await readModel(join(folder, name));
    if (model !== undefined) kept.push({ ...model, stopped: await readStoppedEarly(model.folder) });
  }
  return kept;
}

/**
 * Copies a model into a new folder, whole or not at all. Throws InputError when something is in its place or the model
 * is not whole, ResourceError when the disk refuses.
 */
export async function saveModel(folder: string, target: string): Promise<void> {
  if ((await readModel(folder)) === undefined) {
    throw new InputError(
      `There is no whole model in ${folder}.`,
      'Run the experiment again; it computes what is missing.',
    );
  }
  if (await isThere(target)) throw new InputError(`${target} is there already.`, 'Choose another name.');
  await makeFolder(target, async (temporary) => {
    for (const file of MODEL_FOLDER_FILES) await copyFile(join(folder, file), join(temporary, file));
  });
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
