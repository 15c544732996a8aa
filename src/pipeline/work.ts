/**
 * The work folder of one stage: the artifact as far as it is made, the stage's checkpoints in `scratch`, and the cost
 * so far. It outlives failures and kills, so that the next attempt resumes; it goes when the artifact is finished.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Cost } from '../budget/ledger.ts';
import { CorruptionError } from '../common/errors.ts';
import { explainWriteError, makeFolderIn, readTextIfThere, writeFileAtomic } from '../common/files.ts';
import { addCosts, costSchema, NO_COST } from './cost.ts';
import { listFolder } from './folder.ts';
import { MANIFEST, type StageDescription, stageDescriptionSchema } from './manifest.ts';

const COST = 'cost.json';
const DESCRIPTION = 'stage.json';

export class WorkFolder {
  readonly path: string;
  /** True when an earlier attempt left this folder. */
  readonly resumed: boolean;
  #cost: Cost;

  private constructor(path: string, resumed: boolean, cost: Cost) {
    this.path = path;
    this.resumed = resumed;
    this.#cost = cost;
  }

  /** Makes the folder, or takes up what an earlier attempt left. Throws CorruptionError when that is damaged. */
  static async open(path: string, description: StageDescription): Promise<WorkFolder> {
    const before = await readWorkDescription(path);
    const cost = before === undefined ? NO_COST : await readCost(path);
    const storage = dirname(dirname(path));
    for (const part of ['artifact', 'scratch']) makeFolderIn(storage, join(path, part));
    if (before !== undefined) await removeTornFiles(path);
    if (before === undefined) await writeFileAtomic(join(path, DESCRIPTION), JSON.stringify(description));
    return new WorkFolder(path, before !== undefined, cost);
  }

  get artifact(): string {
    return join(this.path, 'artifact');
  }

  get scratch(): string {
    return join(this.path, 'scratch');
  }

  /** Booked so far, earlier attempts included. */
  get cost(): Cost {
    return this.#cost;
  }

  /** Adds to the cost and saves it before returning. */
  book(cost: Cost): void {
    this.bookTotal(addCosts(this.#cost, cost));
  }

  /** Sets the cost and saves it before returning; not flushed to the disk, which would cost more than it guards. */
  bookTotal(total: Cost): void {
    const path = join(this.path, COST);
    try {
      writeFileSync(`${path}.tmp`, JSON.stringify(total));
      renameSync(`${path}.tmp`, path);
    } catch (error) {
      throw explainWriteError(error, path);
    }
    this.#cost = total;
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

/** What is being made in a work folder; `undefined` when nothing was begun there. */
export async function readWorkDescription(path: string): Promise<StageDescription | undefined> {
  const text = await readTextIfThere(join(path, DESCRIPTION));
  return text === undefined
    ? undefined
    : parse(join(path, DESCRIPTION), () => stageDescriptionSchema.parse(JSON.parse(text)));
}

/** `temporaryBeside` of common/files.ts: what a kill in the middle of a writing leaves. */
const TEMPORARY = /(^|\/)\.[^/]+\.[0-9a-f]{12}\.tmp$/;

async function removeTornFiles(path: string): Promise<void> {
  for (const file of (await listFolder(path)).files) {
    if (TEMPORARY.test(file)) await rm(join(path, file), { force: true });
  }
  // A kill between the manifest and the rename leaves one; the stage finishes again and it is written anew.
  await rm(join(path, 'artifact', MANIFEST), { force: true });
}

async function readCost(path: string): Promise<Cost> {
  const text = await readTextIfThere(join(path, COST));
  return text === undefined ? NO_COST : parse(join(path, COST), () => costSchema.parse(JSON.parse(text)));
}

function parse<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new CorruptionError(
      `${path}, the record of an unfinished computation, cannot be read.`,
      'Run the same command again: the unfinished work is moved aside and begun anew.',
      error,
    );
  }
}
