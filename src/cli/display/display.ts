/** What shows a run while it goes on: live on a terminal, lines in a pipe, or JSON for programs. */

import { selectionInWords } from '../../budget/in-domain-size.ts';
import type { Measurement } from '../../budget/measurement.ts';
import { formatCompact, formatEstimate, formatPerplexity } from '../../common/format.ts';
import { isCapBound } from '../../experiments/report/training.ts';
import type { RunProgress } from '../../experiments/runs/run-progress.ts';
import type { StageEvent } from '../../pipeline/stage-event.ts';

export interface RunDisplay {
  /** `progress` has already taken the event in. */
  onStage(event: StageEvent, progress: RunProgress): void;
  onMeasurement(measurement: Measurement): void;
  /** A line for people about the run as a whole. */
  note(text: string): void;
  /** Ends the live area. */
  close(): Promise<void>;
}

/** `held-out perplexity 17.32: slm on docs, seed 1, pretrained on 524k, trained on 16k in-domain`: the number survives a cut. */
export function measurementText(measurement: Measurement): string {
  const { domain, method, seed, pretrainingTokens, perplexity } = measurement;
  const parts = [`${method} on ${domain}`, `seed ${seed}`];
  if (pretrainingTokens > 0) parts.push(`pretrained on ${formatCompact(pretrainingTokens)}`);
  parts.push(trainedInWords(measurement));
  if (isCapBound(measurement)) parts.push('ended by its cap near its best step');
  return `held-out perplexity ${formatPerplexity(perplexity)}: ${parts.join(', ')}`;
}

/** Before fine-tuning too, an in-domain set may have decided which model it is: by it, text or an expert was selected. */
function trainedInWords({ phase, domainTokens, requestedDomainTokens: set }: Measurement): string {
  if (phase === 'after fine-tuning') return `trained on ${formatCompact(domainTokens)} in-domain`;
  return `before fine-tuning${selectionInWords(set)}`;
}

/** `34 % of the predicted work, about 12 min 05 s left`. */
export function overallText(progress: RunProgress): string {
  const share = `${Math.floor(100 * progress.fraction)} % of the predicted work`;
  const { secondsLeft } = progress;
  return secondsLeft === undefined ? share : `${share}, about ${formatEstimate(secondsLeft)} left`;
}
