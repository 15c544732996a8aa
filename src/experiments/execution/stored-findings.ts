/** What earlier work left of an experiment: which stages a run finished, and all that the store holds of it as it is now. */
import { CorruptionError } from '../../common/errors.ts';
import { fingerprint, type Stage } from '../../pipeline/stage.ts';
import { readEvents } from '../runs/events.ts';
import { eventsPath, type RunRecord } from '../runs/runs.ts';
import type { GridPoint } from './grid-point.ts';
import { Findings } from './measurements.ts';
import type { ExperimentEnvironment, PreparedExperiment } from './prepared.ts';

/** The stages that attempts at a run finished, from its log. */
export function finishedBy(storage: string, id: string): Set<string> {
  const finished = new Set<string>();
  for (const { event } of readEvents(eventsPath(storage, id)).events) {
    if (event.type === 'stage' && event.event.state === 'finished') finished.add(event.event.fingerprint);
  }
  return finished;
}

/** All that the store holds of an experiment as it is now. */
export async function storedFindings(
  prepared: PreparedExperiment,
  environment: Pick<ExperimentEnvironment, 'command' | 'version' | 'executor'>,
  run: Pick<RunRecord, 'id' | 'created'>,
  computed: ReadonlySet<string>,
): Promise<Findings> {
  const findings = new Findings(prepared, environment, run);
  for (const id of computed) findings.computed.add(id);
  for (const point of await measuredPoints(prepared)) await findings.add(point);
  return findings;
}

/** Whose evaluations are there, and their models unless those were imported. */
export async function measuredPoints(prepared: PreparedExperiment): Promise<GridPoint[]> {
  const measured: GridPoint[] = [];
  for (const point of prepared.stages.points) {
    const isStored = (stage: Stage) => isUsable(prepared, fingerprint(stage));
    if (!(await isStored(point.evaluation))) continue;
    if (point.imported !== undefined || (await isStored(point.model))) measured.push(point);
  }
  return measured;
}

async function isUsable({ services }: PreparedExperiment, id: string): Promise<boolean> {
  try {
    return (await services.store.open(id)) !== undefined;
  } catch (error) {
    if (error instanceof CorruptionError) return false;
    throw error;
  }
}
