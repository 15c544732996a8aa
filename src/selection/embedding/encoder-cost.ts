/**
 * What a sentence encoder computes for a token, from the files of its folder: as for our own models, two operations for
 * each weight of a matrix product and for each product of attention, here over the whole text; element-wise work is not
 * counted. The names of the sizes are those that the configurations of Hugging Face use for encoders.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

export interface EncoderCost {
  /** Floating-point operations for each token of a text of `length` tokens. */
  flopsPerToken(length: number): number;
  /** The longest text: what is longer is cut. */
  readonly maximumTokens: number;
  /** Of its vectors, as far as its configuration tells. */
  readonly dimensions: number;
}

interface EncoderSize {
  readonly layers: number;
  readonly width: number;
  readonly feedForward: number;
}

const count = z.number().positive();
const sizes: z.ZodType<EncoderSize> = z.union([
  z.object({ num_hidden_layers: count, hidden_size: count, intermediate_size: count }).transform((one) => ({
    layers: one.num_hidden_layers,
    width: one.hidden_size,
    feedForward: one.intermediate_size,
  })),
  z
    .object({ n_layers: count, dim: count, hidden_dim: count })
    .transform((one) => ({ layers: one.n_layers, width: one.dim, feedForward: one.hidden_dim })),
  z
    .object({ num_layers: count, d_model: count, d_ff: count })
    .transform((one) => ({ layers: one.num_layers, width: one.d_model, feedForward: one.d_ff })),
]);
/** Without a limit of its own a tokenizer has no such field, `null`, or a number that no text reaches. */
const limit = count.catch(Number.POSITIVE_INFINITY);
const tokenizerSchema = z.object({ model_max_length: limit });
const positionsSchema = z.object({ max_position_embeddings: limit });

/** As MiniLM's. */
const USUAL_DIMENSIONS = 384;
/** A float32. */
const BYTES_PER_WEIGHT = 4;

/** Of a folder with config.json, tokenizer_config.json and onnx/model.onnx. */
export async function encoderCost(folder: string): Promise<EncoderCost> {
  const configuration = await readJson(join(folder, 'config.json'));
  const { model_max_length: stated } = tokenizerSchema.parse(
    await readJson(join(folder, 'tokenizer_config.json')),
  );
  const { max_position_embeddings: positions } = positionsSchema.parse(configuration);
  const maximumTokens = Math.min(stated, positions);
  const size = sizes.safeParse(configuration);
  if (size.success) {
    const { width: dimensions } = size.data;
    return { maximumTokens, dimensions, flopsPerToken: (length) => transformerFlops(size.data, length) };
  }
  // A configuration of other names: every number of the file counts as a weight that each token is multiplied by.
  const { size: bytes } = await stat(join(folder, 'onnx', 'model.onnx'));
  return {
    maximumTokens,
    dimensions: USUAL_DIMENSIONS,
    flopsPerToken: () => (2 * bytes) / BYTES_PER_WEIGHT,
  };
}

function transformerFlops({ layers, width, feedForward }: EncoderSize, length: number): number {
  const matrices = 4 * width * width + 2 * width * feedForward;
  return layers * (2 * matrices + 4 * width * length);
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'));
}
