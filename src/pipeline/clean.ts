/**
 * How much the storage holds, for whom, and making room. Nothing goes that a live process computes or reads: a
 * running stage protects its inputs, a live run all it refers to. Run records are small and hold what was found: only
 * those of killed runs go, once a later run has done and told the same.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CorruptionError } from '../common/errors.ts';
import { entriesIfThere, measureBytes } from './folder.ts';
import { lockOwner, tryLock } from './lock.ts';
import { type ArtifactDescription, readManifest } from './manifest.ts';
import type { ArtifactStore } from './store.ts';
import { readWorkDescription } from './work.ts';

/** A run as far as the storage is concerned. */
export interface RunReference {
  readonly id: string;
  readonly live: boolean;
  /** Its process was killed, and its record tells nothing that newer records and the store do not. */
  readonly isSuperfluous: boolean;
  readonly fingerprints: readonly string[];
}

export interface StoredStage {
  readonly fingerprint: string;
  /** Empty when the description is damaged. */
  readonly label: string;
  readonly bytes: number;
  /** Ids of the runs that it is part of, directly or through what was made from it. */
  readonly runs: readonly string[];
  /** A live process computes or reads it. */
  readonly inUse: boolean;
}

export interface StorageUse {
  readonly artifacts: readonly StoredStage[];
  /** Unfinished work. */
  readonly work: readonly StoredStage[];
  readonly quarantine: readonly { readonly name: string; readonly bytes: number }[];
  readonly runs: readonly { readonly id: string; readonly bytes: number }[];
  readonly totalBytes: number;
}

export async function measureStorage(
  store: ArtifactStore,
  runs: readonly RunReference[],
): Promise<StorageUse> {
  const known = await describeAll(store);
  const users = await usersOf(known, runs);
  const running = [...known.values()].filter(({ fingerprint }) => isLocked(store, fingerprint));
  const used = new Set<string>();
  const live = runs.filter((run) => run.live).flatMap((run) => run.fingerprints);
  spread(known, [...running.map(({ fingerprint }) => fingerprint), ...live], (id) => used.add(id));
  const stored = async (fingerprint: string, folder: string): Promise<StoredStage> => ({
    fingerprint,
    label: known.get(fingerprint)?.label ?? '',
    bytes: await measureBytes(folder),
    runs: [...(users.get(fingerprint) ?? [])],
    inUse: used.has(fingerprint) || isLocked(store, fingerprint),
  });
  const artifacts: StoredStage[] = [];
  for (const id of await store.list()) artifacts.push(await stored(id, store.artifactFolder(id)));
  const work: StoredStage[] = [];
  for (const id of await store.listWork()) work.push(await stored(id, store.workFolder(id)));
  const quarantine = (await measureEntries(store.quarantineFolder)).map(([name, bytes]) => ({ name, bytes }));
  const records = (await measureEntries(join(store.storage, 'runs'))).map(([id, bytes]) => ({ id, bytes }));
  const totalBytes = [...artifacts, ...work, ...quarantine, ...records].reduce(
    (sum, { bytes }) => sum + bytes,
    0,
  );
  return { artifacts, work, quarantine, runs: records, totalBytes };
}

/**
 * `unreferenced`: artifacts and unfinished work that no run refers to, and superfluous records. `work`: all unfinished work. `quarantine`:
 * what was moved aside as damaged. `all`: all of these and every other artifact.
 */
export type CleanWhat = 'unreferenced' | 'work' | 'quarantine' | 'all';

export interface CleanOptions {
  readonly what: CleanWhat;
  readonly runs: readonly RunReference[];
  /** Only tells what would go. */
  readonly dryRun: boolean;
}

export interface Removed {
  /** Relative to the storage folder. */
  readonly path: string;
  readonly label: string;
  readonly bytes: number;
}

/** Removes, or tells what it would remove. What is in use stays and is not listed. */
export async function clean(store: ArtifactStore, options: CleanOptions): Promise<Removed[]> {
  const { what } = options;
  const use = await measureStorage(store, options.runs);
  const goes = (one: StoredStage, always: boolean): boolean =>
    !one.inUse && (always || what === 'all' || (what === 'unreferenced' && one.runs.length === 0));
  const removed: Removed[] = [];
  const remove = async (folder: string, { fingerprint, label, bytes }: StoredStage): Promise<void> => {
    if (
      !options.dryRun &&
      !(await removeLocked(store, join(store.storage, folder, fingerprint), fingerprint))
    )
      return;
    removed.push({ path: `${folder}/${fingerprint}`, label, bytes });
  };
  for (const one of use.artifacts) if (goes(one, false)) await remove('artifacts', one);
  for (const one of use.work) if (goes(one, what === 'work')) await remove('work', one);
  if (what === 'unreferenced' || what === 'all') {
    for (const { id } of options.runs.filter(({ isSuperfluous }) => isSuperfluous)) {
      const bytes = use.runs.find((run) => run.id === id)?.bytes ?? 0;
      if (options.dryRun || (await removeRunRecord(store, id)))
        removed.push({ path: `runs/${id}`, label: 'record of a killed run', bytes });
    }
  }
  if (what !== 'quarantine' && what !== 'all') return removed;
  for (const { name, bytes } of use.quarantine) {
    if (!options.dryRun) await rm(join(store.quarantineFolder, name), { recursive: true, force: true });
    removed.push({ path: `quarantine/${name}`, label: '', bytes });
  }
  return removed;
}

/** Removes the record of a killed run. False when something has taken the run up meanwhile. */
export async function removeRunRecord(store: ArtifactStore, id: string): Promise<boolean> {
  const folder = join(store.storage, 'runs', id);
  const lock = tryLock(join(folder, 'lock'));
  if (lock === undefined) return false;
  try {
    await rm(await store.moveAside(folder, id), { recursive: true, force: true });
    return true;
  } finally {
    lock.release();
  }
}

/** First renamed, so that a kill in the middle leaves no half of an artifact. False when it came into use meanwhile. */
async function removeLocked(store: ArtifactStore, folder: string, fingerprint: string): Promise<boolean> {
  const lock = tryLock(store.lockFolder(fingerprint));
  if (lock === undefined) return false;
  try {
    if (await isReadNow(store, fingerprint)) return false;
    await rm(await store.moveAside(folder, fingerprint), { recursive: true, force: true });
    return true;
  } finally {
    lock.release();
  }
}

/** Whether a running stage has it as an input; asked under its lock, as the runner does before it starts (runner.ts). */
async function isReadNow(store: ArtifactStore, fingerprint: string): Promise<boolean> {
  for (const id of await store.listWork()) {
    if (!isLocked(store, id)) continue;
    const description = await readWorkDescription(store.workFolder(id));
    if (Object.values(description?.inputs ?? {}).includes(fingerprint)) return true;
  }
  return false;
}

function isLocked(store: ArtifactStore, fingerprint: string): boolean {
  return lockOwner(store.lockFolder(fingerprint)) !== undefined;
}

/** Finished and begun stages by fingerprint; those whose description is damaged are left out. */
async function describeAll(store: ArtifactStore): Promise<Map<string, ArtifactDescription>> {
  const known = new Map<string, ArtifactDescription>();
  const add = async (read: Promise<ArtifactDescription | undefined>): Promise<void> => {
    try {
      const description = await read;
      if (description !== undefined) known.set(description.fingerprint, description);
    } catch (error) {
      if (!(error instanceof CorruptionError)) throw error;
    }
  };
  for (const id of await store.list()) await add(readManifest(store.artifactFolder(id), id));
  for (const id of await store.listWork()) await add(readWorkDescription(store.workFolder(id)));
  return known;
}

async function usersOf(
  known: ReadonlyMap<string, ArtifactDescription>,
  runs: readonly RunReference[],
): Promise<Map<string, Set<string>>> {
  const users = new Map<string, Set<string>>();
  for (const run of runs) {
    spread(known, run.fingerprints, (id) => users.set(id, (users.get(id) ?? new Set()).add(run.id)));
  }
  return users;
}

/** Calls `visit` for stages and all they were made from, each once. */
function spread(
  known: ReadonlyMap<string, ArtifactDescription>,
  from: readonly string[],
  visit: (id: string) => void,
): void {
  const seen = new Set<string>();
  const queue = [...from];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    visit(id);
    queue.push(...Object.values(known.get(id)?.inputs ?? {}));
  }
}

async function measureEntries(folder: string): Promise<[string, number][]> {
  const sizes: [string, number][] = [];
  for (const name of await entriesIfThere(folder)) sizes.push([name, await measureBytes(join(folder, name))]);
  return sizes;
}
