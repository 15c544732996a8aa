/**
 * How jobs are asked for, from the user's own settings file, `settings.json` in Parlance's state folder: the cluster is the
 * user's business, and `parlance.json` travels with the text.
 */
import { join } from 'node:path';
import * as z from 'zod';
import { InputError } from '../../common/errors.ts';
import { readTextIfThere } from '../../common/files.ts';
import { stateFolder } from '../../common/state-folder.ts';

const word = z
  .string()
  .min(1)
  .regex(/^[^\s'"`$\\]+$/, 'must be one word');

const slurmSchema = z.strictObject({
  partition: word.optional(),
  account: word.optional(),
  qos: word.optional(),
  /** Generic resources, for example `gpu:1`. */
  gres: word.optional(),
  constraint: word.optional(),
  /** The longest that a job may ask for, as Slurm writes it (`4:00:00`, `2-0`); else what is predicted, with a margin. */
  time: word.optional(),
  /** For each job, for example `8G`; else what is predicted, with a margin. */
  memory: word.optional(),
  threads: z.int().min(1).default(2),
  /** Jobs that run at the same time, of each array. */
  concurrent: z.int().min(1).optional(),
  /** Lines for the head of each job's script, for example `module load nodejs/20`. */
  setup: z.array(z.string()).default([]),
});
export type SlurmSettings = z.infer<typeof slurmSchema>;

const settingsSchema = z.object({
  execution: z.object({ slurm: slurmSchema.optional() }).optional(),
});

export function settingsPath(): string {
  return join(stateFolder(), 'settings.json');
}

/** Defaults where there is no file. Throws `InputError` with the key and what is allowed. */
export async function readSlurmSettings(path = settingsPath()): Promise<SlurmSettings> {
  const text = await readTextIfThere(path);
  if (text === undefined) return slurmSchema.parse({});
  const parsed = settingsSchema.safeParse(parseJson(text, path));
  if (parsed.success) return parsed.data.execution?.slurm ?? slurmSchema.parse({});
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new InputError(
    `${path}: ${problems.join('; ')}.`,
    'Correct the file; docs/cluster.md has an example.',
  );
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${path} is no JSON.`, 'Correct the file.', error);
  }
}
