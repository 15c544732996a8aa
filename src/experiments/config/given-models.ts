/** Models that an experiment begins with (`models.small.from`): their shapes, and how their files are known again. */
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseAmount } from '../../budget/planner/amounts.ts';
import { InputError } from '../../common/errors.ts';
import { blockOf, type ModelShape } from '../../common/model-size.ts';
import { TOKENIZER_FILE } from '../../formats/model-folder.ts';
import type { ExperimentPlan, GivenModel, ModelName } from '../../methods/experiment-plan.ts';
import { tokenizerContent } from '../../methods/stages/given-model.ts';
import { CheckpointFolder } from '../../models/checkpoint-folder.ts';
import { entriesIfThere } from '../../pipeline/folder.ts';
import { tokenizerDifference } from '../../tokenizer/difference.ts';
import { Tokenizer } from '../../tokenizer/tokenizer.ts';
import type { ExperimentFile } from './experiment-file.ts';

export interface GivenModels {
  /** Of all models that the file speaks of. */
  readonly models: Partial<Record<ModelName, ModelShape>>;
  readonly from: ExperimentPlan['from'];
  /** What the given ones set where the file is silent; absent where none was given. */
  readonly context?: number;
  readonly vocabulary?: number;
}

/** A long context takes much memory in training; whoever wants more says so. */
const LONGEST_DEFAULT_CONTEXT = 512;

const NAMES: readonly ModelName[] = ['small', 'large'];

/**
 * What the file says of its models. Throws InputError, with the folder and the field, for a model that cannot be used, and
 * for two that have not the same tokenizer.
 */
export async function givenModels(root: string, file: ExperimentFile['models'] = {}): Promise<GivenModels> {
  const models: Partial<Record<ModelName, ModelShape>> = {};
  const from: Partial<Record<ModelName, GivenModel>> = {};
  const all: KnownModel[] = [];
  for (const name of NAMES) {
    const own = file[name];
    if (own === undefined) continue;
    if (!('from' in own)) {
      models[name] = own;
      continue;
    }
    const { shape, ...known } = await knownModel(resolve(root, own.from));
    const amount = own.cost === undefined ? undefined : parseAmount(own.cost);
    models[name] = shape;
    from[name] = { ...known, ...(amount && { flops: amount.value }) };
    all.push({ shape, ...known });
  }
  await requireOneTokenizer(all);
  const variants = all.flatMap(({ shape: { variant } }) => variant ?? []);
  if (variants.length === 0) return { models, from };
  return {
    models,
    from,
    context: Math.min(LONGEST_DEFAULT_CONTEXT, ...variants.map(({ positions }) => positions)),
    vocabulary: variants[0].vocabulary,
  };
}

interface KnownModel extends Omit<GivenModel, 'flops'> {
  readonly shape: ModelShape;
}

/**
 * What was read of a folder, and of which files: the editor reads an experiment file often, and a model of some hundred
 * megabytes hardly ever changes. A run compares the contents themselves.
 */
const read = new Map<string, { readonly files: string; readonly model: KnownModel }>();

async function knownModel(path: string): Promise<KnownModel> {
  const files = await filesOf(path);
  const earlier = read.get(path);
  if (earlier?.files === files) return earlier.model;
  const folder = await CheckpointFolder.open(path);
  try {
    const content = await folder.fingerprint();
    const model = { folder: path, content, tokenizer: await tokenizerContent(path), shape: shapeOf(folder) };
    read.set(path, { files, model });
    return model;
  } finally {
    await folder.close();
  }
}

/** Names, sizes and times of the files of a folder. */
async function filesOf(folder: string): Promise<string> {
  const facts = (await entriesIfThere(folder)).map(async (name) => {
    // A link that leads nowhere is told of by whoever needs its file.
    const found = await stat(join(folder, name)).catch(() => undefined);
    return [name, found?.size, found?.mtimeMs];
  });
  return JSON.stringify(await Promise.all(facts));
}

async function requireOneTokenizer([small, large]: readonly KnownModel[]): Promise<void> {
  if (large === undefined || small.tokenizer === large.tokenizer) return;
  const load = ({ folder }: KnownModel) => Tokenizer.load(join(folder, TOKENIZER_FILE));
  const difference = tokenizerDifference(await load(small), await load(large));
  if (difference === undefined) return;
  throw new InputError(
    `The models ${small.folder} and ${large.folder} have not the same tokenizer: ${difference}.`,
    'Give models of one family, or only one of them.',
  );
}

function shapeOf({ model: { size } }: CheckpointFolder): ModelShape {
  const { layers, width, heads, feedForward, context, vocabulary } = size;
  return {
    layers,
    width,
    heads,
    feedForward,
    variant: { ...blockOf(size), vocabulary, positions: context },
  };
}
