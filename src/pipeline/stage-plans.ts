/**
 * Stages as descriptions in the storage, for processes that were not there when they were planned:
 *
 *     plans/<fingerprint>.json   one stage, which names its inputs by fingerprint
 */
import { join } from 'node:path';
import { CorruptionError, InputError } from '../common/errors.ts';
import { makeFolderIn, readTextIfThere, writeFileAtomic } from '../common/files.ts';
import { type StageDescription, stageDescriptionSchema } from './manifest.ts';
import { describe } from './runner.ts';
import { fingerprint, type Stage } from './stage.ts';

/** Writes each stage and all that it is made from. */
export async function writeStagePlans(storage: string, stages: readonly Stage[]): Promise<void> {
  const all = new Map<string, Stage>();
  const collect = (stage: Stage): void => {
    const id = fingerprint(stage);
    if (all.has(id)) return;
    all.set(id, stage);
    for (const input of Object.values(stage.inputs)) collect(input);
  };
  for (const stage of stages) collect(stage);
  makeFolderIn(storage, join(storage, 'plans'));
  // Written again although they may be there: the places of files are those of now.
  for (const [id, stage] of all) {
    await writeFileAtomic(planPath(storage, id), `${JSON.stringify(describe(stage))}\n`);
  }
}

/** The descriptions of a stage and of all that it is made from. Throws `InputError`, `CorruptionError`. */
export async function readStagePlans(
  storage: string,
  id: string,
): Promise<ReadonlyMap<string, StageDescription>> {
  const found = new Map<string, StageDescription>();
  const read = async (one: string): Promise<void> => {
    if (found.has(one)) return;
    const description = await readPlan(storage, one);
    found.set(one, description);
    for (const input of Object.values(description.inputs)) await read(input);
  };
  await read(id);
  return found;
}

async function readPlan(storage: string, id: string): Promise<StageDescription> {
  const path = planPath(storage, id);
  const text = /^[0-9a-f]{64}$/.test(id) ? await readTextIfThere(path) : undefined;
  if (text === undefined) {
    throw new InputError(
      `No plan in ${storage} names the stage ${id}.`,
      'Give the whole fingerprint, and the storage that the run was planned in.',
    );
  }
  try {
    return stageDescriptionSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new CorruptionError(`${path} cannot be read.`, 'Start the run again: it writes it anew.', error);
  }
}

function planPath(storage: string, id: string): string {
  return join(storage, 'plans', `${id}.json`);
}
