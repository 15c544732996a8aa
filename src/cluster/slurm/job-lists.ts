/**
 * Which stages the tasks of a job compute, in a file of the storage whose name is the job's comment: by it a later run
 * finds the jobs of an earlier one. Slurm refuses a comment of more than 1,024 characters, and sixty fingerprints have more.
 */
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { readTextIfThere, writeFileAtomic } from '../../common/files.ts';

/** Of each task the fingerprints of its stages. */
export type JobList = readonly (readonly string[])[];

const NAME = /^parlance-[0-9a-f-]{36}$/;
const listSchema = z.array(z.array(z.string()));

/** Returns the list's name. */
export async function writeJobList(storage: string, list: JobList): Promise<string> {
  const name = `parlance-${randomUUID()}`;
  await mkdir(join(storage, 'slurm', 'lists'), { recursive: true });
  await writeFileAtomic(pathOf(storage, name), `${JSON.stringify(list)}\n`);
  return name;
}

/** Nothing for jobs that are not ours, or of another storage. */
export async function readJobList(storage: string, name: string): Promise<JobList> {
  const text = NAME.test(name) ? await readTextIfThere(pathOf(storage, name)) : undefined;
  return text === undefined ? [] : listSchema.parse(JSON.parse(text));
}

function pathOf(storage: string, name: string): string {
  return join(storage, 'slurm', 'lists', `${name}.json`);
}
