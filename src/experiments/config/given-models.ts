/** Models that an experiment begins with (`models.small.from`): their shapes, and how their files are known again. */
import { resolve } from 'node:path';
import { parseAmount } from '../../budget/planner/amounts.ts';
import { blockOf, type ModelShape } from '../../common/model-size.ts';
import { CheckpointFolder } from '../../formats/checkpoint-folder.ts';
import type { ExperimentPlan, GivenModel, ModelName } from '../../methods/experiment-plan.ts';
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

/** What the file says of its models. Throws InputError, with the folder and the field, for a model that cannot be used. */
export async function givenModels(root: string, file: ExperimentFile['models'] = {}): Promise<GivenModels> {
  const models: Partial<Record<ModelName, ModelShape>> = {};
  const from: Partial<Record<ModelName, GivenModel>> = {};
  const sizes: { readonly context: number; readonly vocabulary: number }[] = [];
  for (const name of NAMES) {
    const own = file[name];
    if (own === undefined) continue;
    if (!('from' in own)) {
      models[name] = own;
      continue;
    }
    const folder = await CheckpointFolder.open(resolve(root, own.from));
    try {
      models[name] = shapeOf(folder);
      from[name] = await givenModel(folder, own.cost);
      sizes.push(folder.size);
    } finally {
      await folder.close();
    }
  }
  if (sizes.length === 0) return { models, from };
  return {
    models,
    from,
    context: Math.min(LONGEST_DEFAULT_CONTEXT, ...sizes.map(({ context }) => context)),
    vocabulary: sizes[0].vocabulary,
  };
}

function shapeOf({ size }: CheckpointFolder): ModelShape {
  const { layers, width, heads, feedForward, context, vocabulary } = size;
  return {
    layers,
    width,
    heads,
    feedForward,
    variant: { ...blockOf(size), vocabulary, positions: context },
  };
}

async function givenModel(folder: CheckpointFolder, cost: string | undefined): Promise<GivenModel> {
  const amount = cost === undefined ? undefined : parseAmount(cost);
  return {
    folder: folder.path,
    content: await folder.content(),
    tokenizer: await folder.tokenizerContent(),
    ...(amount && { flops: amount.value }),
  };
}
