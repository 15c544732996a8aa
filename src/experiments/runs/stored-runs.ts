/** All runs of a storage by what they logged. */
import { CorruptionError } from '../../common/errors.ts';
import { readEvents } from './events.ts';
import { foldRun } from './run-fold.ts';
import type { RunView } from './run-view.ts';
import { eventsPath, listRuns, runOwner } from './runs.ts';

export interface StoredRuns {
  /** The newest first. */
  readonly runs: readonly RunView[];
  /** Ids of those whose log or record cannot be read. */
  readonly damaged: readonly string[];
}

export async function storedRuns(storage: string): Promise<StoredRuns> {
  const listed = await listRuns(storage);
  const damaged = [...listed.damaged];
  const runs: RunView[] = [];
  for (const { record, status } of listed.runs) {
    try {
      const { events } = readEvents(eventsPath(storage, record.id));
      runs.push(foldRun({ storage, record, status, pid: runOwner(storage, record.id)?.pid }, events));
    } catch (error) {
      if (!(error instanceof CorruptionError)) throw error;
      damaged.push(record.id);
    }
  }
  return { runs, damaged };
}
