/** What each stage of a run is predicted to need, for whoever must ask for it beforehand. */
import type { StageNeed } from '../../pipeline/executor.ts';
import { fingerprint, type Stage } from '../../pipeline/stage.ts';
import type { PreparedExperiment } from '../execution/prepared.ts';
import { predictRun } from './prediction.ts';

/** Of stages without products (reading, tokenizing, comparing text), whose time no speed tells. */
export const TEXT_SECONDS = 60;

/** A speed that was never measured is measured now, on a few steps. */
export async function stageNeeds(prepared: PreparedExperiment): Promise<(stage: Stage) => StageNeed> {
  const residentBytes = process.memoryUsage.rss();
  const recorded = await predictRun(prepared, { residentBytes, source: 'recorded' });
  const prediction =
    recorded.seconds === undefined
      ? await predictRun(prepared, { residentBytes, source: 'measure' })
      : recorded;
  const byStage = new Map(prediction.stages.map((one) => [one.fingerprint, one.seconds?.expected]));
  const { peakBytes: bytes } = prediction;
  return (stage) => ({ seconds: byStage.get(fingerprint(stage)) ?? TEXT_SECONDS, bytes });
}
