/** Reading and writing the artifact that every training stage leaves: a model folder as Hugging Face has it. */
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { writeFileAtomic } from '../../common/files.ts';
import type { ModelSize } from '../../common/model-size.ts';
import { readOwnJson } from '../../common/own-json.ts';
import type { HostTensor } from '../../engines/engine.ts';
import { llamaConfiguration, parseLlamaConfiguration } from '../../formats/llama.ts';
import {
  CONFIGURATION_FILE,
  MODEL_FOLDER_FILES,
  TOKENIZER_CONFIG_FILE,
  TOKENIZER_FILE,
  WEIGHTS_FILE,
} from '../../formats/model-folder.ts';
import { type TensorToWrite, writeSafetensors } from '../../formats/safetensors.ts';
import { PYTORCH, weightsToWrite } from '../../training/checkpoint.ts';
import type { TrainingResult } from '../../training/settings.ts';
import { bestPoint } from '../../training/stopping.ts';
import { type ChosenTuning, chosenTuningSchema } from '../tuning.ts';
import { readTokenizer } from './method-inputs.ts';

export const CHECKPOINT_FILE = 'checkpoint.safetensors';
const TRAINING_FILE = 'training.json';
/** All that the artifact of a trained model consists of. */
export const MODEL_FILES: readonly string[] = [...MODEL_FOLDER_FILES, TRAINING_FILE];

const pointSchema = z.object({ step: z.number(), tokens: z.number(), loss: z.number() });
const recordSchema = z.object({
  steps: z.number(),
  bestStep: z.number(),
  /** What ended a training that is stopped by its validation loss. */
  ending: z.enum(['patience', 'cap']).optional(),
  /** One of several trainings that were tried, whose loss was no number in the end. */
  diverged: z.boolean().optional(),
  /** Distinct tokens of validation text that decided when to stop and which step is kept; 0 without validation. */
  stoppingTokens: z.number().default(0),
  /** Distinct tokens of the training set, and how often each was seen on average. */
  datasetTokens: z.number(),
  repetition: z.number(),
  training: z.array(pointSchema),
  validation: z.array(pointSchema),
  /** Where validation chose it from several trainings that differ in these. */
  chosen: chosenTuningSchema.optional(),
});

/** How a model was trained, for reports: steps and loss curves. */
export type TrainingRecord = z.infer<typeof recordSchema>;

/**
 * The size that a trained model is written with: in the shape of one that came in, it is made for as long a context as the model
 * that its training began with, and for its own windows' where it began with random weights. `start` is a model's directory.
 */
export async function trainedSize(size: ModelSize, start: string | undefined): Promise<ModelSize> {
  const { variant, context } = size;
  if (variant === undefined) return size;
  const positions = start === undefined ? context : await contextOf(join(start, CONFIGURATION_FILE));
  return { ...size, variant: { ...variant, positions } };
}

async function contextOf(configuration: string): Promise<number> {
  return parseLlamaConfiguration(await readFile(configuration, 'utf8'), configuration).size.context;
}

export async function writeModel(
  directory: string,
  size: ModelSize,
  weights: Readonly<Record<string, HostTensor>>,
  tokenizerDirectory: string,
): Promise<void> {
  await writeModelFiles(directory, size, weightsToWrite(weights), tokenizerDirectory);
}

/** Tensors are asked for one at a time. */
export async function writeModelFiles(
  directory: string,
  size: ModelSize,
  tensors: Iterable<TensorToWrite>,
  tokenizerDirectory: string,
): Promise<void> {
  await writeSafetensors(join(directory, WEIGHTS_FILE), tensors, PYTORCH);
  for (const file of [TOKENIZER_FILE, TOKENIZER_CONFIG_FILE]) {
    await copyFile(join(tokenizerDirectory, file), join(directory, file));
  }
  const { beginOfText, endOfText } = await readTokenizer({ directory: tokenizerDirectory });
  const configuration = llamaConfiguration(size, { begin: beginOfText, ends: [endOfText] });
  await writeFileAtomic(join(directory, CONFIGURATION_FILE), `${JSON.stringify(configuration, null, 2)}\n`);
}

export async function writeTrainingRecord(
  directory: string,
  { progress, bestStep, ending, diverged }: TrainingResult,
  datasetTokens: number,
  stoppingTokens = 0,
): Promise<void> {
  const record: TrainingRecord = {
    steps: progress.step,
    bestStep,
    ...(ending && { ending }),
    ...(diverged && { diverged }),
    stoppingTokens,
    datasetTokens,
    repetition: progress.tokens / datasetTokens,
    training: progress.training,
    validation: progress.validation,
  };
  // Numbers that are none would be written as null, and the artifact be called damaged ever after.
  await writeFileAtomic(join(directory, TRAINING_FILE), JSON.stringify(recordSchema.parse(record)));
}

/** A trained model anew, as the one that validation chose. */
export async function writeChosenModel(from: string, directory: string, chosen: ChosenTuning): Promise<void> {
  for (const file of MODEL_FOLDER_FILES) await copyFile(join(from, file), join(directory, file));
  const record = { ...(await readTrainingRecord(from)), chosen };
  await writeFileAtomic(join(directory, TRAINING_FILE), JSON.stringify(recordSchema.parse(record)));
}

/** The lowest validation loss of each training, in nats a token. */
export async function lowestValidationLosses(directories: readonly string[]): Promise<number[]> {
  const records = await Promise.all(directories.map(readTrainingRecord));
  return records.map(({ validation }) => bestPoint(validation).loss);
}

export function readTrainingRecord(directory: string): Promise<TrainingRecord> {
  return readOwnJson(join(directory, TRAINING_FILE), recordSchema);
}
