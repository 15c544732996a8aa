/**
 * How fast earlier runs trained on a processor, from what their stages booked: a speed that was measured, for models
 * of the same shape. Runs of another processor or with another number of threads do not count.
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
  model: modelShapeSchema,
  context: count,
  projection: z.never().optional(),
});

/** The speed of each of these models that a run recorded, of the newest run that did; compilation is in the speed. */
export async function recordedSpeeds(
  plan: ExperimentPlan,
  models: readonly ModelName[],
  {
    store,
    threads,
    processor,
  }: { readonly store: ArtifactStore; readonly threads: number; readonly processor: string },
): Promise<readonly Omit<Calibration, 'steps'>[]> {
  const { runs } = await listRuns(store.storage);
  const own = runs
    .filter(({ record }) => record.versions.processor === processor && record.versions.threads === threads)
    .slice(0, RUNS);
  const found = new Map<ModelName, Omit<Calibration, 'steps'>>();
  for (const { record } of own) {
    if (found.size === models.length) break;
    for (const artifact of await pretrainedBy(record.id, store)) {
      const model = models.find((name) => isOfShape(artifact, plan, name));
      const { flops, tokens, seconds } = artifact.manifest.cost;
      if (model === undefined || found.has(model) || tokens <= 0 || seconds <= 0) continue;
      const speed = { trainingTokensPerSecond: tokens / seconds, flopsPerSecond: flops / seconds };
      found.set(model, { model, ...speed, compileSeconds: 0 });
    }
  }
  return [...found.values()];
}

async function pretrainedBy(runId: string, store: ArtifactStore): Promise<readonly Artifact[]> {
  const fingerprints = new Set<string>();
  for (const { event } of readEvents(eventsPath(store.storage, runId)).events) {
    if (event.type !== 'stage' || event.event.state !== 'finished') continue;
    if (event.event.kind === 'pretrain' || event.event.kind === 'pretrain-trunk') {
      fingerprints.add(event.event.fingerprint);
    }
  }
  const opened = [...fingerprints].map((id) =>
    store.open(id).catch((error: unknown) => {
      if (error instanceof CorruptionError) return undefined;
      throw error;
    }),
  );
  return (await Promise.all(opened)).filter((one) => one !== undefined);
}

function isOfShape(artifact: Artifact, plan: ExperimentPlan, name: ModelName): boolean {
  const parsed = densePretraining.safeParse(artifact.manifest.parameters);
  if (!parsed.success || parsed.data.context !== plan.context) return false;
  return sameShape(parsed.data.model, plan.models[name]);
}
