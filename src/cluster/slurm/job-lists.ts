/**
 * Which stages the tasks of a job compute, in a file of the storage whose name is the job's comment: by it a later run
 * finds the jobs of an earlier one. Slurm refuses a comment of more than 1,024 characters, and sixty fingerprints have more.
 * The file also says which process follows the jobs as its own: when that is dead the next run takes its place.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod';
import { makeFolderIn, readTextIfThere, writeFileAtomic } from '../../common/files.ts';
import { type ProcessIdentity, processIdentitySchema, thisProcess } from '../../pipeline/owner.ts';
import { JOB_NAME } from './script.ts';

/** Of each task the fingerprints of its stages. */
export type Tasks = readonly (readonly string[])[];

export interface JobList {
  readonly tasks: Tasks;
  /** Nobody once that has taken the jobs back. */
  readonly owner: ProcessIdentity | null;
}

const NAME = /^parlance-[0-9a-f-]{36}$/;
const listSchema = z.object({ owner: processIdentitySchema.nullable(), tasks: z.array(z.array(z.string())) });

/** Returns the list's name. Its jobs are this process's. */
export async function writeJobList(storage: string, tasks: Tasks): Promise<string> {
  const name = `${JOB_NAME}-${randomUUID()}`;
  makeFolderIn(storage, join(storage, 'slurm', 'lists'));
  await setOwner(storage, name, { tasks, owner: thisProcess() });
  return name;
}

export async function setOwner(storage: string, name: string, list: JobList): Promise<void> {
  await writeFileAtomic(pathOf(storage, name), `${JSON.stringify(list)}\n`);
}

/** Nothing for jobs that are not ours, of another storage, or of a Parlance that wrote lists in another way. */
export async function readJobList(storage: string, name: string): Promise<JobList | undefined> {
  const text = NAME.test(name) ? await readTextIfThere(pathOf(storage, name)) : undefined;
  return text === undefined ? undefined : listSchema.safeParse(JSON.parse(text)).data;
}

function pathOf(storage: string, name: string): string {
  return join(storage, 'slurm', 'lists', `${name}.json`);
}
