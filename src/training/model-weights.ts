/** The weights of a model's folder. */
import { join } from 'node:path';
import { CorruptionError } from '../common/errors.ts';
import type { ModelSize } from '../common/model-size.ts';
import type { HostTensor } from '../engines/engine.ts';
import { CONFIGURATION_FILE, WEIGHTS_FILE } from '../formats/model-folder.ts';
import { weightSpecifications } from '../models/size.ts';
import { readWeights } from './checkpoint.ts';

/** The weights of a plain model of a size. Throws CorruptionError when the file holds others. */
export async function readModelWeights(
  directory: string,
  size: ModelSize,
): Promise<Readonly<Record<string, HostTensor>>> {
  const path = join(directory, WEIGHTS_FILE);
  const weights = await readWeights(path);
  for (const { name, shape } of weightSpecifications(size)) {
    const found = weights[name]?.shape;
    if (found?.join() === shape.join()) continue;
    const what =
      found === undefined ? 'missing' : `[${found.join(', ')}] where [${shape.join(', ')}] belongs`;
    throw new CorruptionError(
      `${path} does not fit its ${CONFIGURATION_FILE}: ${name} is ${what}.`,
      'Remove the artifact and run again.',
    );
  }
  return weights;
}
