/**
 * `parlance model`: fetches a checkpoint of the Llama layout from the Hugging Face hub into a folder, after asking.
 * Experiments then read the folder and never the network.
 */
import { resolve } from 'node:path';
import { checkpointFiles } from '../hub/llama-checkpoint.ts';
import { fetchedModelFolder } from '../hub/names.ts';
import { writeJson } from './display/json.ts';
import { type Confirm, downloadFromHub, type HubOptions } from './hub-download.ts';

export async function model(
  id: string,
  given: string | undefined,
  options: HubOptions,
  confirm?: Confirm,
): Promise<void> {
  const folder = given === undefined ? fetchedModelFolder(id) : resolve(given);
  const fetched = await downloadFromHub({ id, folder, choose: checkpointFiles }, options, confirm);
  if (fetched === undefined) return;
  const { commit, licence } = fetched;
  if (options.json) {
    writeJson({ type: 'model', model: id, folder, commit, licence });
    return;
  }
  const setting = `"models": { "small": { "from": ${JSON.stringify(folder)} } }`;
  process.stdout.write(`${id} is in ${folder}. In parlance.json:\n  ${setting}\n`);
}

/** The folder with the checkpoint, for a question of `parlance init`; `undefined` when the user did not want it. */
export async function fetchCheckpoint(
  id: string,
  options: HubOptions,
  confirm: Confirm,
): Promise<string | undefined> {
  const folder = fetchedModelFolder(id);
  const fetched = await downloadFromHub({ id, folder, choose: checkpointFiles }, options, confirm);
  return fetched && folder;
}
