/** What each stage of a run is predicted to need, for whoever must ask for it beforehand. */
import type { StageNeed } from '../../pipeline/executor.ts';
import { fingerprint, type Stage } from '../../pipeline/stage.ts';
import type { PreparedExperiment } from '../execution/prepared.ts';
import { estimatedBytesPerToken } from '../proposal/token-estimate.ts';
import { type Prediction, predictRun } from './prediction.ts';
import type { SplitTokens } from './stage-work.ts';
import { type TextFacts, textSeconds } from './text-seconds.ts';

/** A speed that was never measured is measured now, on a few steps. */
export async function stageNeeds(prepared: PreparedExperiment): Promise<(stage: Stage) => StageNeed> {
  const residentBytes = process.memoryUsage.rss();
  const recorded = await predictRun(prepared, { residentBytes, source: 'recorded' });
  const prediction =
    recorded.seconds === undefined
      ? await predictRun(prepared, { residentBytes, source: 'measure' })
      : recorded;
  const byStage = new Map(prediction.stages.map((one) => [one.fingerprint, one.seconds?.expected]));
  const text = textFacts(prepared, prediction);
  const { peakBytes: bytes } = prediction;
  return (stage) => ({ seconds: byStage.get(fingerprint(stage)) ?? textSeconds(stage, text), bytes });
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
