/**
 * Checkpoints: one safetensors file with weights and moments, and in its metadata the progress (step, sampler position,
 * history): whole or not there at all. What changes in a training is as large as its weights three times over, so tensors
 * are written one at a time.
 */
import { createHash, type Hash } from 'node:crypto';
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

const loweringSchema = z.object({
  /** How many times the rate was lowered. */
  times: z.number().int(),
  /** For the schedule and the optimizer, the step whose weights and moments it went on with. */
  from: z.number().int(),
  /** The step after which it was lowered. */
  begun: z.number().int(),
});

/** A lower rate from the best step on, where the validation loss falls no more (stopping.ts). */
export type Lowering = z.infer<typeof loweringSchema>;

const progressSchema = z.object({
  step: z.number().int(),
  /** Tokens trained on since the first step. */
  tokens: z.number(),
  /** What this training consumed since its start, which may be a later step than the first. */
  spent: z.object({ tokens: z.number(), flops: z.number(), seconds: z.number() }),
  sampler: z.unknown(),
  /** Absent while the schedule that was planned is followed. */
  decay: decaySchema.optional(),
  /** The last one; absent before the rate was lowered. */
  lowering: loweringSchema.optional(),
  training: z.array(pointSchema),
  validation: z.array(pointSchema),
});

/** How far a training is; everything that a resumed one needs besides the tensors. */
export type TrainingProgress = z.infer<typeof progressSchema>;

export interface Checkpoint {
  readonly progress: TrainingProgress;
  /** Trained tensors and their moments; tensors that are not trained come from the training's inputs. */
  readonly state: Readonly<Record<string, HostTensor>>;
}

/** Tensors by name, each read when it is asked for: a state of an engine, or what stands in host memory. */
type TensorReader = (name: string) => Promise<HostTensor>;

/** Tensors in a place, by name. */
export interface Tensors {
  readonly names: readonly string[];
  readonly read: TensorReader;
}

/**
 * Writes tensors; each is read twice. `read` may throw, for a value that must not be kept: nothing is
 * written then.
 */
export async function writeCheckpoint(
  path: string,
  progress: TrainingProgress,
  { names, read }: Tensors,
): Promise<void> {
  const text = JSON.stringify(progress);
  const hash = createHash('sha256').update(text);
  const tensors: TensorToWrite[] = [];
  for (const name of [...names].sort()) {
    const { shape, data } = await read(name);
    addTo(hash, name, data);
    tensors.push({ name, type: 'F32', shape: [...shape], data: async () => (await read(name)).data });
  }
  await writeSafetensors(path, tensors, { progress: text, sha256: hash.digest('hex') });
}

export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const file = await SafetensorsFile.open(path);
  try {
    const progress = parseProgress(file.metadata.progress, path);
    const state: Record<string, HostTensor> = {};
    for await (const [name, tensor] of checkedTensors(file)) state[name] = tensor;
    return { progress, state };
  } finally {
    await file.close();
  }
}

/** The tensors of a checkpoint, one at a time. That its contents changed is known, and thrown, only after the last. */
export async function* checkpointTensors(path: string): AsyncGenerator<readonly [string, HostTensor]> {
  const file = await SafetensorsFile.open(path);
  try {
    yield* checkedTensors(file);
  } finally {
    await file.close();
  }
}

async function* checkedTensors(file: SafetensorsFile): AsyncGenerator<readonly [string, HostTensor]> {
  const { progress = '', sha256 } = file.metadata;
  const hash = createHash('sha256').update(progress);
  const names = [...file.tensors].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, { shape }] of names) {
    const data = await file.float32(name);
    addTo(hash, name, data);
    yield [name, { shape, data }];
  }
  // Checkpoints of stable phases, which live on in the store, were once written without a checksum.
  if (sha256 !== undefined && hash.digest('hex') !== sha256) throw changed(file.path);
}

/** Of every value, so that a resumed training never goes on from anything else. */
function addTo(hash: Hash, name: string, { buffer, byteOffset, byteLength }: Float32Array): void {
  hash.update(name).update(new Uint8Array(buffer, byteOffset, byteLength));
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
