/**
 * A neural embedding of windows, as the paper clusters (arXiv 2402.01093, section 2.3, "Sentence-BERT" without a
 * checkpoint; CRISP, arXiv 2410.03735, names MiniLM-L6-v2): the mean of the last hidden states over the tokens of a
 * text, scaled to length 1. A text longer than the model's own limit (its tokenizer's `model_max_length`, or its number of
 * positions where that is smaller) is cut there.
 *
 * It runs in `@huggingface/transformers`, an optional package that is loaded only here: whoever uses the built-in
 * embedding does not need it. A model comes from a folder and never from the network: `parlance encoder` fetches one.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { FeatureExtractionPipeline } from '@huggingface/transformers';
import * as z from 'zod';
import { InputError } from '../../common/errors.ts';
import type { WindowEmbedding } from './embedding.ts';
import { type EncoderCost, encoderCost } from './encoder-cost.ts';

/** What a folder of a model has. */
export const ENCODER_FILES = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model.onnx'];

/** The model that CRISP uses, in ONNX format on the hub; 384 dimensions, a download of about 90 MB. */
export const MINILM = 'Xenova/all-MiniLM-L6-v2';

const INSTALL = 'npm install --ignore-scripts @huggingface/transformers@4.3.1';

/** Texts a run; they are sorted by length first, so that little of a batch is padding. */
const BATCH = 32;

/** SHA-256 over the files of a model folder that its vectors depend on. Throws an `InputError` when one is not there. */
export async function encoderContent(folder: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await access(join(folder, 'tokenizer_config.json'));
    for (const file of ['config.json', 'tokenizer.json', join('onnx', 'model.onnx')]) {
      for await (const chunk of createReadStream(join(folder, file))) hash.update(chunk);
    }
  } catch (error) {
    throw cannotOpen(folder, error);
  }
  return hash.digest('hex');
}

export class SentenceEncoder implements WindowEmbedding {
  readonly dimensions: number;
  readonly #extract: FeatureExtractionPipeline;
  readonly #cost: EncoderCost;
  #flops = 0;

  private constructor(extract: FeatureExtractionPipeline, dimensions: number, cost: EncoderCost) {
    this.#extract = extract;
    this.dimensions = dimensions;
    this.#cost = cost;
  }

  get flops(): number {
    return this.#flops;
  }

  /** Throws an `InputError` when the package or the model is not there. */
  static async open({ folder }: { readonly folder: string }): Promise<SentenceEncoder> {
    const { env, pipeline } = await loadPackage();
    env.allowRemoteModels = false;
    try {
      const extract = await pipeline('feature-extraction', folder, {
        local_files_only: true,
        device: 'cpu',
        dtype: 'fp32',
      });
      const cost = await encoderCost(folder);
      // Where the tokenizer states no limit of its own, the package would cut nothing, and the model fail.
      Object.defineProperty(extract.tokenizer, 'model_max_length', { value: cost.maximumTokens });
      const { length } = await sentenceVectors(extract, ['probe']);
      return new SentenceEncoder(extract, length, cost);
    } catch (error) {
      throw cannotOpen(folder, error);
    }
  }

  async embed(texts: readonly string[]): Promise<Float32Array> {
    const vectors = new Float32Array(texts.length * this.dimensions);
    const order = [...texts.keys()].sort((a, b) => texts[a].length - texts[b].length);
    for (let start = 0; start < order.length; start += BATCH) {
      const batch = order.slice(start, start + BATCH);
      const own = batch.map((i) => texts[i]);
      const rows = await sentenceVectors(this.#extract, own);
      this.#flops += this.#batchFlops(own);
      for (const [row, i] of batch.entries()) {
        const from = row * this.dimensions;
        vectors.set(rows.subarray(from, from + this.dimensions), i * this.dimensions);
      }
    }
    return vectors;
  }

  /** Texts are padded to the longest of their batch, and the padding is computed too. */
  #batchFlops(texts: string[]): number {
    const { input_ids: ids } = this.#extract.tokenizer(texts, { padding: true, truncation: true });
    const [rows, length] = z.tuple([z.number(), z.number()]).parse(ids.dims);
    return rows * length * this.#cost.flopsPerToken(length);
  }

  /** Frees the model's session. */
  async close(): Promise<void> {
    await this.#extract.dispose();
  }
}

/** [texts, dimensions]. */
async function sentenceVectors(extract: FeatureExtractionPipeline, texts: string[]): Promise<Float32Array> {
  const { data, type } = await extract(texts, { pooling: 'mean', normalize: true });
  if (!(data instanceof Float32Array))
    throw new TypeError(`The model gives ${type} instead of float32 vectors.`);
  return data;
}

async function loadPackage() {
  try {
    return await import('@huggingface/transformers');
  } catch (cause) {
    throw new InputError(
      'A sentence encoder needs the package @huggingface/transformers, which cannot be loaded.',
      `Run "${INSTALL}" in the folder of Parlance, or use the built-in embedding.`,
      cause,
    );
  }
}

function cannotOpen(folder: string, cause: unknown): InputError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new InputError(
    `The sentence encoder in "${folder}" cannot be opened: ${reason}`,
    `The folder needs ${ENCODER_FILES.slice(0, -1).join(', ')} and ${ENCODER_FILES.at(-1)} of one model.`,
    cause,
  );
}
