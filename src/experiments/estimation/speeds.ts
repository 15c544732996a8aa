/**
 * How fast earlier runs trained on a processor, from what their stages booked: a speed that was measured, for models
 * of the same shape. Runs of another processor or with another number of threads do not count, nor what another engine trained.
 */
import * as z from 'zod';
import { CorruptionError } from '../../common/errors.ts';
import { modelShapeSchema, sameShape } from '../../common/model-size.ts';
import type { ExperimentPlan, ModelName } from '../../methods/experiment-plan.ts';
import type { Artifact, ArtifactStore } from '../../pipeline/store.ts';
import { readEvents } from '../runs/events.ts';
import { eventsPath, listRuns } from '../runs/runs.ts';
import type { Calibration } from './calibration.ts';

/** Older runs say little that the newest do not. */
const RUNS = 5;

const count = z.number();
const densePretraining = z.object({
  engine: z.string(),
  model: modelShapeSchema,
  context: count,
  projection: z.never().optional(),
});

interface RecordedOn {
  readonly store: ArtifactStore;
  readonly engineName: string;
  readonly threads: number;
  readonly processor: string;
}

/** The speed of each of these models that a run recorded, of the newest run that did; compilation is in the speed. */
export async function recordedSpeeds(
  plan: ExperimentPlan,
  models: readonly ModelName[],
  { store, engineName, threads, processor }: RecordedOn,
): Promise<readonly Omit<Calibration, 'steps'>[]> {
  const { runs } = await listRuns(store.storage);
  const own = runs
    .filter(({ record }) => record.versions.processor === processor && record.versions.threads === threads)
    .slice(0, RUNS);
  const found = new Map<ModelName, Omit<Calibration, 'steps'>>();
  for (const { record } of own) {
    if (found.size === models.length) break;
    for (const artifact of await pretrainedBy(record.id, store)) {
      const trained = densePretraining.safeParse(artifact.manifest.parameters).data;
      if (trained?.engine !== engineName || trained.context !== plan.context) continue;
      const model = models.find((name) => sameShape(trained.model, plan.models[name]));
      const { flops, tokens, seconds } = artifact.manifest.cost;
      if (model === undefined || found.has(model) || tokens <= 0 || seconds <= 0) continue;
      const speed = { trainingTokensPerSecond: tokens / seconds, flopsPerSecond: flops / seconds };
      found.set(model, { model, ...speed, compileSeconds: 0 });
    }
  }
  return [...found.values()];
}

async function pretrainedBy(runId: string, store: ArtifactStore): Promise<readonly Artifact[]> {
  const fingerprints = (await unlessDamaged(() => pretrainings(store.storage, runId))) ?? [];
  const opened = await Promise.all(fingerprints.map((id) => unlessDamaged(() => store.open(id))));
  return opened.filter((one) => one !== undefined);
}

async function pretrainings(storage: string, runId: string): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const { event } of readEvents(eventsPath(storage, runId)).events) {
    if (event.type !== 'stage' || event.event.state !== 'finished') continue;
    if (event.event.kind === 'pretrain' || event.event.kind === 'pretrain-trunk') {
      found.add(event.event.fingerprint);
    }
  }
  return [...found];
}

/** What is damaged tells no speed; whoever needs it says so. */
async function unlessDamaged<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CorruptionError) return undefined;
    throw error;
  }
}
