/**
 * Lists of generic windows that a selector left: which windows a model is pretrained on, repeats included. The
 * list is as long as the training that reads it.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as z from 'zod';
import { CorruptionError } from '../../../common/errors.ts';
import { writeFileAtomic } from '../../../common/files.ts';
import type { Json } from '../../../common/json.ts';
import { readOwnJson } from '../../../common/own-json.ts';

const LIST_FILE = 'windows.bin';
const REPORT_FILE = 'selection.json';

/** Writes the numbers of the windows, and what the selector says of its choice. */
export async function writeWindowList(directory: string, windows: Uint32Array, report: Json): Promise<void> {
  await writeFileAtomic(
    join(directory, LIST_FILE),
    new Uint8Array(windows.buffer, windows.byteOffset, windows.byteLength),
  );
  await writeFileAtomic(join(directory, REPORT_FILE), JSON.stringify(report, null, 2));
}

export async function readWindowList(directory: string): Promise<Uint32Array> {
  const path = join(directory, LIST_FILE);
  const bytes = await readFile(path);
  if (bytes.byteLength % Uint32Array.BYTES_PER_ELEMENT === 0)
    return new Uint32Array(Uint8Array.from(bytes).buffer);
  throw new CorruptionError(`${path} ends inside of a number.`, 'Remove the artifact and run again.');
}

/** What a selector said of its choice. */
export function readSelectionReport<T>(directory: string, schema: z.ZodType<T>): Promise<T> {
  return readOwnJson(join(directory, REPORT_FILE), schema);
}
