/** Models that an experiment begins with (`models.small.from`): their shapes, and how their files are known again. */
import { resolve } from 'node:path';
import { parseAmount } from '../../budget/planner/amounts.ts';
import { InputError } from '../../common/errors.ts';
import { blockOf, type ModelShape } from '../../common/model-size.ts';
import type { ExperimentPlan, GivenModel, ModelName } from '../../methods/experiment-plan.ts';
import { tokenizerContent } from '../../methods/stages/given-model.ts';
import { CheckpointFolder } from '../../models/checkpoint-folder.ts';
import { tokenizerDifference } from '../../tokenizer/difference.ts';
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
  const opened: CheckpointFolder[] = [];
  try {
    for (const name of NAMES) {
      const own = file[name];
      if (own === undefined) continue;
      if (!('from' in own)) {
        models[name] = own;
        continue;
      }
      const folder = await CheckpointFolder.open(resolve(root, own.from));
      opened.push(folder);
      models[name] = shapeOf(folder);
      from[name] = await givenModel(folder, own.cost);
    }
    requireOneTokenizer(opened);
  } finally {
    for (const folder of opened) await folder.close();
  }
  if (opened.length === 0) return { models, from };
  const sizes = opened.map(({ model }) => model.size);
  return {
    models,
    from,
    context: Math.min(LONGEST_DEFAULT_CONTEXT, ...sizes.map(({ context }) => context)),
    vocabulary: sizes[0].vocabulary,
  };
}

function requireOneTokenizer([small, large]: readonly CheckpointFolder[]): void {
  if (large === undefined) return;
  const difference = tokenizerDifference(small.tokenizer, large.tokenizer);
  if (difference === undefined) return;
  throw new InputError(
    `The models ${small.path} and ${large.path} have not the same tokenizer: ${difference}.`,
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

async function givenModel(folder: CheckpointFolder, cost: string | undefined): Promise<GivenModel> {
  const amount = cost === undefined ? undefined : parseAmount(cost);
  return {
    folder: folder.path,
    content: await folder.fingerprint(),
    tokenizer: await tokenizerContent(folder.path),
    ...(amount && { flops: amount.value }),
  };
}
