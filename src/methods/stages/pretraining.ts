/**
 * What a pretraining is of, from the parameters and inputs of its stages: a plain model, or the projected network (paper
 * section 2.5), of which all experts are trained jointly, a batch holding groups of rows, each of one cluster and drawn as
 * often as the generic corpus has it.
 */
import { join } from 'node:path';
import * as z from 'zod';
import { type ModelSize, modelShapeSchema } from '../../common/model-size.ts';
import type { HostTensor } from '../../engines/engine.ts';
import { WEIGHTS_FILE } from '../../formats/model-folder.ts';
import { denseParameterization, initialWeights } from '../../models/parameterization.ts';
import {
  initialProjectedWeights,
  projectedParameterization,
  projectedTrainingFlopsPerToken,
} from '../../models/projected.ts';
import type { StageInput } from '../../pipeline/define-stage.ts';
import { writeWeights } from '../../training/checkpoint.ts';
import { groupStream } from '../../training/group-stream.ts';
import { readModelWeights } from '../../training/model-weights.ts';
import type { TrainingResult, TrainingSettings } from '../../training/settings.ts';
import { windowStream } from '../../training/stream.ts';
import { batchSchema, projectionSchema, recipeSchema } from './define.ts';
import { readTokenizer } from './method-inputs.ts';
import { trainedSize, writeModel } from './models.ts';
import {
  openWindows,
  openWindowsByCluster,
  type repetitionField,
  type WindowInputs,
  windowFields,
  windowRoles,
} from './selection/window-choice.ts';
import type { StageText } from './stage-text.ts';
import { sizeOn } from './training.ts';

const scheduleSchema = z.strictObject({ warmupSteps: z.number(), stableUntil: z.number(), end: z.number() });

/** The parameters of all stages of a pretraining. */
export const pretrainingFields = {
  engine: z.string(),
  model: modelShapeSchema,
  context: z.number(),
  batch: batchSchema,
  recipe: recipeSchema,
  seed: z.number(),
  ...windowFields,
  /** Of the projected network, its shape and the groups of a batch; absent for a plain model. */
  projection: projectionSchema.optional(),
  groups: z.number().optional(),
  /** Of these, those whose experts are blended; none when absent. */
  blended: z.number().optional(),
  schedule: scheduleSchema,
};
type PretrainingParameters = Readonly<
  z.infer<z.ZodObject<typeof pretrainingFields & typeof repetitionField>>
>;

export const pretrainingRoles = { ...windowRoles, tokenizer: 'one', start: 'optional' } as const;

export interface PretrainingInputs extends WindowInputs {
  readonly tokenizer: StageInput;
  /** The model that it begins with; random weights without one. */
  readonly start: StageInput | undefined;
}

/** What is trained, on which windows. */
export interface Pretraining {
  readonly settings: Omit<TrainingSettings, 'schedule' | 'steps'>;
  readonly datasetTokens: number;
  initialWeights(): Promise<Readonly<Record<string, HostTensor>>>;
  /** Writes the artifact of a finished budget. */
  writeArtifact(directory: string, result: TrainingResult): Promise<void>;
}

export function openPretraining(
  text: StageText,
  inputs: PretrainingInputs,
  parameters: PretrainingParameters,
): Promise<Pretraining> {
  return parameters.projection === undefined
    ? densePretraining(text, inputs, parameters)
    : projectedPretraining(text, inputs, { ...parameters, shape: parameters.projection });
}

async function densePretraining(
  text: StageText,
  inputs: PretrainingInputs,
  parameters: PretrainingParameters,
): Promise<Pretraining> {
  const { recipe, batch, seed } = parameters;
  const size = sizeOn(await readTokenizer(inputs.tokenizer), parameters);
  const windows = await openWindows(text, inputs, parameters);
  return {
    settings: {
      size,
      weights: denseParameterization(size),
      recipe,
      ...batch,
      stream: windowStream(windows, seed),
    },
    datasetTokens: windows.tokens,
    initialWeights: async () => (await givenWeights(inputs, size)) ?? initialWeights(size, seed),
    writeArtifact: async (directory, { best }) =>
      writeModel(
        directory,
        await trainedSize(size, inputs.start?.directory),
        best,
        inputs.tokenizer.directory,
      ),
  };
}

async function givenWeights(
  { start }: PretrainingInputs,
  size: ModelSize,
): Promise<Readonly<Record<string, HostTensor>> | undefined> {
  return start && readModelWeights(start.directory, size);
}

async function projectedPretraining(
  text: StageText,
  inputs: PretrainingInputs,
  parameters: PretrainingParameters & { readonly shape: z.infer<typeof projectionSchema> },
): Promise<Pretraining> {
  const { recipe, batch, seed, shape, context, groups = 1, blended } = parameters;
  const size = sizeOn(await readTokenizer(inputs.tokenizer), parameters);
  const { windows, tokens } = await openWindowsByCluster(text, inputs, parameters);
  const batchTokens = batch.rows * context;
  return {
    settings: {
      size,
      weights: projectedParameterization(size, shape, groups, blended),
      flopsPerToken: projectedTrainingFlopsPerToken(size, shape, { groups, tokens: batchTokens }),
      recipe,
      ...batch,
      stream: groupStream({ windowsByCluster: windows, shares: tokens, groups, seed }),
    },
    datasetTokens: windows.reduce((sum, one) => sum + one.tokens, 0),
    initialWeights: async () => initialProjectedWeights(size, shape, seed, await givenWeights(inputs, size)),
    writeArtifact: (directory, { best }) => writeWeights(join(directory, WEIGHTS_FILE), best),
  };
}
