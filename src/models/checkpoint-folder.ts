/**
 * A pretrained model of others: a Hugging Face folder of the Llama layout. Opening reads the configuration, the
 * tokenizer and the headers of the weight files, and checks that they belong together; the weights are then read one
 * after the other, so that a model of any size takes the memory of its largest tensor.
 *
 * A file of weights names what is read, so names are not trusted: a shard lies in the folder itself (through a link if
 * need be, as the hub's own cache has it), and every tensor stands in exactly the shard that the index says.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { CorruptionError, InputError } from '../common/errors.ts';
import { readBoundedText } from '../common/files.ts';
import { throwIfStopped } from '../common/interruption.ts';
import { blockOf } from '../common/model-size.ts';
import { parseStrictJson } from '../common/strict-json.ts';
import type { HostTensor } from '../engines/engine.ts';
import { type FloatType, isFloatType } from '../formats/float-types.ts';
import { type LlamaModel, parseLlamaConfiguration } from '../formats/llama.ts';
import {
  CONFIGURATION_FILE,
  TOKENIZER_CONFIG_FILE,
  TOKENIZER_FILE,
  WEIGHTS_FILE,
  WEIGHTS_INDEX_FILE,
} from '../formats/model-folder.ts';
import { SafetensorsFile, type TensorInfo } from '../formats/safetensors.ts';
import { Tokenizer } from '../tokenizer/tokenizer.ts';
import { UNTIED_HEAD, type WeightSpecification, weightSpecifications } from './size.ts';

const MOST_CONFIGURATION_BYTES = 2 ** 20;
const MOST_INDEX_BYTES = 2 ** 26;
const MOST_SHARDS = 4096;

/** What is kept beside the weights by some writers and computed anew by every reader. */
const COMPUTED = /\.rotary_emb\.inv_freq$/;
const SHARD_NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]*\.safetensors$/;

const indexSchema = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

export interface StoredWeight extends WeightSpecification {
  /** As it is in the file. */
  readonly type: FloatType;
  /** As float32, row-major. */
  values(): Promise<Float32Array>;
}

/** An open folder. Close it when done. */
export class CheckpointFolder {
  readonly path: string;
  readonly model: LlamaModel;
  readonly tokenizer: Tokenizer;
  /** Names of the files that the model consists of, sorted. */
  readonly files: readonly string[];
  readonly #shards: ReadonlyMap<string, SafetensorsFile>;
  readonly #shardOf: ReadonlyMap<string, SafetensorsFile>;

  private constructor(
    path: string,
    model: LlamaModel,
    tokenizer: Tokenizer,
    shards: ReadonlyMap<string, SafetensorsFile>,
    files: readonly string[],
  ) {
    this.path = path;
    this.model = model;
    this.tokenizer = tokenizer;
    this.files = files;
    this.#shards = shards;
    this.#shardOf = new Map(
      [...shards.values()].flatMap((shard) =>
        [...shard.tensors.keys()].map((name) => [name, shard] as const),
      ),
    );
  }

  /**
   * @throws InputError with file and field where the model is of another kind or incomplete, CorruptionError where a
   * file is damaged.
   */
  static async open(path: string): Promise<CheckpointFolder> {
    const model = await readConfiguration(path);
    const tokenizer = await Tokenizer.load(join(path, TOKENIZER_FILE));
    requireVocabulary(path, model, tokenizer);
    const weightMap = await readWeightMap(path);
    const shards = new Map<string, SafetensorsFile>();
    try {
      const names = weightMap === undefined ? [WEIGHTS_FILE] : [...new Set(weightMap.values())].sort();
      for (const name of names) shards.set(name, await SafetensorsFile.open(join(path, name)));
      if (weightMap !== undefined) requireIndexed(path, weightMap, shards);
      requireWeights(path, model, shards);
      return new CheckpointFolder(
        path,
        model,
        tokenizer,
        shards,
        await filesOf(path, names, weightMap !== undefined),
      );
    } catch (error) {
      for (const shard of shards.values()) await shard.close();
      throw error;
    }
  }

  /** Every weight of the plain model, in the order of `weightSpecifications`; its values are read when asked for. */
  get weights(): readonly StoredWeight[] {
    return weightSpecifications(this.model.size).flatMap((specification) => {
      const { name } = specification;
      const shard = this.#shardOf.get(name);
      const type = shard?.tensors.get(name)?.type ?? '';
      return shard !== undefined && isFloatType(type)
        ? [{ ...specification, type, values: () => shard.float32(name) }]
        : [];
    });
  }

  /** All weights by name, in memory. */
  async readWeights(): Promise<Record<string, HostTensor>> {
    const read: Record<string, HostTensor> = {};
    for (const { name, shape, values } of this.weights) read[name] = { shape, data: await values() };
    return read;
  }

  /** SHA-256 over the names and contents of the files: equal for equal models. Reads all of them. */
  async fingerprint(signal?: AbortSignal): Promise<string> {
    const whole = createHash('sha256');
    for (const name of this.files) {
      const hash = createHash('sha256');
      for await (const chunk of createReadStream(join(this.path, name), { highWaterMark: 2 ** 20 })) {
        throwIfStopped(signal);
        hash.update(chunk);
      }
      whole.update(`${name}\0${hash.digest('hex')}\n`);
    }
    return whole.digest('hex');
  }

  async close(): Promise<void> {
    for (const shard of this.#shards.values()) await shard.close();
  }
}

async function readConfiguration(folder: string): Promise<LlamaModel> {
  const path = join(folder, CONFIGURATION_FILE);
  const text = await readBoundedText(path, MOST_CONFIGURATION_BYTES);
  if (text !== undefined) return parseLlamaConfiguration(text, path);
  throw new InputError(
    `There is no whole model in ${folder}: it has no ${CONFIGURATION_FILE}.`,
    'Give a folder that Save Model… wrote, the folder of a model’s artifact, or a Hugging Face folder with config.json, model.safetensors and tokenizer.json.',
  );
}

function requireVocabulary(folder: string, { size }: LlamaModel, { vocabularySize }: Tokenizer): void {
  if (vocabularySize <= size.vocabulary) return;
  throw unfit(
    folder,
    `"vocab_size" of ${CONFIGURATION_FILE} is ${size.vocabulary}, but ${TOKENIZER_FILE} has ${vocabularySize} tokens`,
  );
}

/** The shard of each tensor; `undefined` where one file holds all, which transformers takes first too. */
async function readWeightMap(folder: string): Promise<ReadonlyMap<string, string> | undefined> {
  if (await isThere(join(folder, WEIGHTS_FILE))) return undefined;
  const path = join(folder, WEIGHTS_INDEX_FILE);
  const text = await readBoundedText(path, MOST_INDEX_BYTES);
  if (text === undefined) throw unfit(folder, `it has neither ${WEIGHTS_FILE} nor ${WEIGHTS_INDEX_FILE}`);
  const weightMap = new Map(Object.entries(parseIndex(text, path).weight_map));
  const names = new Set(weightMap.values());
  for (const name of names) {
    if (!SHARD_NAME.test(name)) {
      throw damaged(
        path,
        `"weight_map" names ${JSON.stringify(name.slice(0, 200))}, which is no file of the folder`,
      );
    }
  }
  if (names.size > MOST_SHARDS) throw damaged(path, `"weight_map" names ${names.size} files`);
  return weightMap;
}

function parseIndex(text: string, path: string): z.infer<typeof indexSchema> {
  try {
    return indexSchema.parse(parseStrictJson(text));
  } catch (error) {
    throw damaged(path, 'it is no index with a "weight_map"', error);
  }
}

function requireIndexed(
  folder: string,
  weightMap: ReadonlyMap<string, string>,
  shards: ReadonlyMap<string, SafetensorsFile>,
): void {
  const path = join(folder, WEIGHTS_INDEX_FILE);
  for (const [tensor, file] of weightMap) {
    if (!shards.get(file)?.tensors.has(tensor))
      throw damaged(path, `"weight_map" has "${tensor}" in ${file}, where it is not`);
  }
  for (const [file, { tensors }] of shards) {
    const other = [...tensors.keys()].find((tensor) => weightMap.get(tensor) !== file);
    if (other !== undefined)
      throw damaged(path, `"weight_map" does not have "${other}" in ${file}, where it is`);
  }
}

function requireWeights(
  folder: string,
  { size }: LlamaModel,
  shards: ReadonlyMap<string, SafetensorsFile>,
): void {
  const found = new Map<string, { readonly info: TensorInfo; readonly file: string }>();
  for (const { path, tensors } of shards.values()) {
    for (const [name, info] of tensors) found.set(name, { info, file: path });
  }
  for (const { name, shape } of weightSpecifications(size)) {
    const weight = found.get(name);
    if (weight === undefined)
      throw unfit(folder, `its weights have no "${name}", which ${CONFIGURATION_FILE} calls for`);
    const { info, file } = weight;
    if (info.shape.join() !== shape.join()) {
      const [is, wanted] = [info.shape, shape].map((one) => `[${one.slice(0, 8).join(', ')}]`);
      throw unfit(file, `"${name}" is ${is} where ${CONFIGURATION_FILE} calls for ${wanted}`);
    }
    if (!isFloatType(info.type)) throw unfit(file, `"${name}" is of type ${info.type}, not F32, F16 or BF16`);
    found.delete(name);
  }
  for (const [name, { file }] of found) {
    // Readers of a tied model pass over a head of its own.
    const passedOver = COMPUTED.test(name) || (name === UNTIED_HEAD && blockOf(size).tied);
    if (!passedOver)
      throw unfit(file, `"${name.slice(0, 200)}" is no weight of a Llama model without biases`);
  }
}

async function filesOf(folder: string, weights: readonly string[], indexed: boolean): Promise<string[]> {
  const files = [CONFIGURATION_FILE, TOKENIZER_FILE, ...weights, ...(indexed ? [WEIGHTS_INDEX_FILE] : [])];
  if (await isThere(join(folder, TOKENIZER_CONFIG_FILE))) files.push(TOKENIZER_CONFIG_FILE);
  return files.sort();
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function unfit(path: string, what: string): InputError {
  return new InputError(
    `${path} cannot be used: ${what}.`,
    'Use the complete folder of a model of the Llama layout, as it was published.',
  );
}

function damaged(path: string, what: string, cause?: unknown): CorruptionError {
  return new CorruptionError(`${path} is damaged: ${what}.`, 'Copy or download the model again.', cause);
}
