/**
 * Models that an experiment may begin with: folders of the Llama layout in a workspace, among those that were fetched, or named
 * by the user. Of the weights only their presence is looked at here; whoever reads the experiment file checks them.
 */
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, ParlanceError } from '../../common/errors.ts';
import { throwIfStopped } from '../../common/interruption.ts';
import { parseLlamaConfiguration } from '../../formats/llama.ts';
import {
  CONFIGURATION_FILE,
  TOKENIZER_FILE,
  WEIGHTS_FILE,
  WEIGHTS_INDEX_FILE,
} from '../../formats/model-folder.ts';
import { fetchedModelsFolder, modelNameOf } from '../../hub/names.ts';
import { parameterCount } from '../../models/size.ts';
import { pathFrom } from './paths.ts';

export interface ModelFolder {
  /** As the experiment file names it: relative to it, with forward slashes, or absolute. */
  readonly path: string;
  readonly name: string;
  readonly parameters: number;
}

/** Files and folders that are looked at, so that a workspace of millions of them takes no longer than a few seconds. */
const ENTRY_LIMIT = 100_000;
/** Real ones have a few kilobytes. */
const LARGEST_CONFIGURATION = 2 ** 20;

/** Those in the workspace, then those that were fetched. */
export async function findModels(
  root: string,
  signal?: AbortSignal,
  limit = ENTRY_LIMIT,
): Promise<readonly ModelFolder[]> {
  const own = await foldersWithConfiguration(root, limit, signal);
  const fetched = await foldersWithConfiguration(fetchedModelsFolder(), limit, signal);
  const found = [
    ...own.map((folder) => ({ folder, path: pathFrom(root, folder) })),
    // By its absolute path: it stays where it is when the workspace is moved.
    ...fetched.filter((folder) => !own.includes(folder)).map((folder) => ({ folder, path: folder })),
  ];
  const models: ModelFolder[] = [];
  for (const { folder, path } of found) {
    throwIfStopped(signal);
    const model = await modelFolder(folder, path).catch((error: unknown) => {
      if (error instanceof ParlanceError) return undefined;
      throw error;
    });
    if (model !== undefined) models.push(model);
  }
  return models;
}

/** Throws a `ParlanceError` that says why when the folder holds no model that can be begun with. */
export async function modelFolder(folder: string, path: string): Promise<ModelFolder> {
  const file = join(folder, CONFIGURATION_FILE);
  const bytes = await stat(file).then(
    ({ size }) => size,
    () => undefined,
  );
  if (bytes === undefined) throw lacks(folder, CONFIGURATION_FILE);
  if (bytes > LARGEST_CONFIGURATION) {
    throw new InputError(`${file} is too large to be what its name says.`, LAYOUT);
  }
  const { size } = parseLlamaConfiguration(await configurationText(file), file);
  if (!existsSync(join(folder, TOKENIZER_FILE))) throw lacks(folder, TOKENIZER_FILE);
  const hasWeights = [WEIGHTS_FILE, WEIGHTS_INDEX_FILE].some((name) => existsSync(join(folder, name)));
  if (!hasWeights) throw lacks(folder, WEIGHTS_FILE);
  return { path, name: modelNameOf(folder), parameters: parameterCount(size) };
}

const LAYOUT = `Name a Hugging Face folder of the Llama layout: ${CONFIGURATION_FILE}, ${WEIGHTS_FILE}, ${TOKENIZER_FILE}.`;

const lacks = (folder: string, file: string): InputError =>
  new InputError(`${folder} has no ${file}.`, LAYOUT);

async function configurationText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new InputError(`${file} could not be read.`, 'Check that it is a file that you may read.', error);
  }
}

/** Level by level, so that the limit cuts off what lies deep. Hidden folders, links and unfinished downloads are passed over. */
async function foldersWithConfiguration(
  root: string,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const found: string[] = [];
  const folders = [root];
  let seen = 0;
  // What is added while it is gone through comes later.
  for (const folder of folders) {
    throwIfStopped(signal);
    if (seen >= limit) break;
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    seen += entries.length;
    if (entries.some((entry) => entry.name === CONFIGURATION_FILE)) found.push(folder);
    for (const entry of entries) {
      if (entry.isDirectory() && !isPassedOver(entry.name)) folders.push(join(folder, entry.name));
    }
  }
  return found;
}

const isPassedOver = (name: string): boolean =>
  name.startsWith('.') || name === 'node_modules' || name.endsWith('.part');
