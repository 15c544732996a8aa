/**
 * What the records of runs refer to, for `clean`, and which of them are superfluous: a killed run leaves a record that
 * says so, until a later run has done all that it was asked. Whoever starts the same thing a hundred times and is killed
 * each time would find a hundred of them.
 */
import { isDeepStrictEqual } from 'node:util';
import { CorruptionError, InputError } from '../../common/errors.ts';
import { type RunReference, removeRunRecord } from '../../pipeline/clean.ts';
import { isOrphaned, lockOwner } from '../../pipeline/lock.ts';
import { ArtifactStore } from '../../pipeline/store.ts';
import { endStates, type RunEvent, readEvents } from './events.ts';
import { eventsPath, lockPath, type RunRecord, readRunRecord, runFolder, runIds } from './runs.ts';

interface Told {
  readonly id: string;
  /** `undefined` when it is damaged. */
  readonly record: RunRecord | undefined;
  readonly events: readonly RunEvent[];
  readonly fingerprints: ReadonlySet<string>;
}

/** All runs, the oldest first, for `clean` and `measureStorage`. Throws CorruptionError for a damaged log. */
export async function runReferences(storage: string): Promise<RunReference[]> {
  const finished = new Set(await new ArtifactStore(storage).list());
  const newer: Told[] = [];
  const references: RunReference[] = [];
  for (const id of (await runIds(storage)).reverse()) {
    const lock = lockPath(runFolder(storage, id));
    const told = await toldBy(storage, id);
    const isSuperfluous = isOrphaned(lock) && tellsNothingNew(told, newer, finished);
    if (!isSuperfluous) newer.push(told);
    references.push({
      id,
      live: lockOwner(lock) !== undefined,
      isSuperfluous,
      fingerprints: [...told.fingerprints],
    });
  }
  return references.reverse();
}

/** Removes superfluous records, as far as that can be done: it is called when a run has begun, and must not end that. */
export async function tidyKilledRuns(storage: string): Promise<void> {
  try {
    for (const { id, isSuperfluous } of await runReferences(storage)) {
      if (isSuperfluous) await removeRunRecord(new ArtifactStore(storage), id);
    }
  } catch {
    // What is damaged or may not be removed stays until the next run, or for `clean`, which says so.
  }
}

async function toldBy(storage: string, id: string): Promise<Told> {
  const events = readEvents(eventsPath(storage, id)).events.map(({ event }) => event);
  const record = await readRunRecord(storage, id).catch((error: unknown) => {
    if (error instanceof CorruptionError || error instanceof InputError) return undefined;
    throw error;
  });
  return { id, record, events, fingerprints: referencedFingerprints(events) };
}

function referencedFingerprints(events: readonly RunEvent[]): Set<string> {
  const found = new Set<string>();
  for (const event of events) {
    if (event.type === 'plan') for (const id of event.fingerprints) found.add(id);
    if (event.type === 'stage') found.add(event.event.fingerprint);
  }
  return found;
}

/**
 * A newer run was asked the same or more; each stage is finished, so that its curve is in the store and nothing is to be
 * resumed, and belongs to a newer run; each measurement is a newer run's too; and no attempt ended in words.
 */
function tellsNothingNew(own: Told, newer: readonly Told[], finished: ReadonlySet<string>): boolean {
  if (!newer.some((other) => asksForAllOf(other.record, own.record))) return false;
  if (own.events.some((event) => event.type === 'state' && endStates.some((state) => state === event.state)))
    return false;
  for (const id of own.fingerprints) {
    if (!finished.has(id) || !newer.some(({ fingerprints }) => fingerprints.has(id))) return false;
  }
  const measured = newer.flatMap(({ events }) => events.filter(({ type }) => type === 'measurement'));
  return own.events.every(
    (event) => event.type !== 'measurement' || measured.some((other) => isDeepStrictEqual(other, event)),
  );
}

function asksForAllOf(other: RunRecord | undefined, own: RunRecord | undefined): boolean {
  if (other === undefined || own === undefined) return false;
  return (
    isDeepStrictEqual(other.configuration, own.configuration) &&
    other.experimentFile === own.experimentFile &&
    own.seeds.every((seed) => other.seeds.includes(seed)) &&
    (own.methods ?? []).every((method) => other.methods?.includes(method))
  );
}
