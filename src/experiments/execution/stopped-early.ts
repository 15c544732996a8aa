/** `stopped-early.json`: what stands beside a model whose training was stopped and that was kept. */
import { join } from 'node:path';
import * as z from 'zod';
import { CorruptionError } from '../../common/errors.ts';
import { readTextIfThere } from '../../common/files.ts';

export const STOPPED_EARLY_FILE = 'stopped-early.json';

const heldOutSchema = z.object({ domain: z.string(), perplexity: z.number(), bitsPerByte: z.number() });

const stoppedEarlySchema = z.object({
  format: z.literal(1),
  title: z.string(),
  method: z.string(),
  run: z.string(),
  /** The training that was stopped, and the fingerprint of the artifact that it would have left. */
  stage: z.string(),
  fingerprint: z.string(),
  stoppedAtStep: z.number(),
  /** Steps that it was to take at most; absent where unknown. */
  ofSteps: z.number().optional(),
  /** The step whose weights these are. */
  step: z.number(),
  /** In nats a token on the validation split; absent in pretraining, which is not validated. */
  validationLoss: z.number().optional(),
  /** Absent when not measured. */
  heldOut: heldOutSchema.optional(),
});
export type StoppedEarly = z.infer<typeof stoppedEarlySchema>;

/** `undefined` when nothing is said of the model. Throws CorruptionError. */
export async function readStoppedEarly(folder: string): Promise<StoppedEarly | undefined> {
  const path = join(folder, STOPPED_EARLY_FILE);
  const text = await readTextIfThere(path);
  if (text === undefined) return undefined;
  try {
    return stoppedEarlySchema.parse(JSON.parse(text));
  } catch (error) {
    throw new CorruptionError(
      `${path} cannot be read.`,
      'Remove that file; the model itself is whole.',
      error,
    );
  }
}
