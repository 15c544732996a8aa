/** JSON files that Parlance wrote itself: what is not as it was written is damaged, and says what to do. */
import { readFile } from 'node:fs/promises';
import type * as z from 'zod';
import { CorruptionError } from './errors.ts';

const AGAIN = 'Remove the artifact and run again.';

/** Throws `CorruptionError`, and the system's error when the file cannot be read. */
export async function readOwnJson<T>(path: string, schema: z.ZodType<T>, hint = AGAIN): Promise<T> {
  const text = await readFile(path, 'utf8');
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new CorruptionError(`${path} is damaged.`, hint, error);
  }
}
