/** What each stage of a run is predicted to need, for whoever must ask for it beforehand. */
import { type LoadedEngine, loadEngine } from '../../engines/names.ts';
import type { StageNeed } from '../../pipeline/executor.ts';
import { fingerprint, type Stage } from '../../pipeline/stage.ts';
import type { PreparedExperiment } from '../execution/prepared.ts';
import { estimatedBytesPerToken } from '../proposal/token-estimate.ts';
import {
  type PredictedStage,
  type Prediction,
  predictRun,
  TWO_CORES_FLOPS_PER_SECOND,
} from './prediction.ts';
import type { SplitTokens } from './stage-work.ts';
import { type TextFacts, textSeconds } from './text-seconds.ts';

/**
 * For stages that are computed elsewhere. `measures`: a speed that was never measured is measured now, on a few steps,
 * where the engine works here too; else that of two cores is counted on.
 */
export async function stageNeeds(
  prepared: PreparedExperiment,
  measures: boolean,
): Promise<(stage: Stage) => StageNeed> {
  const residentBytes = process.memoryUsage.rss();
  const known = await predictRun(prepared, { residentBytes, source: 'elsewhere' });
  const measured =
    measures && known.seconds === undefined ? await measuredHere(prepared, residentBytes) : undefined;
  const prediction = measured ?? known;
  const byStage = new Map(prediction.stages.map((one) => [one.fingerprint, secondsOf(one)]));
  const text = textFacts(prepared, prediction);
  const { peakBytes: bytes } = prediction;
  return (stage) => ({ seconds: byStage.get(fingerprint(stage)) ?? textSeconds(stage, text), bytes });
}

/** `undefined` where the engine cannot be used here. */
async function measuredHere(
  prepared: PreparedExperiment,
  residentBytes: number,
): Promise<Prediction | undefined> {
  const { services, engine: choice } = prepared;
  let loaded: LoadedEngine | undefined;
  try {
    loaded = await loadEngine(choice.name, services.threads);
    const engine = loaded.engine();
    const here = { ...prepared, services: { ...services, engine: () => engine } };
    return await predictRun(here, { residentBytes, source: 'measure' });
  } catch {
    return undefined;
  } finally {
    await loaded?.dispose();
  }
}

function secondsOf({ seconds, flops }: PredictedStage): number | undefined {
  return seconds?.expected ?? (flops === undefined ? undefined : flops / TWO_CORES_FLOPS_PER_SECOND);
}

function textFacts({ experiment, stages }: PreparedExperiment, prediction: Prediction): TextFacts {
  const bytesPerToken = estimatedBytesPerToken(experiment.plan.vocabulary);
  const bytes = new Map<string, number>();
  const corpora = [
    { of: stages.generic, size: prediction.generic },
    ...stages.domains.map((of, i) => ({ of, size: prediction.domains[i] })),
  ];
  for (const { of, size } of corpora) {
    if (of === undefined || size === undefined) continue;
    for (const stage of [of.corpus, of.tokens])
      bytes.set(fingerprint(stage), allTokens(size) * bytesPerToken);
  }
  return { bytes, bytesPerToken };
}

function allTokens({ train, validation, heldout }: SplitTokens): number {
  return train + validation + heldout;
}
