/**
 * Checkpoints: one safetensors file with weights, moments, the best weights so far, and in its metadata the
 * progress (step, sampler position, history). One file, so that it is whole or not there at all.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { CorruptionError } from '../common/errors.ts';
import type { HostTensor } from '../engines/engine.ts';
import { SafetensorsFile, type TensorToWrite, writeSafetensors } from '../formats/safetensors.ts';

const pointSchema = z.object({ step: z.number(), tokens: z.number(), loss: z.number() });

/** A loss at a step, in nats a token; `tokens` were trained on by then. */
export type LossPoint = z.infer<typeof pointSchema>;

const decaySchema = z.object({
  because: z.enum(['patience', 'cap']),
  /** The best step, whose weights and moments the decay begins with. */
  from: z.number().int(),
  /** The step after which it began, and its last one. */
  begun: z.number().int(),
  end: z.number().int(),
});

/** The falling of the rate before an end that was not known beforehand (stopping.ts). */
export type Decay = z.infer<typeof decaySchema>;

const progressSchema = z.object({
  step: z.number().int(),
  /** Tokens trained on since the first step. */
  tokens: z.number(),
  /** What this training consumed since its start, which may be a later step than the first. */
  spent: z.object({ tokens: z.number(), flops: z.number(), seconds: z.number() }),
  sampler: z.unknown(),
  /** Absent while the schedule that was planned is followed. */
  decay: decaySchema.optional(),
  training: z.array(pointSchema),
  validation: z.array(pointSchema),
});

/** How far a training is; everything that a resumed one needs besides the tensors. */
export type TrainingProgress = z.infer<typeof progressSchema>;

export interface Checkpoint {
  readonly progress: TrainingProgress;
  /** Trained tensors and their moments; tensors that are not trained come from the training's inputs. */
  readonly state: Readonly<Record<string, HostTensor>>;
  /** Those of the lowest validation loss, when validation goes on. */
  readonly best: Readonly<Record<string, HostTensor>> | undefined;
}

const BEST_PREFIX = 'best:';

export async function writeCheckpoint(path: string, { progress, state, best }: Checkpoint): Promise<void> {
  const all = [
    ...Object.entries(state),
    ...Object.entries(best ?? {}).map(([name, tensor]) => [BEST_PREFIX + name, tensor] as const),
  ];
  const text = JSON.stringify(progress);
  const sha256 = checksum(text, Object.fromEntries(all));
  await writeSafetensors(path, all.map(toWrite), { progress: text, sha256 });
}

export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const file = await SafetensorsFile.open(path);
  try {
    const progress = parseProgress(file.metadata.progress, path);
    const state: Record<string, HostTensor> = {};
    const best: Record<string, HostTensor> = {};
    const all: Record<string, HostTensor> = {};
    for (const [name, { shape }] of file.tensors) all[name] = { shape, data: await file.float32(name) };
    const { sha256 } = file.metadata;
    // Checkpoints of stable phases, which live on in the store, were once written without a checksum.
    if (sha256 !== undefined && checksum(file.metadata.progress, all) !== sha256) throw changed(path);
    for (const [name, tensor] of Object.entries(all)) {
      if (name.startsWith(BEST_PREFIX)) best[name.slice(BEST_PREFIX.length)] = tensor;
      else state[name] = tensor;
    }
    return { progress, state, best: Object.keys(best).length > 0 ? best : undefined };
  } finally {
    await file.close();
  }
}

/** Of the progress and of every value, so that a resumed training never goes on from anything else. */
function checksum(progress: string, tensors: Readonly<Record<string, HostTensor>>): string {
  const hash = createHash('sha256').update(progress);
  for (const name of Object.keys(tensors).sort()) {
    const { buffer, byteOffset, byteLength } = tensors[name].data;
    hash.update(name).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}

const AGAIN =
  'Run the same command again: the damaged checkpoint is moved aside and the training begun anew.';

function changed(path: string): CorruptionError {
  return new CorruptionError(`The contents of the checkpoint ${path} changed since it was written.`, AGAIN);
}

/** What transformers wants to read in the metadata of weights. */
export const PYTORCH = { format: 'pt' };

export function weightsToWrite(weights: Readonly<Record<string, HostTensor>>): TensorToWrite[] {
  return Object.entries(weights).map(toWrite);
}

/** Plain weights as a safetensors file that other programs read. */
export async function writeWeights(
  path: string,
  weights: Readonly<Record<string, HostTensor>>,
): Promise<void> {
  await writeSafetensors(path, weightsToWrite(weights), PYTORCH);
}

export async function readWeights(path: string): Promise<Record<string, HostTensor>> {
  const file = await SafetensorsFile.open(path);
  try {
    const weights: Record<string, HostTensor> = {};
    for (const [name, { shape }] of file.tensors) weights[name] = { shape, data: await file.float32(name) };
    return weights;
  } finally {
    await file.close();
  }
}

function toWrite([name, { shape, data }]: readonly [string, HostTensor]) {
  return { name, type: 'F32' as const, shape: [...shape], data: () => data };
}

function parseProgress(text: string | undefined, path: string): TrainingProgress {
  try {
    return progressSchema.parse(JSON.parse(text ?? 'null'));
  } catch (error) {
    throw new CorruptionError(
      `${path} is a safetensors file but not a checkpoint of a training.`,
      AGAIN,
      error,
    );
  }
}
