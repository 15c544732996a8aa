/**
 * Results that came with a workspace from another machine, without the weights of their models: a sample's, say. Their
 * evaluations are artifacts like any other; `imported.json` in the storage tells what a measurement needs of a model that
 * is not there. A run takes such a point as measured and trains nothing for it, until its model is asked for
 * (`forgetImported`) or made in passing; from then on it is a point like any other.
 */
import { join } from 'node:path';
import * as z from 'zod';
import { CorruptionError } from '../../common/errors.ts';
import { readTextIfThere, writeFileAtomic } from '../../common/files.ts';
import { chosenTuningSchema } from '../../methods/tuning.ts';
import type { ArtifactStore } from '../../pipeline/store.ts';

const FILE = 'imported.json';

const modelSchema = z.object({
  parameters: z.number(),
  /** How it was trained on the domain; absent before fine-tuning. */
  training: z
    .object({
      steps: z.number(),
      bestStep: z.number(),
      ending: z.enum(['patience', 'cap']).optional(),
      stoppingTokens: z.number(),
      datasetTokens: z.number(),
      chosen: chosenTuningSchema.optional(),
    })
    .optional(),
});
export type ImportedModel = z.infer<typeof modelSchema>;

const importedSchema = z.object({
  format: z.literal(1),
  /** Tokens of the tokenizer that all of them share. */
  vocabulary: z.number(),
  /** By the fingerprint of the evaluation. */
  models: z.record(z.string(), modelSchema),
});
export type ImportedResults = z.infer<typeof importedSchema>;

/** `undefined` when the storage has only results of its own. Throws CorruptionError. */
export async function readImported(storage: string): Promise<ImportedResults | undefined> {
  const path = join(storage, FILE);
  const text = await readTextIfThere(path);
  if (text === undefined) return undefined;
  try {
    return importedSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new CorruptionError(`${path} cannot be read.`, 'Remove the file and run again.', error);
  }
}

export async function writeImported(storage: string, imported: ImportedResults): Promise<void> {
  await writeFileAtomic(join(storage, FILE), `${JSON.stringify(imported, undefined, 2)}\n`);
}

/** The models whose measurements stand for them, by evaluation: those that are in the store are none of these. */
export async function importedModels(store: ArtifactStore): Promise<ReadonlyMap<string, ImportedModel>> {
  const found = new Map<string, ImportedModel>();
  const imported = await readImported(store.storage);
  for (const [evaluation, model] of Object.entries(imported?.models ?? {})) {
    const artifact = await openOrNone(store, evaluation);
    const made = artifact && (await openOrNone(store, artifact.manifest.inputs.model));
    if (artifact !== undefined && made === undefined) found.set(evaluation, model);
  }
  return found;
}

/** From now on the model of this evaluation is wanted itself: the next run makes it. */
export async function forgetImported(storage: string, evaluation: string): Promise<void> {
  const imported = await readImported(storage);
  if (imported === undefined) return;
  const { [evaluation]: _wanted, ...models } = imported.models;
  await writeImported(storage, { ...imported, models });
}

async function openOrNone(store: ArtifactStore, fingerprint: string) {
  return store.open(fingerprint).catch((error: unknown) => {
    if (error instanceof CorruptionError) return undefined;
    throw error;
  });
}
