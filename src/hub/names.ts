/** How models of the Hugging Face hub are named, and where those that were fetched lie. Asks nothing of the network. */
import { basename, dirname, join } from 'node:path';
import { InputError } from '../common/errors.ts';
import { stateFolder } from '../common/state-folder.ts';

/** Owner and name; either begins with a letter, a digit or `_`, so that none is a path. */
const ID = /^\w[\w.-]*\/\w[\w.-]*$/;
/** Stands for the slash of a name. */
const SEPARATOR = '--';

/** Throws `InputError` when a text cannot be the name of a model on the hub. */
export function requireModelId(id: string): void {
  if (isModelId(id)) return;
  throw new InputError(
    `"${id}" is no name of a model on the Hugging Face hub.`,
    'Write <owner>/<name>, as in the address of its page.',
  );
}

export const isModelId = (id: string): boolean => ID.test(id);

/** The models that this user fetched, each in a folder of its own. */
export const fetchedModelsFolder = (): string => join(stateFolder(), 'models');

/** Where a model is put that is fetched without another folder being named. */
export const fetchedModelFolder = (id: string): string =>
  join(fetchedModelsFolder(), id.replace('/', SEPARATOR));

/** What people call the model in a folder. */
export function modelNameOf(folder: string): string {
  const name = basename(folder);
  return dirname(folder) === fetchedModelsFolder() ? name.replace(SEPARATOR, '/') : name;
}
