/** A model's folder as exports read it: one weight at a time, so that a model larger than the memory can be written. */
import { join } from 'node:path';
import { CorruptionError, InputError } from '../../common/errors.ts';
import { readTextIfThere } from '../../common/files.ts';
import { type LlamaModel, parseLlamaConfiguration } from '../../formats/llama.ts';
import { CONFIGURATION_FILE, TOKENIZER_FILE, WEIGHTS_FILE } from '../../formats/model-folder.ts';
import { SafetensorsFile } from '../../formats/safetensors.ts';
import { type WeightSpecification, weightSpecifications } from '../../models/size.ts';

export interface ModelSource extends LlamaModel {
  readonly folder: string;
  readonly weights: readonly SourceWeight[];
  /** The text of its tokenizer.json. */
  readonly tokenizer: string;
  close(): Promise<void>;
}

export interface SourceWeight extends WeightSpecification {
  values(): Promise<Float32Array>;
}

/** Throws InputError when a file is missing or of another kind of model, CorruptionError when one is damaged. */
export async function openModelSource(folder: string): Promise<ModelSource> {
  const path = join(folder, CONFIGURATION_FILE);
  const model = parseLlamaConfiguration(await textOf(folder, CONFIGURATION_FILE), path);
  const tokenizer = await textOf(folder, TOKENIZER_FILE);
  const file = await SafetensorsFile.open(join(folder, WEIGHTS_FILE));
  try {
    const weights = weightSpecifications(model.size).map((specification) => {
      requireWeight(file, specification);
      return { ...specification, values: () => file.float32(specification.name) };
    });
    return { ...model, folder, weights, tokenizer, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function textOf(folder: string, name: string): Promise<string> {
  const text = await readTextIfThere(join(folder, name));
  if (text !== undefined) return text;
  throw new InputError(
    `There is no whole model in ${folder}: ${name} is missing.`,
    'Give a folder that Save Model… wrote, or the folder of a model’s artifact.',
  );
}

function requireWeight({ path, tensors }: SafetensorsFile, { name, shape }: WeightSpecification): void {
  const found = tensors.get(name)?.shape;
  if (found?.join() === shape.join()) return;
  const what = found === undefined ? 'missing' : `[${found.join(', ')}] where [${shape.join(', ')}] belongs`;
  throw new CorruptionError(
    `${path} does not fit its ${CONFIGURATION_FILE}: ${name} is ${what}.`,
    'Copy the model again, or run the experiment again.',
  );
}
