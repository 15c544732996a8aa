/**
 * Which files of a model on the hub are the checkpoint of a Llama model. Its configuration is read, and so what cannot be
 * used is refused, before any of its weights are asked for.
 */
import * as z from 'zod';
import { InputError } from '../common/errors.ts';
import { parseLlamaConfiguration } from '../formats/llama.ts';
import {
  CONFIGURATION_FILE,
  TOKENIZER_CONFIG_FILE,
  TOKENIZER_FILE,
  WEIGHTS_FILE,
  WEIGHTS_INDEX_FILE,
} from '../formats/model-folder.ts';
import {
  type HubAccess,
  type HubFile,
  type HubModel,
  namedFile,
  readSmallFile,
  requireFile,
} from './repository.ts';

const GENERATION_FILE = 'generation_config.json';
/** A name and no path. */
const SHARD = /^\w[\w.-]*\.safetensors$/;

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string().regex(SHARD)) });

/** Throws `InputError` when the model is of another kind, with the field that is the reason, or lacks a file. */
export async function checkpointFiles(access: HubAccess, model: HubModel): Promise<readonly HubFile[]> {
  const configuration = requireFile(model, CONFIGURATION_FILE);
  const text = await readSmallFile(access, model, configuration);
  parseLlamaConfiguration(text, `${CONFIGURATION_FILE} of ${model.id}`);
  const optional = [GENERATION_FILE, TOKENIZER_CONFIG_FILE].flatMap((path) => namedFile(model, path) ?? []);
  const weights = await weightFiles(access, model);
  return [configuration, requireFile(model, TOKENIZER_FILE), ...optional, ...weights];
}

async function weightFiles(access: HubAccess, model: HubModel): Promise<readonly HubFile[]> {
  const index = namedFile(model, WEIGHTS_INDEX_FILE);
  if (namedFile(model, WEIGHTS_FILE) !== undefined || index === undefined)
    return [requireFile(model, WEIGHTS_FILE)];
  const parsed = indexSchema.safeParse(jsonIn(await readSmallFile(access, model, index)));
  if (!parsed.success) {
    throw new InputError(
      `${WEIGHTS_INDEX_FILE} of ${model.id} does not say which files hold the weights.`,
      'Use another model.',
      parsed.error,
    );
  }
  const shards = [...new Set(Object.values(parsed.data.weight_map))].sort();
  return [index, ...shards.map((path) => requireFile(model, path))];
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
