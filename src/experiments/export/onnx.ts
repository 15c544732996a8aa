/** A model as transformers.js runs it: one ONNX graph for the prompt and for each token after it, with a cache of keys and values. */
import { join } from 'node:path';
import { InputError } from '../../common/errors.ts';
import { writeFileAtomic } from '../../common/files.ts';
import { formatBytes } from '../../common/format.ts';
import type { HostTensor } from '../../engines/engine.ts';
import { encodeModel } from '../../engines/onnxruntime/onnx.ts';
import { ONNX_FOLDER } from '../../formats/model-folder.ts';
import { sizeOf } from '../../graph/tensor.ts';
import { llamaOnnxGraph } from '../../inference/llama-onnx.ts';
import { writeDescription } from './hugging-face.ts';
import type { ModelSource } from './model-source.ts';

const GRAPH_FILE = join(ONNX_FOLDER, 'model.onnx');
/** Without it, programs in a browser would look for a file of quantised weights. */
const CONFIGURATION = { 'transformers.js_config': { dtype: 'fp32' } };
/** The format's messages cannot be longer; what is left is for the graph around the weights. */
const MOST_BYTES = 2 ** 31 - 2 ** 26;

/** Writes into a folder that is there. Throws InputError for a model that does not fit into one ONNX file. */
export async function writeOnnxModel(folder: string, source: ModelSource): Promise<void> {
  const bytes = source.weights.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
  if (bytes > MOST_BYTES) {
    throw new InputError(
      `The weights of this model are ${formatBytes(bytes)}; an ONNX file holds ${formatBytes(MOST_BYTES)}.`,
      'Export it as GGUF (--format gguf) or as a Hugging Face folder (--format hf).',
    );
  }
  await writeDescription(folder, source, 'f32', CONFIGURATION);
  const weights: Record<string, HostTensor> = {};
  for (const { name, shape, values } of source.weights) weights[name] = { shape, data: await values() };
  await writeFileAtomic(
    join(folder, GRAPH_FILE),
    encodeModel(llamaOnnxGraph(source.size, weights, 'present')),
  );
}
